//! Journeys by actions, as a person makes them.

use super::*;
use kapok_core::login::{Outcome, Resumed};
use kapok_core::signing::state::BatchState;
use kapok_core::signing::{CloseReason, Document, DocumentState, Outcome as Signed, Picked};
use kapok_core::types::{BatchId, ByeReason, Bytes, DocumentId, ManifestEntry, PinState, SealKind};
use kapok_core::{AppError, ErrorCode, Event, ShellRequest};

fn document(n: u8, state: DocumentState, reasons: &[&str]) -> Document {
    let entry = ManifestEntry {
        doc: DocumentId([n; 16]),
        mime: "application/pdf".into(),
        name: format!("合同{n}.pdf"),
        size: 1000,
        pages: 2,
        digest: Bytes::from([n; 32]),
    };
    Document {
        entry,
        state,
        reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
    }
}

fn review(documents: Vec<Document>) -> State {
    let picked = Picked {
        handle: 1,
        subject: "广东木棉科技有限公司".into(),
        seal: Some(("es1".into(), "公章".into())),
    };
    State::Review {
        peer: peer(),
        rp: rp(),
        picked,
        batch: BatchState {
            batch_id: BatchId([9; 16]),
            documents,
        },
    }
}

#[test]
fn yst_008_first_start_asks_for_consent_and_the_login_goes_through_the_mini_program() {
    let mut bench = Bench::new(Lang::ZhCn);
    bench.reply(Reply::Started(Box::new(start(false))));
    bench.shows(&["协议与隐私", "隐私政策", "同意"]);
    bench.key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::Agree(version) if version == "2026-01"));
    bench
        .reply(Reply::Agreed)
        .choose("请登录")
        .choose("人脸识别登录");
    assert!(matches!(bench.asked(), Effect::StartFace(None)));

    let path = "pages/face?h=03030303030303030303030303030303".to_owned();
    bench.act(Action::Request(ShellRequest::OpenMiniProgram {
        path,
        match_code: "42".into(),
    }));
    bench.reply(Reply::FaceOpened(handoff()));
    assert!(matches!(bench.asked(), Effect::ResumeFace));
    bench.shows(&["42", "/sim/mini?h=0303", "等待人脸识别完成"]);

    bench.act(Action::Resumed(Ok(Resumed::CodeNeeded)));
    bench.shows(&["6位验证码"]);
    bench.typed("123456").key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::Return(text) if *text == "123456"));
    bench.reply(Reply::Outcome(Outcome::LoggedIn(account())));
    assert!(matches!(bench.asked(), Effect::LoadEnterprises));
    bench.reply(Reply::Enterprises(vec![enterprise()]));
    bench.shows(&["选择办事企业", "广东木棉科技有限公司", "已认证"]);
    bench.key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::Select(_)));
    bench.reply(Reply::Selected(enterprise()));
    bench.shows(&["首页", "张*", "广东木棉科技有限公司"]);
}

#[test]
fn yst_007_a_face_check_that_was_open_when_the_phone_was_killed_goes_on() {
    let mut bench = Bench::new(Lang::ZhCn);
    bench.reply(Reply::Started(Box::new(Start {
        handoff: Some(handoff()),
        ..start(true)
    })));
    assert_eq!(bench.name(), "Face");
    assert!(matches!(
        bench.effects.as_slice(),
        [Effect::OpenAgain, Effect::ResumeFace]
    ));
    bench.act(Action::Resumed(Err(AppError::new(
        ErrorCode::HandoffExpired,
    ))));
    assert_eq!(bench.name(), "Home");
    bench.shows(&["HANDOFF_EXPIRED"]);
}

#[test]
fn yqq_006_yqq_007_yqq_009_installing_asks_to_set_the_pin_first_and_then_for_the_pin() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.choose("数字证书");
    assert!(matches!(bench.asked(), Effect::LoadCertificates));
    bench.reply(Reply::Certificates(vec![certificate(
        CertificateState::Installable,
    )]));
    bench.key(Key::Enter).key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::LoadPin));
    bench.reply(Reply::Pin(PinState::Unset));
    bench.shows(&["设置PIN码"]);

    bench.typed("12345").key(Key::Enter);
    assert!(bench.effects.is_empty(), "five digits are no PIN");
    bench.typed("6").key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::CheckPin(_)));
    let weak = AppError {
        reason: Some("steps".into()),
        ..AppError::new(ErrorCode::PinWeak)
    };
    bench.act(Action::Failed(weak));
    bench.shows(&["过于简单", "数字连续", "○  ○  ○  ○  ○  ○"]);
    assert!(!bench.text().contains("●"), "refused before it is repeated");
    bench.typed("193827").key(Key::Enter);
    assert!(!bench.text().contains("过于简单"));
    let Effect::CheckPin(pin) = bench.asked() else {
        panic!()
    };
    bench.reply(Reply::PinFits(pin));
    bench.typed("193827").key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::SetPin(..)));
    bench.reply(Reply::PinSet);
    assert_eq!(bench.name(), "Certificate");

    bench.key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::LoadPin));
    bench.reply(Reply::Pin(PinState::Set {
        tries_left: Some(5),
        wait_seconds: 0,
    }));
    bench.typed("193827").key(Key::Enter);
    assert!(matches!(
        bench.asked(),
        Effect::Install(_, CertificateKind::Organisation, _)
    ));
    bench.reply(Reply::Installed(Box::new(certificate(
        CertificateState::Active,
    ))));
    assert!(matches!(bench.asked(), Effect::LoadSeals));
    bench.reply(Reply::Seals(Vec::new()));
    bench.shows(&["还没有印章"]);
    bench.key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::Preview(..)));
}

#[test]
fn yqq_011_without_a_seal_the_next_step_is_to_generate_one() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench
        .choose("数字证书")
        .reply(Reply::Certificates(vec![certificate(
            CertificateState::Installable,
        )]))
        .key(Key::Enter);
    bench.effects.clear();
    let installed = Box::new(certificate(CertificateState::Active));
    bench.reply(Reply::Installed(installed));
    assert!(matches!(bench.asked(), Effect::LoadSeals));
    bench.reply(Reply::Seals(Vec::new()));
    bench.shows(&["须先生成印章", "[Enter] 去生成"]);
    bench.key(Key::Enter);
    let wanted = EnterpriseId([2; 16]);
    assert!(
        matches!(bench.asked(), Effect::Preview(id, SealKind::Organisation) if id == wanted),
        "the seal of this enterprise"
    );
}

#[test]
fn yqq_004_a_list_of_certificates_is_read_anew_when_one_was_installed() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.choose("数字证书").reply(Reply::Certificates(vec![
        certificate(CertificateState::Installable),
        CertificateView {
            enterprise: "广州市天河区木棉便利店".into(),
            ..certificate(CertificateState::Installable)
        },
    ]));
    bench.shows(&["广东木棉科技有限公司", "广州市天河区木棉便利店"]);
    bench.key(Key::Enter);
    bench.shows(&["证书详情", "未安装", "[Enter] 安装证书"]);
    bench.effects.clear();
    bench.act(Action::Event(Event::CertificatesChanged));
    assert!(matches!(bench.asked(), Effect::LoadCertificates));
    let one = certificate(CertificateState::Active);
    bench.reply(Reply::Certificates(vec![one])).key(Key::Esc);
    bench.shows(&["数字证书", "已安装"]);
    bench.key(Key::Enter);
    bench.shows(&["[Enter] 扫码用证"]);
}

#[test]
fn yqq_010_a_wrong_pin_empties_the_dots_and_shows_tries_and_the_countdown() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.session(State::Approve {
        peer: peer(),
        rp: rp(),
    });
    bench.shows(&["输入PIN码", "4821", "木棉电子合同平台"]);
    bench.typed("111222").key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::Approve(_)));
    let wait = AppError {
        tries_left: Some(2),
        wait_seconds: Some(60),
        ..AppError::new(ErrorCode::PinWrong)
    };
    bench.act(Action::Failed(wait));
    bench.shows(&["PIN码错误", "剩余次数 2", "1:00", "○  ○  ○  ○  ○  ○"]);
    let later = bench.phone().cx.now_ms + 20_000;
    bench.act(Action::Tick(later));
    bench.shows(&["0:40"]);
}

#[test]
fn yqq_021_a_scan_leads_through_site_check_handover_review_and_result() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench
        .choose("扫一扫")
        .pasted("'/tmp/shot.png'")
        .key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::Scan(path) if path.ends_with("shot.png")));
    bench.session(State::Claiming).reply(Reply::Scanned(true));
    let choices = vec![
        "https://a.example".into(),
        "http://127.0.0.1:8080".into(),
        "https://b.example".into(),
    ];
    bench.session(State::SiteCheck {
        peer: peer(),
        rp: rp(),
        choices,
    });
    bench.shows(&["核对网址", "4821"]);
    bench.choose("http://127.0.0.1:8080");
    assert!(matches!(bench.asked(), Effect::ChooseSite(site) if site == "http://127.0.0.1:8080"));
    bench.reply(Reply::Done).session(State::Connected {
        peer: peer(),
        rp: rp(),
        picked: None,
        last: None,
    });
    bench.shows(&["已连接电脑", "4:59"]);
    bench.effects.clear();
    bench.reply(Reply::Unfinished(0));

    let picked = Picked {
        handle: 1,
        subject: "木棉".into(),
        seal: None,
    };
    bench.session(State::Handover {
        peer: peer(),
        rp: rp(),
        picked: picked.clone(),
    });
    bench.shows(&["交出证书与印章", "不使用印章"]);
    bench.key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::HandOver));
    bench.reply(Reply::Done);

    bench.session(review(vec![
        document(1, DocumentState::Ready, &[]),
        document(2, DocumentState::Ready, &[]),
    ]));
    bench.key(Key::Down).typed(" ").typed("s");
    bench.shows(&["签署以下 1 份文件", "合同1.pdf", "使用印章  公章", "拒签"]);
    bench.key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::Sign(docs) if docs == [DocumentId([1; 16])]));
    bench.reply(Reply::Done);

    let last = Some(Signed {
        signed: 1,
        refused: 1,
    });
    bench.session(State::Connected {
        peer: peer(),
        rp: rp(),
        picked: Some(picked),
        last,
    });
    bench.shows(&["签署结果", "已签署 1", "未签署 1"]);
    bench.effects.clear();
    bench.reply(Reply::Unfinished(0)).typed("d").key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::Disconnect));
    bench.reply(Reply::Done).session(State::Closed {
        reason: CloseReason::Peer(ByeReason::Done),
        last,
    });
    bench.shows(&["连接已断开"]);
}

#[test]
fn an_amber_document_warns_and_is_signed_alone() {
    let mut bench = Bench::ready(Lang::ZhCn);
    let amber = document(2, DocumentState::Amber, &["font_not_embedded"]);
    bench.session(review(vec![document(1, DocumentState::Ready, &[]), amber]));
    bench.shows(&["须单独确认", "字体未嵌入"]);
    bench.key(Key::Down).typed("s").key(Key::Enter);
    assert!(matches!(bench.asked(), Effect::Sign(docs) if docs == [DocumentId([2; 16])]));
}

#[test]
fn pages_are_turned_within_the_document_and_a_late_page_is_dropped() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.session(review(vec![document(1, DocumentState::Ready, &[])]));
    bench.key(Key::Enter);
    let doc = DocumentId([1; 16]);
    assert!(matches!(bench.asked(), Effect::DrawPage(_, 0)));
    bench.key(Key::Right).key(Key::Right);
    assert!(
        matches!(bench.asked(), Effect::DrawPage(_, 1)),
        "there are two pages"
    );
    bench.reply(Reply::Page(doc, 0, super::looks::red()));
    bench.shows(&["2/2", "正在绘制页面"]);
    bench.reply(Reply::Page(doc, 1, super::looks::red()));
    assert!(!bench.text().contains("正在绘制页面"));
    bench.key(Key::Esc);
    bench.shows(&["待签文件"]);
}

#[test]
fn yst_019_an_invite_that_is_not_shared_stays_not_sent() {
    use kapok_core::types::{InviteId, InviteKind, InviteState, InviteView};
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.choose("我的").choose("经办人管理");
    assert!(matches!(bench.asked(), Effect::LoadAgents));
    bench
        .reply(Reply::Agents(kapok_core::types::AgentList {
            agents: vec![],
            invites: vec![],
        }))
        .typed("a");
    bench
        .typed("李娜")
        .key(Key::Tab)
        .key(Key::Tab)
        .typed("1")
        .key(Key::Tab)
        .typed("13800138000");
    bench.key(Key::Tab).key(Key::Tab).key(Key::Enter);
    assert!(
        matches!(bench.asked(), Effect::Invite(new) if new.name == "李娜" && new.scope == ["matters"] && new.valid_days == 365)
    );
    bench.act(Action::Failed(AppError::field("number", "length")));
    bench.shows(&["✗ 位数不正确"]);
    bench
        .key(Key::Tab)
        .key(Key::Tab)
        .key(Key::Tab)
        .key(Key::Enter);
    bench.asked();
    let invite_id = InviteId([7; 16]);
    let (kind, state) = (InviteKind::Agent, InviteState::Draft);
    let link = "https://127.0.0.1:8443/i/07".to_owned();
    bench.reply(Reply::Invited(InviteView {
        invite_id,
        kind,
        invitee: "李*".into(),
        state,
        link: link.clone(),
        mismatch: false,
        expires_at: 0,
    }));
    assert!(matches!(bench.asked(), Effect::Share(_)));
    bench
        .act(Action::Request(ShellRequest::Share {
            link: link.clone(),
            text: "邀请".into(),
        }))
        .reply(Reply::Done);
    bench.shows(&[&link]);
    bench.key(Key::Esc);
    assert!(bench.effects.is_empty(), "not sent");
    bench.act(Action::Request(ShellRequest::Share {
        link,
        text: "邀请".into(),
    }));
    assert!(bench.effects.is_empty());
}
