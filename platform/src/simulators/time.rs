//! Time that passes at once: so that somebody who tries out a lockout need not wait for it. A demonstration's clock alone does it.

use super::page::page;
use crate::guard;
use crate::platform::Platform;
use crate::server::{Answer, Failure, Input};
use axum::Json;
use axum::extract::{Form, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use kapok_protocol::error::ErrorCode;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most that passes in one step: the three days in which a lost phone's owner may object, and a little more.
const MOST: u32 = 73 * 3600;

/// How much passes.
#[derive(Deserialize, Serialize)]
pub struct Pass {
    seconds: u32,
}

/// The platform's time after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// Seconds since the epoch.
    pub time: u64,
}

impl Pass {
    pub(super) const fn of(seconds: u32) -> Self {
        Self { seconds }
    }

    async fn pass(&self, platform: &Platform) -> Result<Passed, Failure> {
        if self.seconds > MOST {
            return Err(Failure::field("seconds", "too_large"));
        }
        if !platform.clock.pass(self.seconds) {
            return Err(ErrorCode::NotFound.into());
        }
        // What is done once a minute would have been done meanwhile.
        guard::follow_due(platform).await;
        Ok(Passed {
            time: platform.clock.seconds(),
        })
    }
}

/// `GET /sim/time`.
pub async fn ask() -> Html<String> {
    let steps = [
        (60, "1 分钟"),
        (3600, "1 小时"),
        (24 * 3600, "24 小时"),
        (MOST, "73 小时"),
    ];
    let buttons: String = steps
        .iter()
        .map(|(seconds, words)| {
            format!(
                "<form method=\"post\" action=\"/sim/time\"><input type=\"hidden\" name=\"seconds\" value=\"{seconds}\">\
                 <button class=\"plain\">快进 {words}</button></form>"
            )
        })
        .collect();
    let body = format!(
        "<section><p>只快进本演示平台的时钟，用来跳过PIN码锁定等等待时间。不能倒退。</p>{buttons}</section>"
    );
    page("时间", "模拟器", "快进时间", &body)
}

/// `POST /sim/time`, from the page.
pub async fn form(State(platform): State<Arc<Platform>>, Form(form): Form<Pass>) -> Response {
    match form.pass(&platform).await {
        Ok(_) => Redirect::to("/sim/time").into_response(),
        Err(failure) => failure.into_response(),
    }
}

/// `POST /sim/api/time`, for programs.
pub async fn api(State(platform): State<Arc<Platform>>, input: Input<Pass>) -> Answer<Passed> {
    Ok(Json(input.value.pass(&platform).await?))
}
