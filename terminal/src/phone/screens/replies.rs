//! What the answers of effects make of the state.

use super::model::{Confirm, Effect, Phone, Reply, Screen, Start};
use super::new_pin::{By, PinSet};
use super::pages::{invite, login, seals};
use super::pin::{PinEntry, PinFor, state_text};
use super::texts::Text;
use kapok_core::login::{HandoffView, Outcome};
use kapok_core::types::{
    AccountView, CertificateKind, CertificateView, InvitePage, InviteState, PinState, Purpose,
    SealKind,
};

/// Takes an answer; gives what follows from it.
pub fn replied(phone: &mut Phone, reply: Reply) -> Vec<Effect> {
    match reply {
        Reply::Done => {}
        Reply::Started(start) => return started(phone, *start),
        Reply::Agreed => {
            phone
                .screens
                .retain(|screen| !matches!(screen, Screen::Privacy(_)));
        }
        Reply::Privacy(notice) => phone
            .screens
            .push(Screen::Privacy(login::Privacy::new(notice))),
        Reply::FaceOpened(view) => {
            close_pin(phone);
            show_face(phone, view);
        }
        Reply::Face(view) => face_moved(phone, view),
        Reply::Outcome(outcome) => return ended(phone, outcome),
        Reply::LinkUnknown => phone.bad(Text::LinkUnknown.of(phone.cx.lang).to_owned()),
        Reply::LoggedIn(account) => return logged_in(phone, account),
        Reply::Current(enterprise) => phone.cx.enterprise = enterprise,
        Reply::Selected(enterprise) => {
            phone.cx.enterprise = Some(enterprise);
            phone.good(Text::Selected);
            let chooses = |screen: &Screen| {
                !matches!(
                    screen,
                    Screen::Enterprises(_) | Screen::Search(_) | Screen::AddEnterprise(_)
                )
            };
            phone.screens.retain(chooses);
        }
        Reply::LinkAsked => {
            phone.screens.pop();
            phone.good(Text::LinkAsked);
        }
        Reply::Invited(invite) => {
            phone
                .screens
                .retain(|screen| !matches!(screen, Screen::AddAgent(_)));
            phone.cx.sharing = Some(invite.invite_id);
            return vec![Effect::Share(invite.invite_id)];
        }
        Reply::Invite(page) => show_invite(phone, page),
        Reply::Answered(answered) => {
            phone.screens.truncate(1);
            let agreed = answered.state == InviteState::Accepted;
            phone.good(if agreed { Text::Agreed } else { Text::Declined });
            if agreed {
                phone.screens.push(Screen::Enterprises(Default::default()));
                return vec![Effect::LoadEnterprises];
            }
        }
        Reply::Pin(state) => pin_known(phone, &state),
        Reply::PinFits(pin) => {
            if let Some(Screen::PinSet(page)) = phone.screens.last_mut() {
                page.fits(pin);
            }
        }
        Reply::PinSet => {
            close_pin(phone);
            phone.good(Text::PinDone);
        }
        Reply::PinAgain => phone
            .screens
            .push(Screen::PinSet(PinSet::by(By::PassedFace))),
        Reply::ReportedLoss => {
            phone
                .screens
                .retain(|screen| !matches!(screen, Screen::ReportByCode(_)));
            phone.good(Text::ReportedLoss);
            if phone.shows(|screen| matches!(screen, Screen::Phones(_))) {
                return vec![Effect::LoadPhones];
            }
        }
        Reply::RevocationCode(code) => {
            close_pin(phone);
            phone.screens.push(Screen::RevocationCode(code));
        }
        Reply::Objected => {
            close_pin(phone);
            phone.good(Text::Objected);
        }
        Reply::StoppedReset => {
            phone
                .screens
                .retain(|screen| !matches!(screen, Screen::StopReset(_)));
            phone.good(Text::StoppedReset);
        }
        Reply::TimePassed(true) => {
            wait_passed(phone);
            phone.good(Text::TimePassed);
        }
        Reply::TimePassed(false) => phone.bad(Text::NoPassing.of(phone.cx.lang).to_owned()),
        Reply::Installed(certificate) => return installed(phone, *certificate),
        Reply::Seals(list) => show_seals(phone, list),
        Reply::Preview(preview) => phone.screens.push(Screen::SealPreview(preview)),
        Reply::Generated => return generated(phone),
        Reply::Scanned(true) => phone.cx.scan = None,
        Reply::Unreadable(failure) => phone.bad(failure.text(phone.cx.lang).to_owned()),
        Reply::Scanned(false) => phone.bad(Text::ScanNothing.of(phone.cx.lang).to_owned()),
        Reply::Unfinished(count) => phone.cx.unfinished = count,
        list => show_list(phone, list),
    }
    Vec::new()
}

/// Lists go to their screen, if it is still shown.
fn show_list(phone: &mut Phone, reply: Reply) {
    if let Reply::Certificates(list) = reply {
        // The list may lie under the certificate that has just been installed.
        for screen in &mut phone.screens {
            if let Screen::Certificates(page) = screen {
                page.show(list.clone());
            }
        }
        return;
    }
    match (phone.screens.last_mut(), reply) {
        (Some(Screen::Enterprises(page)), Reply::Enterprises(list)) => page.show(list),
        (Some(Screen::Phones(page)), Reply::Phones(list)) => page.show(list),
        (Some(Screen::Search(page)), Reply::Hits(hits)) => page.show(hits),
        (Some(Screen::Links(page)), Reply::Links(list)) => page.show(list),
        (Some(Screen::Agents(page)), Reply::Agents(list)) => page.show(list),
        (Some(Screen::Session(page)), Reply::Page(doc, index, picture)) => {
            page.drawn(doc, index, picture)
        }
        _ => {}
    }
}

/// What was left when the phone was last closed or killed comes back.
fn started(phone: &mut Phone, start: Start) -> Vec<Effect> {
    let Start {
        privacy,
        account,
        enterprise,
        handoff,
        consent,
        unfinished,
    } = start;
    let logged_in = account.is_some();
    phone.cx.account = account;
    phone.cx.enterprise = enterprise;
    phone.cx.unfinished = unfinished;
    if !privacy.agreed {
        phone
            .screens
            .push(Screen::Privacy(login::Privacy::new(privacy)));
        return Vec::new();
    }
    if let Some(page) = consent {
        phone
            .screens
            .push(Screen::Consent(invite::Consent::new(&phone.cx, &page)));
        return Vec::new();
    }
    if let Some(view) = handoff {
        show_face(phone, view);
        return vec![Effect::OpenAgain, Effect::ResumeFace];
    }
    match phone.cx.scan.clone() {
        Some(path) if logged_in => vec![Effect::Scan(path)],
        _ => Vec::new(),
    }
}

fn show_face(phone: &mut Phone, view: HandoffView) {
    let face = Screen::Face(login::Face::new(&phone.cx, view));
    match phone.screens.last_mut() {
        Some(Screen::Face(_) | Screen::Identity(_) | Screen::Invite(_)) => {
            phone.screens.pop();
            phone.screens.push(face);
        }
        _ => phone.screens.push(face),
    }
}

fn face_moved(phone: &mut Phone, view: Option<HandoffView>) {
    let Some(view) = view else {
        // It is over, also where the platform refused its finish: nothing is left to come back to.
        phone
            .screens
            .retain(|screen| !matches!(screen, Screen::Face(_)));
        phone.cx.mini_program = None;
        return;
    };
    let cx = &phone.cx;
    if let Some(Screen::Face(page)) = phone.screens.last_mut() {
        page.moved(cx, view);
    }
}

/// A face check has come to its end.
pub fn ended(phone: &mut Phone, outcome: Outcome) -> Vec<Effect> {
    phone
        .screens
        .retain(|screen| !matches!(screen, Screen::Face(_)));
    phone.cx.mini_program = None;
    match outcome {
        Outcome::LoggedIn(account) => logged_in(phone, account),
        Outcome::Consent(page) => {
            phone
                .screens
                .push(Screen::Consent(invite::Consent::new(&phone.cx, &page)));
            Vec::new()
        }
        Outcome::Verified { purpose, .. } => {
            phone.good(Text::Verified);
            match purpose {
                Purpose::PinReset => vec![Effect::FinishReset],
                _ => Vec::new(),
            }
        }
    }
}

/// After the login the person chooses the enterprise (YST-011).
fn logged_in(phone: &mut Phone, account: AccountView) -> Vec<Effect> {
    phone.cx.account = Some(account);
    phone.screens.truncate(1);
    phone.screens.push(Screen::Enterprises(Default::default()));
    phone.good(Text::LoggedIn);
    vec![Effect::LoadEnterprises]
}

fn show_invite(phone: &mut Phone, page: Option<InvitePage>) {
    match page {
        Some(page) => {
            phone
                .screens
                .retain(|screen| !matches!(screen, Screen::OpenLink(_)));
            phone.screens.push(Screen::Invite(page));
        }
        None => phone.bad(Text::LinkUnknown.of(phone.cx.lang).to_owned()),
    }
}

/// The PIN may be tried again.
fn wait_passed(phone: &mut Phone) {
    match phone.screens.last_mut() {
        Some(Screen::PinSet(page)) => page.passed(),
        Some(Screen::PinEnter(page, _)) => page.passed(),
        Some(Screen::Session(page)) => page.wait_passed(),
        _ => {}
    }
}

/// An act of the PIN is done, a new one is set, or its face check is open: its screens are done with.
fn close_pin(phone: &mut Phone) {
    let other = |screen: &Screen| {
        !matches!(
            screen,
            Screen::PinSet(_) | Screen::PinMenu(_) | Screen::PinEnter(..)
        )
    };
    phone.screens.retain(other);
}

/// 安装证书 and PIN码设置 go on by where the PIN is (YQQ-007, YQQ-009).
fn pin_known(phone: &mut Phone, state: &PinState) {
    let next = match (state, phone.screens.last()) {
        (PinState::Unset, _) => Screen::PinSet(PinSet::default()),
        (PinState::Set { .. }, Some(Screen::Certificate(certificate))) => Screen::PinEnter(
            PinEntry::default(),
            PinFor::Install(certificate.enterprise_id, certificate.kind),
        ),
        (PinState::Set { .. } | PinState::Blocked | PinState::Resetting | PinState::Revoked, _) => {
            phone.cx.pin = Some(*state);
            Screen::PinMenu(Default::default())
        }
        (other, _) => {
            let text = format!(
                "{}：{}",
                Text::PinSettings.of(phone.cx.lang),
                state_text(phone.cx.lang, other)
            );
            phone.notice = Some(super::model::Notice { good: false, text });
            return;
        }
    };
    phone.screens.push(next);
}

/// The certificate is here; whether a seal is missing is asked next (YQQ-011).
fn installed(phone: &mut Phone, certificate: CertificateView) -> Vec<Effect> {
    phone
        .screens
        .retain(|screen| !matches!(screen, Screen::PinEnter(..)));
    if let Some(Screen::Certificate(shown)) = phone.screens.last_mut() {
        **shown = certificate;
    }
    phone.good(Text::Installed);
    vec![Effect::LoadSeals]
}

fn show_seals(phone: &mut Phone, list: Vec<seals::Seal>) {
    let lang = phone.cx.lang;
    match phone.screens.last_mut() {
        Some(Screen::Seals(page)) => page.show(list),
        Some(Screen::Certificate(certificate))
            if list
                .iter()
                .all(|seal| seal.enterprise != certificate.enterprise_id) =>
        {
            let kind = match certificate.kind {
                CertificateKind::Employee => SealKind::Employee,
                _ => SealKind::Organisation,
            };
            let effect = Some(Effect::Preview(certificate.enterprise_id, kind));
            phone.screens.push(Screen::Confirm(Confirm {
                question: Text::SealNeeded.of(lang).to_owned(),
                yes: Text::KeyGoGenerate,
                effect,
            }));
        }
        _ => {}
    }
}

fn generated(phone: &mut Phone) -> Vec<Effect> {
    phone
        .screens
        .retain(|screen| !matches!(screen, Screen::SealPreview(_)));
    phone.good(Text::Generated);
    if !phone.shows(|screen| matches!(screen, Screen::Seals(_))) {
        phone.screens.push(Screen::Seals(Default::default()));
    }
    vec![Effect::LoadSeals]
}
