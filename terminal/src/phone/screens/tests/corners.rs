//! What a person does wrong, or too early, or once too often.

use super::*;
use kapok_core::{AppError, ErrorCode, Event};

#[test]
fn yst_008_a_face_check_that_the_platform_refused_leaves_its_screen() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.reply(Reply::FaceOpened(handoff()));
    assert_eq!(bench.name(), "Face");
    bench.act(Action::Failed(AppError::new(ErrorCode::InviteMismatch)));
    bench.act(Action::Event(Event::HandoffChanged));
    assert!(matches!(bench.asked(), Effect::LoadFace));
    bench.reply(Reply::Face(None));
    assert_eq!(bench.name(), "Home");
    bench.shows(&["INVITE_MISMATCH"]);
}

#[test]
fn one_escape_too_many_does_not_close_the_phone() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.choose("我的").key(Key::Esc).key(Key::Esc);
    bench.shows(&["离开木棉"]);
    assert!(!bench.phone().quit);
    bench.key(Key::Esc);
    assert_eq!(bench.name(), "Home");
    bench.key(Key::Esc).key(Key::Enter);
    assert!(bench.phone().quit);
}

#[test]
fn yqq_019_no_address_is_chosen_for_the_user() {
    let mut bench = Bench::ready(Lang::ZhCn);
    let choices = vec!["https://a.example".into(), "https://b.example".into()];
    bench.session(State::SiteCheck {
        peer: peer(),
        rp: rp(),
        choices,
    });
    bench.key(Key::Enter);
    assert!(bench.effects.is_empty());
    bench.typed("2").key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::ChooseSite(site) if site == "https://b.example"));
}

#[test]
fn yqq_018_a_file_that_is_no_picture_is_named_in_one_sentence() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench
        .choose("扫一扫")
        .pasted("/nowhere/shot.png")
        .key(Key::Enter);
    bench.asked();
    let missing = crate::picture::read(std::path::Path::new("/nowhere/shot.png")).unwrap_err();
    bench.reply(Reply::Unreadable(missing));
    bench.shows(&["✗ 无法访问 /nowhere/shot.png：文件不存在。"]);
    assert_eq!(bench.name(), "Scan");
}

#[test]
fn while_an_answer_is_awaited_enter_sends_nothing_twice_and_escape_still_leaves() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.choose("数字证书").key(Key::Enter).key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::LoadCertificates));
    bench.key(Key::Esc);
    assert_eq!(bench.name(), "Home");
}

#[test]
fn a_login_that_is_over_leads_home_and_to_the_login_page() {
    let mut bench = Bench::ready(Lang::En);
    bench
        .choose("Certificates")
        .act(Action::Failed(AppError::new(ErrorCode::LoginRequired)));
    assert_eq!(bench.name(), "Login");
    bench.act(Action::Event(Event::LoggedOut));
    assert_eq!(bench.name(), "Home");
    bench.shows(&["Please log in"]);
}
