//! `kapok phone --auto`: does what is missing, scans, signs, prints what happens. For scripts and for tests with a real browser.

use super::{answer_site, reviewed, until};
use crate::cli::Phone;
use crate::exit::{Failure, codes};
use crate::person::{Network, Person, Return, pin};
use crate::picture;
use kapok_core::scan::Source;
use kapok_core::signing::{ScanResult, State};
use kapok_core::types::{CertificateKind, EnterpriseId, PinState, SealKind, SealView};
use kapok_core::{App, AppError, ErrorCode};
use std::io::Read;
use std::path::Path;
use zeroize::Zeroizing;

/// Runs once: one scan where `--scan` names a picture, else only what is missing on the phone.
pub async fn run(args: &Phone) -> Result<(), Failure> {
    let digits = digits_from_stdin()?;
    let root_pem = std::fs::read_to_string(&args.root)
        .map_err(|error| Failure::io(codes::FILE_UNREADABLE, &args.root, &error))?;
    let network = Network {
        https_url: &args.platform,
        http_url: &args.simulators,
        root_pem: &root_pem,
    };
    let person = Person::new(&args.person, &args.dir, &network, args.lang)?;
    equip(&person, &digits, |event| say(args, event, None)).await?;
    if let Some(path) = &args.scan {
        sign(&person, digits, path, args).await?;
    }
    if args.hold {
        say(args, "holding", None);
        // Whatever comes is not for us; only the end counts.
        let held =
            tokio::task::spawn_blocking(|| std::io::copy(&mut stdin()?, &mut std::io::sink()));
        let _ = held.await;
    }
    Ok(())
}

/// Six digits in one place, which is wiped.
type Digits = Box<Zeroizing<[u8; 6]>>;

/// The longest line that can be a PIN: six digits, a carriage return, a line feed.
const LINE: usize = 8;

/// Standard input without the buffer that the standard library puts before it and never wipes.
fn stdin() -> std::io::Result<impl Read> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        Ok(std::fs::File::from(
            std::io::stdin().as_fd().try_clone_to_owned()?,
        ))
    }
    #[cfg(not(unix))]
    {
        Ok(std::io::stdin())
    }
}

/// Prints an event; `digits` are those that the PC shows too.
fn say(args: &Phone, event: &str, digits: Option<&str>) {
    match (args.json, digits) {
        (true, Some(sas)) => println!("{}", serde_json::json!({ "event": event, "sas": sas })),
        (true, None) => println!("{}", serde_json::json!({ "event": event })),
        (false, Some(sas)) => println!("{event} {sas}"),
        (false, None) => println!("{event}"),
    }
}

/// Log in, enterprise, PIN, certificate, seal: what is there already stays.
async fn equip(person: &Person, digits: &[u8; 6], say: impl Fn(&str)) -> Result<(), Failure> {
    let app = &person.app;
    if app.login().account().is_none() {
        person.log_in(Return::Button).await?;
        say("logged_in");
    }
    let enterprise = match app.enterprises().current().await? {
        Some(enterprise) => enterprise.enterprise_id,
        None => {
            let found = app.enterprises().list().await?;
            let first = found
                .iter()
                .find(|e| e.name.contains("公司"))
                .or(found.first());
            let id = first
                .ok_or(AppError::from(ErrorCode::EnterpriseRequired))?
                .enterprise_id;
            app.enterprises().select(id).await?;
            say("enterprise_selected");
            id
        }
    };
    if matches!(app.vault().pin_state().await?, PinState::Unset) {
        app.vault().set_pin(pin(digits)?, pin(digits)?).await?;
        say("pin_set");
    }
    if app
        .certificates()
        .chain(enterprise, CertificateKind::Organisation)
        .await?
        .is_empty()
    {
        app.certificates()
            .install(enterprise, CertificateKind::Organisation, pin(digits)?)
            .await?;
        say("certificate_installed");
    }
    seal(person, enterprise, say).await
}

async fn seal(
    person: &Person,
    enterprise: EnterpriseId,
    say: impl Fn(&str),
) -> Result<(), Failure> {
    let seals = person.app.seals();
    let is_own =
        |seal: &SealView| seal.enterprise_id == enterprise && seal.kind == SealKind::Organisation;
    if !seals.list().await?.iter().any(is_own) {
        let preview = seals.preview(enterprise, SealKind::Organisation).await?;
        seals.generate(preview.preview_id).await?;
        say("seal_generated");
    }
    Ok(())
}

async fn sign(person: &Person, digits: Digits, path: &Path, args: &Phone) -> Result<(), Failure> {
    let app = &person.app;
    scan(app, path).await?;
    say(args, "scanned", None);
    let sas = answer_site(app).await?;
    say(args, "request_checked", Some(&sas));
    stop_at(app, args, "request_checked").await?;
    app.signing().approve(pin(&digits)?).await?;
    drop(digits);
    say(args, "connected", None);
    stop_at(app, args, "connected").await?;
    until(app, |state| matches!(state, State::Handover { .. })).await?;
    app.signing().hand_over().await?;
    say(args, "handed_over", None);
    for _ in 0..args.batches {
        batch(app, args).await?;
    }
    app.signing().disconnect().await?;
    say(args, "disconnected", None);
    Ok(())
}

async fn scan(app: &App, path: &Path) -> Result<(), Failure> {
    let gray = picture::read(path)?;
    // A screenshot stands in for the camera: this is a development tool, and its help says so.
    match app
        .signing()
        .scan(picture::frame(&gray)?, Source::Camera)
        .await?
    {
        ScanResult::Connecting { .. } => Ok(()),
        ScanResult::Nothing => Err(Failure::new(
            codes::NO_CODE,
            "图片中没有二维码。",
            "There is no code in the picture.",
        )),
    }
}

/// Reviews and signs the next batch; the PIN was given once, for all of them (YQQ-026).
async fn batch(app: &App, args: &Phone) -> Result<(), Failure> {
    until(app, |state| matches!(state, State::Review { .. })).await?;
    let docs = reviewed(app).await?;
    say(args, "reviewed", None);
    stop_at(app, args, "reviewed").await?;
    app.signing().confirm(docs).await?;
    until(app, |state| {
        matches!(state, State::Connected { last: Some(_), .. })
    })
    .await?;
    say(args, "signed", None);
    Ok(())
}

/// Where `--until` names this event: waits for the session's end, which is an error with its reason.
async fn stop_at(app: &App, args: &Phone, event: &str) -> Result<(), Failure> {
    if args.until.as_deref() != Some(event) {
        return Ok(());
    }
    until(app, |_| false).await.map(|_| ())
}

fn digits_from_stdin() -> Result<Digits, Failure> {
    let wrong = || Failure::from(AppError::from(ErrorCode::PinFormat));
    // One place on the heap; byte by byte, because a buffered reader keeps what it has read.
    let mut line = Box::new(Zeroizing::new([0u8; LINE]));
    let mut input = stdin().map_err(|_| wrong())?;
    for at in 0..LINE {
        let place = line.get_mut(at..=at).ok_or_else(wrong)?;
        if input.read(place).map_err(|_| wrong())? == 0 || *place == [b'\n'] {
            break;
        }
    }
    let mut text = line.split(u8::is_ascii_control);
    let text: &[u8; 6] = text
        .next()
        .and_then(|text| text.try_into().ok())
        .ok_or_else(wrong)?;
    let mut digits = Digits::default();
    for (to, from) in digits.iter_mut().zip(text) {
        *to = from
            .checked_sub(b'0')
            .filter(|digit| *digit <= 9)
            .ok_or_else(wrong)?;
    }
    Ok(digits)
}
