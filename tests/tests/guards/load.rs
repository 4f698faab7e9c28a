//! Phones that type their right PIN again and again, and remember what was acknowledged.

use super::process::Guard;
use crate::Bench;
use crate::client::{PIN, Phone};
use kapok_protocol::guard::{
    ConfirmRequest, EvalRequest, NonceRequest, PinKind, Request, Signed, open_reply,
};
use kapok_protocol::ids::AccountId;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// What was acknowledged: event and hash of the request.
#[derive(Default)]
pub struct Acknowledged {
    list: Mutex<Vec<(String, Vec<u8>)>>,
    count: watch::Sender<usize>,
}

impl Acknowledged {
    fn add(&self, event: &str, request: &Signed) {
        let entry = (event.to_owned(), request.hash().to_vec());
        self.list.lock().unwrap().push(entry);
        self.count.send_modify(|count| *count += 1);
    }

    /// Returns when there are so many more.
    pub async fn more(&self, more: usize) {
        let mut count = self.count.subscribe();
        let enough = *count.borrow() + more;
        count.wait_for(|count| *count >= enough).await.unwrap();
    }

    /// Each of them stands in the log once, and nothing else does.
    pub fn compare(&self, events: &super::audit::Events) {
        let list = self.list.lock().unwrap();
        for entry in list.iter() {
            assert_eq!(
                events.get(entry),
                Some(&1),
                "{} is lost or doubled",
                entry.0
            );
        }
        let written = events
            .keys()
            .filter(|key| key.0 == "eval" || key.0 == "confirm");
        assert_eq!(
            written.count(),
            list.len(),
            "each message was acknowledged in the end"
        );
    }
}

/// A message that nobody has answered.
pub struct Pending {
    name: &'static str,
    message: Signed,
}

/// Phones with their first PINs.
pub async fn phones(bench: &Bench, count: u8) -> Vec<Phone> {
    let mut phones = Vec::new();
    for account in 1..=count {
        let (guard, face) = (Arc::clone(&bench.guard), Arc::clone(&bench.face));
        let mut phone = Phone::of(guard, face, AccountId([account; 16]), [0x40 + account; 32]);
        phone.set_first(&PIN, crate::now()).await;
        phones.push(phone);
    }
    phones
}

/// Types the PIN until the guard does not answer; the message that it did not answer, if it is one that counts.
pub async fn until_no_answer(phone: Phone, done: Arc<Acknowledged>) -> Option<Pending> {
    loop {
        if let Err(pending) = once(&phone, &done).await {
            return pending;
        }
    }
}

/// Types the PIN once; what was not answered.
async fn once(phone: &Phone, done: &Acknowledged) -> Result<(), Option<Pending>> {
    let nonce = phone.signed(&phone.nonce_request());
    let nonce = asked::<NonceRequest>(&phone.guard, &nonce).await;
    let (blind, request) = phone.eval_with(nonce.ok_or(None)?, &PIN, PinKind::Install, 0);
    let eval = phone.signed(&request);
    let answer = asked::<EvalRequest>(&phone.guard, &eval).await;
    let answer = answer.ok_or_else(|| Pending::of::<EvalRequest>(&eval))?;
    done.add(EvalRequest::PATH, &eval);
    let kind = (PinKind::Install, 0);
    let confirm = phone.confirm_request(&PIN, &blind, &request, &answer, kind);
    let confirm = phone.signed(&confirm);
    let answer = asked::<ConfirmRequest>(&phone.guard, &confirm).await;
    answer.ok_or_else(|| Pending::of::<ConfirmRequest>(&confirm))?;
    done.add(ConfirmRequest::PATH, &confirm);
    Ok(())
}

async fn asked<R: Request>(guard: &Guard, message: &Signed) -> Option<R::Answer> {
    let reply = guard.answer(R::PATH, message.clone()).await.ok()?;
    let answer = open_reply::<R>(&reply, guard.sign_public(), &message.hash());
    Some(answer.unwrap().unwrap())
}

impl Pending {
    fn of<R: Request>(message: &Signed) -> Option<Self> {
        Some(Self {
            name: R::PATH,
            message: message.clone(),
        })
    }

    /// Sends it and does not wait.
    pub fn throw(&self, guard: &Guard) {
        drop(guard.send(self.name, &self.message));
    }

    /// Sends it, byte for byte as before: the guard answers, and means it. False where there was no answer again.
    pub async fn repeat(&self, guard: &Guard, done: &Acknowledged) -> bool {
        let answered = match self.name {
            EvalRequest::PATH => asked::<EvalRequest>(guard, &self.message).await.is_some(),
            _ => asked::<ConfirmRequest>(guard, &self.message)
                .await
                .is_some(),
        };
        if answered {
            done.add(self.name, &self.message);
        }
        answered
    }
}

/// What the phones of a server that stops and starts go by.
#[derive(Default)]
pub struct Run {
    /// They are to end.
    pub over: AtomicBool,
    /// Whether the server runs.
    pub up: watch::Sender<bool>,
    /// Messages that were sent again.
    pub again: AtomicUsize,
}

/// Types the PIN until the run is over; what is not answered is sent again when the server is up.
pub async fn until_over(phone: Phone, done: Arc<Acknowledged>, run: Arc<Run>) {
    while !run.over.load(Ordering::Relaxed) {
        let Err(pending) = once(&phone, &done).await else {
            continue;
        };
        let mut up = run.up.subscribe();
        up.wait_for(|up| *up).await.unwrap();
        while let Some(pending) = &pending {
            run.again.fetch_add(1, Ordering::Relaxed);
            if pending.repeat(&phone.guard, &done).await {
                break;
            }
            up.wait_for(|up| *up).await.unwrap();
        }
    }
}
