//! `kapok phone`: a phone in the terminal. This file holds what its screens and its automatic run have in common.

mod auto;
mod screens;

use crate::cli::Phone;
use crate::exit::{Failure, codes};
use kapok_core::signing::{CloseReason, DocumentState, State, View};
use kapok_core::types::{CertOffer, CertPick, DocumentId};
use kapok_core::{App, AppError, ErrorCode};
use std::process::ExitCode;
use std::time::Duration;

/// The longest a session may take to come to the next state, the user's own time left out.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest that pulling and reviewing may take: a lease is over by then.
const PULL_PATIENCE: Duration = Duration::from_secs(300);

/// Runs the phone.
pub async fn run(args: &Phone) -> ExitCode {
    let done = if args.auto {
        // On a thread of the runtime: its stack is wiped whenever it waits.
        let args = args.clone();
        match tokio::spawn(async move { auto::run(&args).await }).await {
            Ok(done) => done,
            Err(_) => Err(AppError::from(ErrorCode::Internal).into()),
        }
    } else {
        screens::run(args).await
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if args.json {
                println!("{}", failure.to_json());
            }
            failure.report(args.lang)
        }
    }
}

/// Waits for a state; a session that ends meanwhile is an error with its reason.
pub async fn until(app: &App, wanted: impl Fn(&State) -> bool) -> Result<View, Failure> {
    within(PATIENCE, app, wanted).await
}

async fn within(
    patience: Duration,
    app: &App,
    wanted: impl Fn(&State) -> bool,
) -> Result<View, Failure> {
    let wait = async {
        let mut view = app.signing().view();
        loop {
            if wanted(&view.state) {
                return Ok(view);
            }
            if let State::Closed { reason, .. } = &view.state {
                return Err(closed(*reason));
            }
            view = app.signing().changed(&view).await;
        }
    };
    tokio::time::timeout(patience, wait)
        .await
        .unwrap_or_else(|_| Err(AppError::from(ErrorCode::PeerGone).into()))
}

/// Waits until the site's request was checked, and answers which address the PC shows: the one of the handshake, which on this
/// machine is the one that the browser was opened at. Gives the digits that both sides show.
pub async fn answer_site(app: &App) -> Result<String, Failure> {
    let asked = |state: &State| matches!(state, State::SiteCheck { .. } | State::Approve { .. });
    let view = until(app, asked).await?;
    match view.state {
        State::SiteCheck { rp, peer, .. } => {
            app.signing().choose_site(rp.origin).await?;
            Ok(peer.sas)
        }
        State::Approve { peer, .. } => Ok(peer.sas),
        _ => Err(AppError::from(ErrorCode::StateWrong).into()),
    }
}

/// Waits until all documents are here and reviewed; gives those that may be confirmed together. Amber ones are for a person.
pub async fn reviewed(app: &App) -> Result<Vec<DocumentId>, Failure> {
    let here = |state: &State| match state {
        State::Review { batch, .. } => !batch
            .documents
            .iter()
            .any(|d| matches!(d.state, DocumentState::Waiting | DocumentState::Pulling)),
        State::Connected { last: Some(_), .. } => true,
        _ => false,
    };
    let view = within(PULL_PATIENCE, app, here).await?;
    let State::Review { batch, .. } = view.state else {
        return Err(AppError::from(ErrorCode::DocType).into());
    };
    let ready: Vec<_> = batch
        .documents
        .iter()
        .filter(|d| d.state == DocumentState::Ready)
        .map(|d| d.entry.doc)
        .collect();
    let amber = batch
        .documents
        .iter()
        .find(|d| d.state == DocumentState::Amber)
        .map(|d| vec![d.entry.doc]);
    match (ready.is_empty(), amber) {
        (false, _) => Ok(ready),
        (true, Some(amber)) => Ok(amber),
        (true, None) => {
            let code = batch.documents.iter().find_map(|d| match d.state {
                DocumentState::Refused(code) => Some(code),
                _ => None,
            });
            Err(AppError::from(code.unwrap_or(ErrorCode::DocType)).into())
        }
    }
}

/// Picks on the PC's side: the certificate that holds the wanted seal, else the first with a seal, else the first.
pub fn choose(offers: &[CertOffer], es_id: Option<&str>) -> CertPick {
    let with = |wanted: &str| {
        offers
            .iter()
            .find(|offer| offer.seals.iter().any(|seal| seal.es_id == wanted))
    };
    let offer = es_id
        .and_then(with)
        .or_else(|| offers.iter().find(|offer| !offer.seals.is_empty()))
        .or(offers.first());
    let seal = offer.and_then(|offer| {
        let seals = &offer.seals;
        seals
            .iter()
            .find(|seal| es_id == Some(seal.es_id.as_str()))
            .or(seals.first())
    });
    CertPick {
        es_id: seal.map(|seal| seal.es_id.clone()),
        handle: offer.map_or(0, |offer| offer.handle),
    }
}

fn closed(reason: CloseReason) -> Failure {
    match reason {
        CloseReason::Error(code) => AppError::from(code).into(),
        CloseReason::Peer(_) => AppError::from(ErrorCode::PeerGone).into(),
        CloseReason::User => Failure::new(codes::INTERRUPTED, "已断开。", "Disconnected."),
    }
}
