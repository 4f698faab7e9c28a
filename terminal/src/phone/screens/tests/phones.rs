//! 我的手机, 吊销码, 挂失 and its end, the stop of a reset, and the wait that a demonstration passes.

use super::*;
use kapok_core::types::{DeviceId, GuardState, PhoneView, PinState};
use kapok_core::{AppError, ErrorCode};

fn phone(number: u8, this_phone: bool, state: GuardState) -> PhoneView {
    PhoneView {
        device_id: DeviceId([number; 16]),
        this_phone,
        state,
        objection_until: (state == GuardState::Revoked).then_some(1_800_000_000),
    }
}

#[test]
fn pin_19_another_phone_is_reported_lost_and_this_one_cannot_be() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.choose("我的").choose("功能设置").choose("我的手机");
    assert!(matches!(bench.asked(), Effect::LoadPhones));
    let list = vec![
        phone(0x11, true, GuardState::Ok),
        phone(0x22, false, GuardState::Ok),
    ];
    bench.reply(Reply::Phones(list));
    bench.shows(&["本机 11111111", "手机 22222222", "已设置"]);
    bench.key(Key::Enter);
    assert_eq!(bench.name(), "Phones", "not this one");
    bench.key(Key::Down).key(Key::Enter);
    bench.shows(&["挂失这部手机？", "手机 22222222"]);
    bench.key(Key::Enter);
    let Effect::ReportLoss(device) = bench.asked() else {
        panic!("it is reported")
    };
    assert_eq!(device, DeviceId([0x22; 16]));
    bench.reply(Reply::ReportedLoss);
    bench.shows(&["已挂失"]);
    assert!(matches!(bench.asked(), Effect::LoadPhones));
    bench.reply(Reply::Phones(vec![phone(0x22, false, GuardState::Revoked)]));
    bench.shows(&["可撤销挂失至 2027-01-15"]);
    bench.key(Key::Enter);
    assert_eq!(bench.name(), "Phones", "not twice");
}

#[test]
fn pin_19_a_revocation_code_is_made_by_the_pin_and_shown_once() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.choose("我的").choose("功能设置").choose("PIN码设置");
    bench.asked();
    let set = PinState::Set {
        tries_left: Some(10),
        wait_seconds: 0,
    };
    bench.reply(Reply::Pin(set)).choose("吊销码");
    bench.shows(&["输入PIN码以生成吊销码"]);
    bench.typed("839061").key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::RevocationCode(_)));
    let code = Zeroizing::new("7K3M-9QRS-TVWX-YZ01".to_owned());
    bench.reply(Reply::RevocationCode(code));
    bench.shows(&["7K3M-9QRS-TVWX-YZ01", "只显示这一次"]);
    bench.key(Key::Esc);
    bench.shows(&["功能设置"]);
    assert!(!bench.text().contains("7K3M"));
}

#[test]
fn pin_19_a_lost_phone_is_reported_without_login_by_its_code() {
    let mut bench = Bench::new(Lang::ZhCn);
    bench.reply(Reply::Started(Box::new(start(true))));
    bench.choose("请登录").choose("凭吊销码挂失手机");
    bench.typed("张伟").key(Key::Enter).key(Key::Enter);
    bench.typed("440106198503121536").key(Key::Enter);
    bench.typed("7k3m 9qrs").key(Key::Enter);
    let Effect::ReportLossByCode(owner, code) = bench.asked() else {
        panic!("it is reported")
    };
    assert_eq!((owner.name.as_str(), code.as_str()), ("张伟", "7k3m 9qrs"));
    bench.act(Action::Failed(AppError::field("code", "format")));
    assert_eq!(bench.name(), "ReportByCode");
    bench.shows(&["✗"]);
    bench.key(Key::Enter);
    bench.asked();
    bench.reply(Reply::ReportedLoss);
    bench.shows(&["已挂失"]);
}

#[test]
fn pin_19_the_owner_objects_on_the_phone_that_was_reported_lost() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.choose("我的").choose("功能设置").choose("PIN码设置");
    bench.asked();
    bench.reply(Reply::Pin(PinState::Revoked));
    bench.shows(&["本机已挂失", "撤销挂失"]);
    bench.choose("撤销挂失").typed("839061").key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::ObjectToLoss(_)));
    bench.reply(Reply::Objected);
    bench.shows(&["已撤销挂失"]);
}

#[test]
fn pin_17_a_reset_is_stopped_by_the_code_of_the_message() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench
        .choose("我的")
        .choose("功能设置")
        .choose("停止PIN码重置");
    bench.typed("7K3M9QRSTVWXYZ01").key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::StopReset(_)));
    bench.reply(Reply::StoppedReset);
    bench.shows(&["已停止PIN码重置"]);
}

#[test]
fn yqq_042_a_wait_is_shown_and_a_demonstration_passes_it() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.choose("我的").choose("功能设置").choose("PIN码设置");
    bench.asked();
    let set = PinState::Set {
        tries_left: Some(6),
        wait_seconds: 0,
    };
    bench.reply(Reply::Pin(set)).choose("吊销码");
    bench.key(Key::Char('>'));
    assert!(bench.effects.is_empty(), "there is nothing to wait for");
    bench.typed("839061").key(Key::Enter);
    bench.asked();
    bench.act(Action::Failed(AppError {
        wait_seconds: Some(60),
        tries_left: Some(6),
        ..AppError::new(ErrorCode::PinWrong)
    }));
    bench.shows(&["剩余次数 6", "1:00", "快进等待"]);
    bench.key(Key::Char('>'));
    let Effect::PassTime(at, seconds) = bench.asked() else {
        panic!("time passes")
    };
    assert_eq!((at.as_str(), seconds), ("http://127.0.0.1:8080", 60));
    bench.reply(Reply::TimePassed(false));
    bench.shows(&["此平台不能快进时间", "1:00"]);
    bench.key(Key::Char('>'));
    bench.asked();
    bench.reply(Reply::TimePassed(true));
    bench.shows(&["已快进"]);
    assert!(!bench.text().contains("1:00"));
    bench.typed("839061").key(Key::Enter);
    bench.asked();
    bench.act(Action::Failed(AppError {
        wait_seconds: Some(24 * 3600),
        tries_left: Some(1),
        ..AppError::new(ErrorCode::PinWrong)
    }));
    bench.shows(&["剩余次数 1", "24:00:00"]);
    bench.act(Action::Failed(ErrorCode::PinBlocked.into()));
    assert_eq!(bench.name(), "PinMenu");
    bench.shows(&["已锁定，请通过人脸识别重置", "› 人脸识别重置PIN码"]);
}
