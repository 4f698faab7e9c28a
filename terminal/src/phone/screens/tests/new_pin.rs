//! PIN码设置: another PIN by the one that holds, by face, and after a kill.

use super::*;
use kapok_core::login::Outcome;
use kapok_core::types::PinState;
use kapok_core::{AppError, ErrorCode};

fn settings(state: PinState) -> Bench {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.choose("我的").choose("功能设置").choose("PIN码设置");
    assert!(matches!(bench.asked(), Effect::LoadPin));
    bench.reply(Reply::Pin(state));
    bench
}

fn set() -> PinState {
    PinState::Set {
        tries_left: Some(10),
        wait_seconds: 0,
    }
}

/// Types the new PIN twice; the rules take it.
fn twice(bench: &mut Bench) {
    bench.typed("193827").key(Key::Enter);
    let Effect::CheckPin(pin) = bench.asked() else {
        panic!("the rules are asked")
    };
    bench.reply(Reply::PinFits(pin));
    bench.typed("193827").key(Key::Enter);
}

fn face() -> HandoffView {
    HandoffView {
        handoff_id: HandoffId([3; 16]),
        purpose: Purpose::PinReset,
        match_code: "42".into(),
        expires_in: 300,
        code_asked: false,
        finishing: false,
    }
}

fn passed() -> Outcome {
    Outcome::Verified {
        purpose: Purpose::PinReset,
        handoff_id: HandoffId([3; 16]),
    }
}

#[test]
fn yqq_056_a_new_pin_twice_then_the_face_then_it_is_set() {
    let mut bench = settings(set());
    bench.shows(&["修改PIN码", "人脸识别重置PIN码", "剩余次数 10"]);
    bench.choose("人脸识别重置PIN码");
    twice(&mut bench);
    assert!(matches!(bench.asked(), Effect::StartReset(..)));
    bench.reply(Reply::FaceOpened(face()));
    assert_eq!(bench.name(), "Face");
    bench.effects.clear();
    bench.reply(Reply::Outcome(passed()));
    assert!(matches!(bench.asked(), Effect::FinishReset));
    bench.reply(Reply::PinSet);
    bench.shows(&["功能设置"]);
}

#[test]
fn yqq_056_after_a_kill_the_new_pin_is_asked_again() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.reply(Reply::Outcome(passed()));
    assert!(matches!(bench.asked(), Effect::FinishReset));
    bench.reply(Reply::PinAgain);
    bench.shows(&["人脸识别已通过，请再次输入新的PIN码"]);
    twice(&mut bench);
    assert!(matches!(bench.asked(), Effect::FinishResetWith(..)));
}

#[test]
fn a_pin_is_changed_by_the_one_that_holds() {
    let mut bench = settings(set());
    bench.choose("修改PIN码").typed("407285").key(Key::Enter);
    assert!(
        bench.effects.is_empty(),
        "the old one is judged by the guard alone"
    );
    twice(&mut bench);
    assert!(matches!(bench.asked(), Effect::ChangePin(..)));
    let wrong = AppError {
        tries_left: Some(6),
        wait_seconds: Some(60),
        ..AppError::new(ErrorCode::PinWrong)
    };
    bench.act(Action::Failed(wrong));
    bench.shows(&["PIN码错误", "当前PIN码", "请等待"]);
    assert!(!bench.text().contains('●'), "all are typed again");
}

#[test]
fn a_blocked_pin_is_reset_by_face_alone_and_a_reset_that_was_begun_goes_on() {
    let blocked = settings(PinState::Blocked);
    blocked.shows(&["已锁定", "人脸识别重置PIN码"]);
    assert!(!blocked.text().contains("修改PIN码"));
    let mut begun = settings(PinState::Resetting);
    begun.choose("继续重置PIN码");
    twice(&mut begun);
    assert!(matches!(begun.asked(), Effect::FinishResetWith(..)));
}
