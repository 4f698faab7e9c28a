//! One journey of a real business through every room, and what must not happen on the way.

use kapok_core::signing::{CloseReason, Outcome, State};
use kapok_core::types::{
    CertificateKind, CertificateState, DocumentKind, InviteState, NewInvite, Role,
};
use kapok_core::{App, ErrorCode};
use kapok_formats::{pdf, sample};
use kapok_platform::simulators::pc::PcDesk;
use kapok_platform::simulators::pc::{PcDocument, PcError};
use kapok_protocol::message::Kind;
use kapok_tests::world::{
    PIN, World, documents, first, pass_site_check, pin, scan, sign_all, until,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yqq_017_to_026_a_contract_is_signed_with_a_seal_and_the_relay_reads_nothing() {
    let world = World::start().await;
    let capture = world.running.platform().relay.capture();
    let (app, _, seal) = world.equipped("phone").await;
    let contract = sample::contract().unwrap();
    let (pc, text) = world.pc("采购合同.pdf", &contract).await;
    let serving = tokio::spawn(pc.serve(first));
    scan(&app, &text).await;
    pass_site_check(&app).await;
    app.signing().approve(pin(PIN)).await.unwrap();
    sign_all(&app).await;
    let signed = serving.await.unwrap().unwrap();
    assert_eq!(signed.len(), 1);
    let view = pdf::signatures(&signed[0].pdf).unwrap().pop().unwrap();
    assert!(view.covers_whole_file);
    pdf::verify_signature(&signed[0].pdf, &view).unwrap();
    assert!(signed[0].pdf.starts_with(&contract));

    // What the relay carried holds none of it: T3.
    let carried = capture.lock().unwrap().clone();
    let needles: [&[u8]; 7] = [
        b"%PDF-1.",
        b"/ByteRange",
        "采购合同".as_bytes(),
        "广东木棉".as_bytes(),
        b"application/pdf",
        b"x509_hash",
        seal.es_id.as_bytes(),
    ];
    assert!(
        carried.len() > signed[0].pdf.len(),
        "the document went through the relay: {} bytes",
        carried.len()
    );
    for needle in needles {
        assert!(
            !holds(&carried, needle),
            "the relay carried {:?}",
            String::from_utf8_lossy(needle)
        );
    }
    // The same search finds what is there: in the document, and in the capture the number of frames' own fields.
    assert!(holds(&signed[0].pdf, b"/ByteRange") && holds(&carried, b"claim"));

    app.signing().disconnect().await.unwrap();
    assert_eq!(app.signing().unfinished().await.unwrap(), 0);
    world.running.shutdown().await;
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yqq_020_a_wrong_pin_does_not_connect_and_the_right_one_does() {
    let world = World::start().await;
    let (app, ..) = world.equipped("phone").await;
    let (pc, text) = world.pc("a.pdf", &sample::contract().unwrap()).await;
    let serving = tokio::spawn(pc.serve(first));
    scan(&app, &text).await;
    pass_site_check(&app).await;
    let refused = app
        .signing()
        .approve(pin([8, 3, 9, 0, 6, 2]))
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code, refused.tries_left),
        (ErrorCode::PinWrong, Some(9))
    );
    assert!(matches!(app.signing().view().state, State::Approve { .. }));
    app.signing().approve(pin(PIN)).await.unwrap();
    until(&app, |s| matches!(s, State::Handover { .. })).await;
    app.signing().disconnect().await.unwrap();
    assert!(serving.await.unwrap().is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yqq_022_a_document_that_the_user_refuses_is_not_signed() {
    let world = World::start().await;
    let (app, ..) = world.equipped("phone").await;
    let (pc, text) = world.pc("a.pdf", &sample::contract().unwrap()).await;
    let serving = tokio::spawn(pc.serve(first));
    scan(&app, &text).await;
    pass_site_check(&app).await;
    app.signing().approve(pin(PIN)).await.unwrap();
    until(&app, |s| matches!(s, State::Handover { .. })).await;
    app.signing().hand_over().await.unwrap();
    let docs = documents(&app).await;
    app.signing().refuse(docs[0]).await.unwrap();
    let view = until(&app, |s| {
        matches!(
            s,
            State::Connected { last: Some(_), .. } | State::Closed { .. }
        )
    })
    .await;
    let last = match view.state {
        State::Connected { last, .. } | State::Closed { last, .. } => last,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        last,
        Some(Outcome {
            signed: 0,
            refused: 1
        })
    );
    assert!(serving.await.unwrap().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yqq_023_a_pc_that_stops_before_it_acknowledges_gets_the_same_signature_next_time() {
    let world = World::start().await;
    let (app, ..) = world.equipped("phone").await;
    let document = PcDocument {
        name: "a.pdf".into(),
        bytes: sample::contract().unwrap(),
    };
    let desk = PcDesk::upload(&world.running.http_url, vec![document])
        .await
        .unwrap();
    let mut pc = desk.open().await.unwrap().closing_at(Kind::Result);
    let text = pc.frame().await.unwrap();
    let serving = tokio::spawn(pc.serve(first));
    scan(&app, &text).await;
    pass_site_check(&app).await;
    app.signing().approve(pin(PIN)).await.unwrap();
    sign_all(&app).await;
    assert!(matches!(serving.await.unwrap(), Err(PcError::Closed)));
    app.signing().disconnect().await.unwrap();
    assert_eq!(app.signing().unfinished().await.unwrap(), 1);
    let receipts = || world.count("guard", "SELECT count(*) FROM log WHERE event = 'receipt'");
    assert_eq!(receipts(), 1);

    // The next page for the same document: nothing is asked, nothing is signed, the result is delivered.
    let mut pc = desk.open().await.unwrap();
    let text = pc.frame().await.unwrap();
    let serving = tokio::spawn(pc.serve(first));
    scan(&app, &text).await;
    pass_site_check(&app).await;
    app.signing().approve(pin(PIN)).await.unwrap();
    until(&app, |s| matches!(s, State::Handover { .. })).await;
    app.signing().hand_over().await.unwrap();
    let delivered =
        |s: &State| matches!(s, State::Connected { last: Some(last), .. } if last.signed == 1);
    until(&app, delivered).await;
    assert_eq!(serving.await.unwrap().unwrap().len(), 1);
    assert_eq!(app.signing().unfinished().await.unwrap(), 0);
    assert_eq!(receipts(), 1, "signed once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yqq_025_a_revoked_certificate_or_one_that_is_not_installed_is_not_offered() {
    let world = World::start().await;
    let (app, enterprise, _) = world.equipped("phone").await;
    let offered = async |app: &App| {
        let (pc, text) = world.pc("a.pdf", &sample::contract().unwrap()).await;
        let serving = tokio::spawn(pc.serve(first));
        scan(app, &text).await;
        pass_site_check(app).await;
        let approved = app.signing().approve(pin(PIN)).await;
        app.signing().disconnect().await.unwrap();
        assert!(serving.await.unwrap().is_err());
        approved
    };
    offered(&app).await.unwrap();

    let kind = CertificateKind::Organisation;
    let installed = app.certificates().list().await.unwrap();
    let one = installed.iter().find(|one| one.enterprise_id == enterprise);
    let serial = hex::decode(one.unwrap().serial.as_ref().unwrap()).unwrap();
    kapok_platform::ca::revoke(world.running.platform(), &serial)
        .await
        .unwrap_or_else(|_| panic!("the certificate is known"));
    let refused = offered(&app).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::CertNone);
    let listed = app.certificates().list().await.unwrap();
    let states = listed
        .iter()
        .filter(|one| one.kind == kind)
        .map(|one| one.state);
    assert!(
        states
            .into_iter()
            .all(|state| state != CertificateState::Active)
    );

    let bare = world.phone("bare");
    world.log_in(&bare, "陈强").await;
    let refused = offered(&bare).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::CertNone);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pin_29_t4_a_second_phone_at_the_same_code_is_refused() {
    let world = World::start().await;
    let (app, ..) = world.equipped("phone").await;
    let other = world.phone("other");
    world.log_in(&other, "王芳").await;
    let (pc, text) = world.pc("a.pdf", &sample::contract().unwrap()).await;
    let serving = tokio::spawn(pc.serve(first));
    scan(&app, &text).await;
    pass_site_check(&app).await;
    scan(&other, &text).await;
    let view = until(&other, |s| matches!(s, State::Closed { .. })).await;
    let claimed = CloseReason::Error(ErrorCode::SessionClaimed);
    assert!(
        matches!(view.state, State::Closed { reason, .. } if reason == claimed),
        "{:?}",
        view.state
    );
    app.signing().disconnect().await.unwrap();
    assert!(serving.await.unwrap().is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yqq_019_a_wrong_address_ends_the_session_before_the_pin() {
    let world = World::start().await;
    let (app, ..) = world.equipped("phone").await;
    let (pc, text) = world.pc("a.pdf", &sample::contract().unwrap()).await;
    let serving = tokio::spawn(pc.serve(first));
    scan(&app, &text).await;
    let view = until(&app, |s| matches!(s, State::SiteCheck { .. })).await;
    let State::SiteCheck { rp, choices, .. } = view.state else {
        panic!()
    };
    assert_eq!(choices.len(), 3);
    let wrong = choices.iter().find(|choice| **choice != rp.origin).unwrap();
    app.signing().choose_site(wrong.clone()).await.unwrap();
    let State::Closed { reason, .. } = app.signing().view().state else {
        panic!()
    };
    assert_eq!(reason, CloseReason::Error(ErrorCode::OriginMismatch));
    assert!(serving.await.unwrap().is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yst_019_to_022_only_the_named_person_becomes_an_agent() {
    let world = World::start().await;
    let admin = world.phone("admin");
    world.log_in(&admin, "张伟").await;
    let enterprise = admin
        .enterprises()
        .list()
        .await
        .unwrap()
        .into_iter()
        .find(|e| e.name.contains("公司"))
        .unwrap();
    admin
        .enterprises()
        .select(enterprise.enterprise_id)
        .await
        .unwrap();
    let invite = admin
        .agents()
        .invite(NewInvite {
            name: "李娜".into(),
            document: DocumentKind::ResidentId,
            number: "440305199208274627".into(),
            phone: "13800138000".into(),
            valid_days: 30,
            scope: vec!["matters".into()],
        })
        .await
        .unwrap();
    admin.agents().share(invite.invite_id).await.unwrap();
    admin.agents().sent(invite.invite_id).await.unwrap();

    let stranger = world.phone("stranger");
    world.log_in(&stranger, "王芳").await;
    stranger
        .agents()
        .open_link(&invite.link)
        .await
        .unwrap()
        .unwrap();
    stranger.agents().accept().await.unwrap();
    let link = world.face(&stranger, "王芳").await;
    assert_eq!(
        stranger.login().returned(&link).await.unwrap_err().code,
        ErrorCode::InviteMismatch
    );

    let agent = world.phone("agent");
    world.log_in(&agent, "李娜").await;
    agent
        .agents()
        .open_link(&invite.link)
        .await
        .unwrap()
        .unwrap();
    agent.agents().accept().await.unwrap();
    let link = world.face(&agent, "李娜").await;
    agent.login().returned(&link).await.unwrap().unwrap();
    let answered = agent.agents().answer(true).await.unwrap();
    assert_eq!(answered.state, InviteState::Accepted);
    let mine = agent.enterprises().list().await.unwrap();
    assert!(
        mine.iter()
            .any(|e| e.enterprise_id == enterprise.enterprise_id && e.role == Role::Agent)
    );
    let seen = admin.agents().list().await.unwrap();
    assert!(
        seen.invites
            .iter()
            .any(|i| i.invite_id == invite.invite_id && i.mismatch),
        "the inviter learns of the mismatch"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yqq_008_a_weak_pin_and_a_different_repeat_are_refused_and_nothing_is_set() {
    let world = World::start().await;
    let app = world.phone("phone");
    world.log_in(&app, "张伟").await;
    let weak = app
        .vault()
        .set_pin(pin([1, 2, 3, 4, 5, 6]), pin([1, 2, 3, 4, 5, 6]))
        .await
        .unwrap_err();
    assert_eq!(weak.code, ErrorCode::PinWeak);
    assert!(weak.reason.is_some());
    let differs = app
        .vault()
        .set_pin(pin(PIN), pin([8, 3, 9, 0, 6, 2]))
        .await
        .unwrap_err();
    assert_eq!(differs.code, ErrorCode::PinRepeat);
    app.vault().set_pin(pin(PIN), pin(PIN)).await.unwrap();
    let again = app.vault().set_pin(pin(PIN), pin(PIN)).await.unwrap_err();
    assert_eq!(again.code, ErrorCode::PinAlreadySet);
}
