//! Where the manuals say that things are found: entries, labels, prompts.

use super::*;
use kapok_core::login::Outcome;
use kapok_core::{AppError, ErrorCode, ShellRequest};

fn shop() -> EnterpriseView {
    EnterpriseView {
        enterprise_id: EnterpriseId([4; 16]),
        name: "佛山市南海（粤强）建材有限公司".into(),
        level: TrustLevel::Unauthenticated,
        role: Role::Linked,
        selected: false,
        ..enterprise()
    }
}

#[test]
fn yst_002_yqq_001_nobody_logged_in_is_asked_to_log_in_by_face_from_home() {
    let mut bench = Bench::new(Lang::ZhCn);
    bench.reply(Reply::Started(Box::new(start(true))));
    bench.shows(&["首页", "【请登录】"]);
    bench.key(Key::Enter);
    bench.shows(&["登录", "人脸识别登录"]);
    bench.key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::StartFace(None)));
}

#[test]
fn yqq_002_identity_is_typed_the_face_passes_and_the_return_link_logs_in() {
    let mut bench = Bench::new(Lang::ZhCn);
    bench.reply(Reply::Started(Box::new(start(true))));
    bench.choose("请登录").choose("先填写身份信息");
    bench.typed("张伟").key(Key::Enter).key(Key::Enter);
    bench.typed("440106198503121231").key(Key::Enter);
    let Effect::StartFace(Some(typed)) = bench.asked() else {
        panic!("the typed identity goes to the face check")
    };
    assert_eq!(
        (typed.name.as_str(), typed.number.as_str()),
        ("张伟", "440106198503121231")
    );
    bench.reply(Reply::FaceOpened(handoff()));
    bench.shows(&["[Enter] 返回粤商通"]);
    let link = "kapok://app/wx/return?h=03&r=00";
    bench.pasted(link).key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::Return(text) if *text == link));
    bench.reply(Reply::Outcome(Outcome::LoggedIn(account())));
    assert_eq!(bench.name(), "Enterprises");
}

#[test]
fn yst_016_yst_026_the_enterprise_is_switched_in_mine_and_its_account_is_entered() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.choose("我的").choose("切换企业");
    assert!(matches!(bench.asked(), Effect::LoadEnterprises));
    bench.reply(Reply::Enterprises(vec![enterprise(), shop()]));
    bench.shows(&["✓ 广东木棉科技有限公司", "[Enter] 选择办事"]);
    bench.key(Key::Down).key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::Select(id) if id == shop().enterprise_id));
    bench.reply(Reply::Selected(shop()));
    bench.shows(&["我的", "佛山市南海（粤强）建材有限公司"]);
}

#[test]
fn yst_017_the_account_page_tells_whether_the_enterprise_is_authenticated() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.choose("我的");
    bench.shows(&["企业  广东木棉科技有限公司 【已认证】"]);
    bench.reply(Reply::Current(Some(shop())));
    bench.shows(&["企业  佛山市南海（粤强）建材有限公司 【未认证】"]);
}

#[test]
fn yst_023_who_has_chosen_no_enterprise_is_asked_to_choose_one() {
    let mut bench = Bench::new(Lang::ZhCn);
    bench.reply(Reply::Started(Box::new(Start {
        account: Some(account()),
        ..start(true)
    })));
    bench.shows(&["【请选择办事企业】"]);
    bench.choose("印章");
    assert!(matches!(bench.asked(), Effect::LoadSeals));
    bench.act(Action::Failed(AppError::new(ErrorCode::EnterpriseRequired)));
    assert_eq!(bench.name(), "Enterprises");
    assert!(matches!(bench.asked(), Effect::LoadEnterprises));
}

#[test]
fn yst_027_what_needs_an_authenticated_enterprise_offers_to_authenticate_it() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.choose("数字证书");
    bench.effects.clear();
    let refused = AppError::new(ErrorCode::EnterpriseUnauthenticated);
    bench.act(Action::Failed(refused));
    bench.shows(&["企业账号尚未认证", "[Enter] 去认证"]);
    bench.key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::AskAuthentication));
    let link = "https://127.0.0.1:8443/i/07".to_owned();
    bench.act(Action::Request(ShellRequest::Share {
        link: link.clone(),
        text: "请认证".into(),
    }));
    bench.shows(&["分享到微信", &link]);
}

#[test]
fn yst_036_an_existing_account_is_linked_once_its_applicant_agrees() {
    use kapok_core::types::{LinkId, LinkView};
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.choose("我的").choose("切换企业");
    bench.effects.clear();
    bench.reply(Reply::Enterprises(vec![])).typed("k");
    bench.typed("yunshan").key(Key::Enter);
    bench.typed("深圳市云山智造有限公司").key(Key::Enter);
    assert!(
        matches!(bench.asked(), Effect::AskLink(login, name) if login == "yunshan" && name == "深圳市云山智造有限公司")
    );
    bench.reply(Reply::LinkAsked);
    bench.shows(&["申请已提交"]);

    let mut applicant = Bench::new(Lang::ZhCn);
    let owner = AccountView {
        kind: AccountKind::Enterprise,
        ..account()
    };
    applicant.reply(Reply::Started(Box::new(Start {
        account: Some(owner),
        ..start(true)
    })));
    applicant.choose("我的").choose("关联申请");
    applicant.effects.clear();
    let link_id = LinkId([7; 16]);
    applicant.reply(Reply::Links(vec![LinkView {
        link_id,
        asked_by: "李*".into(),
        asked_at: 1_800_000_000,
    }]));
    applicant.shows(&["李*", "[Enter] 同意"]);
    applicant.key(Key::Enter);
    assert!(matches!(applicant.asked(), Effect::AnswerLink(id, true) if id == link_id));
}

#[test]
fn yqq_003_certificates_are_found_in_mine() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.choose("我的").choose("数字证书");
    assert_eq!(bench.name(), "Certificates");
    assert!(matches!(bench.asked(), Effect::LoadCertificates));
}
