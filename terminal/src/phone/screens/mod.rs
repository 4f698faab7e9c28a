//! The interactive phone: screens with the manuals' labels, drawn in the terminal.
//!
//! One state ([`model::Phone`]), actions in, state and effects out ([`update::update`], pure), drawn by [`draw::draw`]. Effects run
//! on tokio and send actions back. All that must survive a kill is in the core, so the phone may be killed anywhere.

mod acts;
mod draw;
mod effects;
mod form;
mod model;
mod new_pin;
mod pages;
mod pictures;
mod pin;
mod replies;
mod sheet;
#[cfg(test)]
mod tests;
mod texts;
mod update;
mod watch;
mod words;

use crate::cli::Phone as Args;
use crate::exit::{Failure, codes};
use crate::person::open_app;
use kapok_core::App;
use model::{Action, Context, Effect, Key, Phone};
use pictures::Pictures;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{
    self, DisableBracketedPaste, EnableBracketedPaste, Event, KeyCode, KeyEventKind, KeyModifiers,
};
use ratatui::crossterm::execute;
use std::io::{IsTerminal, stdin, stdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use texts::Text;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use zeroize::Zeroizing;

/// Countdowns move this often.
const TICK: Duration = Duration::from_millis(500);
/// How long the PC is told good-bye at the end, at most.
const FAREWELL: Duration = Duration::from_secs(2);

/// Runs the phone until the person leaves.
pub async fn run(args: &Args) -> Result<(), Failure> {
    if !stdin().is_terminal() || !stdout().is_terminal() {
        use crate::cli::Lang;
        return Err(Failure::new(
            codes::FAILED,
            Text::NotTty.of(Lang::ZhCn),
            Text::NotTty.of(Lang::En),
        ));
    }
    let root_pem = std::fs::read_to_string(&args.root)
        .map_err(|error| Failure::io(codes::FILE_UNREADABLE, &args.root, &error))?;
    let app = open_app(
        &args.dir,
        &args.platform,
        &root_pem,
        args.lang,
        "Kapok terminal",
    )?;
    let screen_failed = |error: std::io::Error| {
        Failure::new(
            codes::FAILED,
            format!("终端不可用：{}。", error.kind()),
            format!("The terminal cannot be used: {}.", error.kind()),
        )
    };
    let mut terminal = ratatui::try_init().map_err(screen_failed)?;
    // Without bracketed paste a pasted link arrives as keys, which works too.
    let _ = execute!(stdout(), EnableBracketedPaste);
    let ended = show(&mut terminal, args, &app).await;
    let _ = execute!(stdout(), DisableBracketedPaste);
    ratatui::restore();
    // A PC that is not told notices by itself, only later.
    let _ = tokio::time::timeout(FAREWELL, app.signing().disconnect()).await;
    ended.map_err(screen_failed)
}

async fn show(terminal: &mut DefaultTerminal, args: &Args, app: &App) -> std::io::Result<()> {
    let mut phone = Phone::new(context(args, app));
    phone.busy += 1;
    // A terminal may take its time over the question that follows; the person sees the phone meanwhile.
    terminal.draw(|frame| draw::draw(frame, &phone, &Pictures::plain()))?;
    let pictures = Pictures::of_terminal();
    let (send, mut actions) = unbounded_channel();
    let open = Arc::new(AtomicBool::new(true));
    let keys = read_keys(send.clone(), Arc::clone(&open));
    let pumps = pump(app, args, &send);
    let mut runner = effects::Runner::new(app.clone(), send);
    runner.run(Effect::Start);
    let ended = turn(terminal, phone, &mut actions, &mut runner, &pictures).await;
    open.store(false, Ordering::Relaxed);
    pumps.iter().for_each(tokio::task::AbortHandle::abort);
    // The thread looks at the flag between two polls; its end leaves the terminal's input alone.
    let _ = tokio::task::spawn_blocking(move || keys.join()).await;
    ended
}

async fn turn(
    terminal: &mut DefaultTerminal,
    mut phone: Phone,
    actions: &mut UnboundedReceiver<Action>,
    runner: &mut effects::Runner,
    pictures: &Pictures,
) -> std::io::Result<()> {
    while !phone.quit {
        terminal.draw(|frame| draw::draw(frame, &phone, pictures))?;
        let Some(mut action) = actions.recv().await else {
            break;
        };
        loop {
            let (next, effects) = update::update(phone, action);
            phone = next;
            effects.into_iter().for_each(|effect| runner.run(effect));
            // What has piled up meanwhile is drawn once.
            match actions.try_recv() {
                Ok(more) => action = more,
                Err(_) => break,
            }
        }
    }
    Ok(())
}

fn context(args: &Args, app: &App) -> Context {
    Context {
        lang: args.lang,
        simulators: args.simulators.trim_end_matches('/').to_owned(),
        watch: args.watch.clone(),
        scan: args.scan.clone(),
        now_ms: now_ms(),
        account: app.login().account(),
        enterprise: None,
        session: app.signing().view(),
        pin: None,
        unfinished: 0,
        mini_program: None,
        sharing: None,
    }
}

fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |passed| {
            u64::try_from(passed.as_millis()).unwrap_or(u64::MAX)
        })
}

/// Pulls events, requests, the session's changes, new pictures and the time.
fn pump(app: &App, args: &Args, send: &UnboundedSender<Action>) -> Vec<tokio::task::AbortHandle> {
    let mut pumps = Vec::new();
    let (events, out) = (app.clone(), send.clone());
    pumps.push(
        tokio::spawn(
            async move { while out.send(Action::Event(events.next_event().await)).is_ok() {} },
        )
        .abort_handle(),
    );
    let (requests, out) = (app.clone(), send.clone());
    pumps.push(
        tokio::spawn(async move {
            while out
                .send(Action::Request(requests.next_request().await))
                .is_ok()
            {}
        })
        .abort_handle(),
    );
    let (sessions, out) = (app.clone(), send.clone());
    pumps.push(
        tokio::spawn(async move {
            let mut seen = sessions.signing().view();
            loop {
                seen = sessions.signing().changed(&seen).await;
                if out.send(Action::Session(seen.clone())).is_err() {
                    break;
                }
            }
        })
        .abort_handle(),
    );
    let out = send.clone();
    pumps.push(
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(TICK);
            loop {
                ticks.tick().await;
                if out.send(Action::Tick(now_ms())).is_err() {
                    break;
                }
            }
        })
        .abort_handle(),
    );
    if let Some(folder) = &args.watch {
        let (mut folder, out) = (watch::Folder::new(folder), send.clone());
        pumps.push(
            tokio::spawn(async move {
                let mut looks = tokio::time::interval(watch::PERIOD);
                loop {
                    looks.tick().await;
                    if folder
                        .look()
                        .into_iter()
                        .any(|path| out.send(Action::Found(path)).is_err())
                    {
                        break;
                    }
                }
            })
            .abort_handle(),
        );
    }
    pumps
}

fn read_keys(send: UnboundedSender<Action>, open: Arc<AtomicBool>) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        while open.load(Ordering::Relaxed) {
            // An input that fails for a moment is asked again; one that is gone ends with the process.
            if !event::poll(Duration::from_millis(200)).unwrap_or(false) {
                continue;
            }
            let Ok(event) = event::read() else { continue };
            let action = match event {
                Event::Key(key) if key.kind != KeyEventKind::Release => {
                    key_of(key).map(Action::Key)
                }
                Event::Paste(text) => Some(Action::Key(Key::Paste(Zeroizing::new(text)))),
                Event::Resize(..) => Some(Action::Tick(now_ms())),
                _ => None,
            };
            if action.is_some_and(|action| send.send(action).is_err()) {
                break;
            }
        }
    })
}

fn key_of(key: event::KeyEvent) -> Option<Key> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return matches!(key.code, KeyCode::Char('c')).then_some(Key::Quit);
    }
    Some(match key.code {
        KeyCode::Char(char) => Key::Char(char),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        _ => return None,
    })
}
