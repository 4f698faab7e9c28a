//! The simulated SMS network: an inbox for all numbers, in memory.

use super::page::{escape, page};
use crate::platform::Platform;
use axum::extract::State;
use axum::response::Html;
use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// Messages that are kept.
const KEPT: usize = 100;

/// Messages, newest first.
#[derive(Default)]
pub struct SmsInbox(Mutex<VecDeque<(String, String)>>);

impl SmsInbox {
    /// Delivers a message. `phone` is masked: an inbox of all numbers needs no whole one.
    pub fn deliver(&self, phone: String, text: String) {
        let mut messages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        messages.push_front((phone, text));
        messages.truncate(KEPT);
    }

    /// What was delivered: (masked number, text), newest first.
    pub fn messages(&self) -> Vec<(String, String)> {
        let messages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        messages.iter().cloned().collect()
    }
}

/// `GET /sim/sms`.
pub async fn inbox(State(platform): State<Arc<Platform>>) -> Html<String> {
    let messages = platform.sms.messages();
    let list = messages
        .iter()
        .fold(String::new(), |mut all, (phone, text)| {
            let _ = write!(
                all,
                "<li><small>{}</small><br>{}</li>",
                escape(phone),
                escape(text)
            );
            all
        });
    let body = if messages.is_empty() {
        "<section><p class=\"soft\">暂无短信</p></section>".to_owned()
    } else {
        format!("<section><ul>{list}</ul></section>")
    };
    page("短信", "模拟器", "短信收件箱", &body)
}
