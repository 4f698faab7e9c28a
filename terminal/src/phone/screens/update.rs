//! What an action makes of the state: pure, no IO, no clock.

use super::form::Form;
use super::model::{Action, Confirm, Context, Effect, Go, Key, Notice, Out, Phone, Screen};
use super::pages::{agents, certificates, home, invite, login, phones, session};
use super::replies;
use super::texts::Text;
use super::words;
use kapok_core::login::Resumed;
use kapok_core::signing::{State, View};
use kapok_core::types::PinState;
use kapok_core::{AppError, ErrorCode, Event, NextStep, ShellRequest};
use zeroize::Zeroizing;

/// The next state, and what is to be done.
pub fn update(mut phone: Phone, action: Action) -> (Phone, Vec<Effect>) {
    let mut effects = Vec::new();
    match action {
        Action::Tick(now_ms) => phone.cx.now_ms = now_ms,
        Action::Key(Key::Quit) => phone.quit = true,
        Action::Key(key) => effects = pressed(&mut phone, key),
        Action::Request(request) => effects = requested(&mut phone, request),
        Action::Event(event) => effects = happened(&mut phone, event),
        Action::Session(view) => session_changed(&mut phone, view, &mut effects),
        Action::Found(path) => effects.push(Effect::Scan(path)),
        Action::Reply(reply) => {
            phone.busy = phone.busy.saturating_sub(1);
            effects = replies::replied(&mut phone, reply);
        }
        Action::Failed(error) => {
            phone.busy = phone.busy.saturating_sub(1);
            failed(&mut phone, &error, &mut effects);
        }
        Action::Resumed(result) => effects = resumed(&mut phone, result),
    }
    phone.busy += effects
        .iter()
        .filter(|effect| !effect.in_background())
        .count() as u32;
    (phone, effects)
}

/// A key for the shown screen. While an answer is awaited only moving and leaving work, so that nothing is sent twice.
fn pressed(phone: &mut Phone, key: Key) -> Vec<Effect> {
    let held = match key {
        Key::Enter => true,
        Key::Char(_) => !takes_text(phone),
        _ => false,
    };
    if phone.busy > 0 && held {
        return Vec::new();
    }
    if matches!(key, Key::Char('>'))
        && phone.busy == 0
        && let Some(seconds) = wait(phone)
    {
        return vec![Effect::PassTime(phone.cx.simulators.clone(), seconds)];
    }
    let mut out = Out::default();
    let Phone { cx, screens, .. } = phone;
    let Some(screen) = screens.last_mut() else {
        return Vec::new();
    };
    screen_key(screen, cx, &key, &mut out);
    if matches!(key, Key::Enter | Key::Esc | Key::Char(_)) {
        phone.notice = None;
    }
    let Out {
        effects,
        go,
        notice,
    } = out;
    if notice.is_some() {
        phone.notice = notice;
    }
    match go {
        Some(Go::Back) if phone.screens.len() > 1 => drop(phone.screens.pop()),
        Some(Go::Quit) => phone.quit = true,
        Some(Go::Back) => {}
        Some(Go::To(screen)) => phone.screens.push(*screen),
        None => {}
    }
    effects
}

fn screen_key(screen: &mut Screen, cx: &Context, key: &Key, out: &mut Out) {
    match screen {
        Screen::Home(menu) => menu.key(cx, &home::home(cx), key, out),
        Screen::Mine(menu) => menu.key(cx, &home::mine(cx), key, out),
        Screen::Settings(menu) => menu.key(cx, &home::settings(cx), key, out),
        Screen::Login(menu) => menu.key(cx, &home::ways(cx), key, out),
        Screen::Privacy(page) => page.key(key, out),
        Screen::Face(page) => page.key(key, out),
        Screen::Enterprises(page) => page.key(key, out),
        Screen::Search(page) => page.key(key, out),
        Screen::Links(page) => page.key(key, out),
        Screen::Agents(page) => page.key(cx, key, out),
        Screen::Share(page) => page.key(key, out),
        Screen::Invite(_) => invite::key(key, out),
        Screen::Consent(page) => page.key(key, out),
        Screen::PinMenu(menu) => menu.key(cx, &home::pin(cx), key, out),
        Screen::PinSet(page) => page.key(key, out),
        Screen::Certificates(page) => page.key(cx, key, out),
        Screen::Certificate(one) => certificates::detail_key(cx, one, key, out),
        Screen::Seals(page) => page.key(cx, key, out),
        Screen::SealPreview(page) => page.key(key, out),
        Screen::Scan(page) => page.key(key, out),
        Screen::Session(page) => page.key(cx, key, out),
        Screen::Confirm(page) => page.key(key, out),
        Screen::Phones(page) => page.key(cx, key, out),
        Screen::RevocationCode(_) if matches!(key, Key::Enter | Key::Esc) => out.back(),
        Screen::RevocationCode(_) => {}
        Screen::PinEnter(..) if matches!(key, Key::Esc) => out.back(),
        Screen::PinEnter(pin, what) => out.effects.extend(pin.key(key).map(|pin| what.effect(pin))),
        form => form_key(form, key, out),
    }
}

/// Seconds until the PIN of the shown screen may be tried again.
fn wait(phone: &Phone) -> Option<u32> {
    let seconds = match phone.screens.last()? {
        Screen::PinSet(page) => page.wait(&phone.cx),
        Screen::PinEnter(page, _) => page.wait(&phone.cx),
        Screen::Session(page) => page.wait(&phone.cx),
        _ => 0,
    };
    u32::try_from(seconds).ok().filter(|seconds| *seconds > 0)
}

/// Letters are typed here, so they send nothing by themselves.
fn takes_text(phone: &Phone) -> bool {
    match phone.screens.last() {
        Some(
            Screen::Identity(_)
            | Screen::Password(_)
            | Screen::AddEnterprise(_)
            | Screen::AskLink(_)
            | Screen::AddAgent(_)
            | Screen::OpenLink(_)
            | Screen::ReportByCode(_)
            | Screen::StopReset(_)
            | Screen::Face(_)
            | Screen::Search(_)
            | Screen::Scan(_)
            | Screen::PinSet(_)
            | Screen::PinEnter(..),
        ) => true,
        Some(Screen::Session(_)) => matches!(phone.cx.session.state, State::Approve { .. }),
        _ => false,
    }
}

fn form_key(screen: &mut Screen, key: &Key, out: &mut Out) {
    let owned = |form: &Form, name: &str| form.text(name).to_owned();
    match screen {
        Screen::Identity(form) => submit(form, key, out, |form| {
            Effect::StartFace(Some(login::identity(form)))
        }),
        Screen::Password(form) => {
            submit(form, key, out, |form| {
                Effect::Password(
                    owned(form, "login"),
                    Zeroizing::new(owned(form, "password")),
                )
            });
        }
        Screen::AddEnterprise(form) => {
            submit(form, key, out, |form| Effect::Add(owned(form, "uscc")))
        }
        Screen::AskLink(form) => submit(form, key, out, |form| {
            Effect::AskLink(owned(form, "login"), owned(form, "name"))
        }),
        Screen::AddAgent(form) => submit(form, key, out, |form| {
            Effect::Invite(agents::new_invite(form))
        }),
        Screen::ReportByCode(form) => submit(form, key, out, phones::reported),
        Screen::StopReset(form) => submit(form, key, out, |form| {
            Effect::StopReset(owned(form, "code"))
        }),
        Screen::OpenLink(form) => {
            submit(form, key, out, |form| Effect::OpenLink(owned(form, "link")))
        }
        _ => {}
    }
}

fn submit(form: &mut Form, key: &Key, out: &mut Out, effect: impl FnOnce(&Form) -> Effect) {
    if matches!(key, Key::Esc) {
        return out.back();
    }
    if form.key(key) {
        out.run(effect(form));
    }
}

fn requested(phone: &mut Phone, request: ShellRequest) -> Vec<Effect> {
    match request {
        ShellRequest::OpenMiniProgram { path, .. } => {
            phone.cx.mini_program = Some(path);
            // The terminal stays in the foreground, so the waiting begins at once.
            vec![Effect::ResumeFace]
        }
        ShellRequest::Share { link, text } => {
            let invite = phone.cx.sharing.take();
            phone
                .screens
                .push(Screen::Share(agents::Share { link, text, invite }));
            Vec::new()
        }
    }
}

fn happened(phone: &mut Phone, event: Event) -> Vec<Effect> {
    match event {
        Event::EnrolAgain => {
            phone.bad(Text::EnrolAgain.of(phone.cx.lang).to_owned());
            Vec::new()
        }
        Event::LoggedIn(account) => {
            phone.cx.account = Some(account);
            vec![Effect::LoadUnfinished]
        }
        Event::LoggedOut => {
            phone.cx.account = None;
            phone.cx.enterprise = None;
            phone.screens.truncate(1);
            Vec::new()
        }
        Event::HandoffChanged if phone.shows(|screen| matches!(screen, Screen::Face(_))) => {
            vec![Effect::LoadFace]
        }
        Event::EnterpriseSelected(_) => vec![Effect::LoadCurrent],
        Event::CertificatesChanged
            if phone
                .screens
                .iter()
                .any(|screen| matches!(screen, Screen::Certificates(_))) =>
        {
            vec![Effect::LoadCertificates]
        }
        Event::AgentsChanged if phone.shows(|screen| matches!(screen, Screen::Agents(_))) => {
            vec![Effect::LoadAgents]
        }
        Event::EnterprisesChanged
            if phone.shows(|screen| matches!(screen, Screen::Enterprises(_))) =>
        {
            vec![Effect::LoadEnterprises]
        }
        _ => Vec::new(),
    }
}

/// The session's screen comes forward whenever the session comes to another state.
fn session_changed(phone: &mut Phone, view: View, effects: &mut Vec<Effect>) {
    let turned =
        std::mem::discriminant(&view.state) != std::mem::discriminant(&phone.cx.session.state);
    phone.cx.session = view;
    if !turned || matches!(phone.cx.session.state, State::Idle) {
        return;
    }
    match phone
        .screens
        .iter()
        .position(|screen| matches!(screen, Screen::Session(_)))
    {
        Some(at) => phone.screens.truncate(at + 1),
        None => {
            phone
                .screens
                .retain(|screen| !matches!(screen, Screen::Scan(_) | Screen::Confirm(_)));
            phone
                .screens
                .push(Screen::Session(session::Session::default()));
        }
    }
    if let Some(Screen::Session(page)) = phone.screens.last_mut() {
        page.turned();
    }
    if matches!(
        phone.cx.session.state,
        State::Closed { .. } | State::Connected { .. }
    ) {
        effects.push(Effect::LoadUnfinished);
    }
}

fn resumed(phone: &mut Phone, result: Result<Resumed, AppError>) -> Vec<Effect> {
    match result {
        Ok(Resumed::Nothing) => Vec::new(),
        Ok(Resumed::CodeNeeded) => {
            if let Some(Screen::Face(page)) = phone.screens.last_mut() {
                page.ask_code();
            }
            Vec::new()
        }
        Ok(Resumed::Finished(outcome)) => replies::ended(phone, outcome),
        Err(error) => {
            // The face check is over, unless only the network is: then the screen stays and Tab tries again.
            if error.code != ErrorCode::Offline {
                phone
                    .screens
                    .retain(|screen| !matches!(screen, Screen::Face(_)));
            }
            phone.bad(words::error(phone.cx.lang, &error));
            Vec::new()
        }
    }
}

fn failed(phone: &mut Phone, error: &AppError, effects: &mut Vec<Effect>) {
    let text = words::error(phone.cx.lang, error);
    let Phone { cx, screens, .. } = phone;
    let about_pin = super::pin::about_pin(error);
    let taken = match screens.last_mut() {
        Some(
            Screen::Identity(form)
            | Screen::Password(form)
            | Screen::AddEnterprise(form)
            | Screen::AskLink(form)
            | Screen::AddAgent(form)
            | Screen::OpenLink(form)
            | Screen::ReportByCode(form)
            | Screen::StopReset(form),
        ) => form.refuse(cx.lang, error),
        Some(Screen::PinSet(page)) if about_pin => {
            page.refuse(cx, error);
            true
        }
        Some(Screen::PinEnter(pin, _)) if about_pin => {
            pin.refuse(cx, error);
            true
        }
        Some(Screen::Session(page)) if about_pin => {
            page.refuse(cx, error);
            true
        }
        _ => false,
    };
    if !taken {
        phone.bad(text);
    }
    note_tries(phone, error);
    match error.next() {
        NextStep::AgreePrivacy => effects.push(Effect::LoadPrivacy),
        NextStep::AskAuthentication => {
            phone.screens.push(Screen::Confirm(Confirm {
                question: Text::AuthenticateAsk.of(phone.cx.lang).to_owned(),
                yes: Text::KeyAuthenticate,
                effect: Some(Effect::AskAuthentication),
            }));
        }
        NextStep::SelectEnterprise => {
            phone.screens.push(Screen::Enterprises(Default::default()));
            effects.push(Effect::LoadEnterprises);
        }
        NextStep::LogIn
            if !phone
                .screens
                .iter()
                .any(|screen| matches!(screen, Screen::Login(_))) =>
        {
            phone.screens.push(Screen::Login(Default::default()));
        }
        _ => {}
    }
}

/// What an error says of the PIN shows on its menu as well; where only the face helps, the menu with that way comes forward.
fn note_tries(phone: &mut Phone, error: &AppError) {
    match error.code {
        ErrorCode::PinWrong => {
            phone.cx.pin = Some(PinState::Set {
                tries_left: error.tries_left,
                wait_seconds: error.wait_seconds.unwrap_or(0),
            });
        }
        ErrorCode::PinBlocked => {
            phone.cx.pin = Some(PinState::Blocked);
            if phone.shows(|screen| matches!(screen, Screen::PinSet(_) | Screen::PinEnter(..))) {
                let kept = |screen: &Screen| {
                    !matches!(
                        screen,
                        Screen::PinSet(_) | Screen::PinEnter(..) | Screen::PinMenu(_)
                    )
                };
                phone.screens.retain(kept);
                phone.screens.push(Screen::PinMenu(Default::default()));
                phone.bad(words::error(phone.cx.lang, error));
            }
        }
        _ => {}
    }
}

impl Phone {
    /// A phone that shows its home page and knows nothing yet.
    pub fn new(cx: Context) -> Self {
        Self {
            cx,
            screens: vec![Screen::Home(Default::default())],
            busy: 0,
            notice: None,
            quit: false,
        }
    }

    /// Shows that something went wrong.
    pub fn bad(&mut self, text: String) {
        self.notice = Some(Notice { good: false, text });
    }

    /// Shows that something went well.
    pub fn good(&mut self, text: Text) {
        self.notice = Some(Notice {
            good: true,
            text: text.of(self.cx.lang).to_owned(),
        });
    }

    /// Whether the shown screen is such a one.
    pub fn shows(&self, such: impl Fn(&Screen) -> bool) -> bool {
        self.screens.last().is_some_and(such)
    }
}
