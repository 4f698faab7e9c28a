//! The 粤信签 mini program, to click through or to drive by a program.
//!
//! Every step calls what a real mini program's backend would call in [`crate::identity::mini`].

use super::page::{escape, options, page};
use super::provider::Outcome;
use crate::identity::Order;
use crate::identity::mini::{self, OpenId, Page, Passed};
use crate::platform::Platform;
use crate::server::{Answer, Failure, Input};
use axum::Json;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use kapok_protocol::api::identity::{HandoffMode, Purpose};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::HandoffId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// `h` in the mini program's path.
#[derive(Deserialize)]
pub struct Entered {
    #[serde(default)]
    h: String,
}

/// `GET /sim/mini?h=`: how WeChat comes to the mini program. Nothing has happened yet.
pub async fn enter(
    State(platform): State<Arc<Platform>>,
    Query(entered): Query<Entered>,
) -> Html<String> {
    let body = format!(
        "<section><form method=\"post\" action=\"/sim/mini/open\">\
         <label>认证编号<input name=\"h\" value=\"{}\" autocomplete=\"off\" required></label>\
         <label>微信用户<select name=\"openid\">{}</select></label>\
         <label>打开方式<select name=\"scene\"><option value=\"1069\">从 App 打开 (1069)</option>\
         <option value=\"1011\">扫描二维码 (1011)</option><option value=\"1007\">聊天中的卡片 (1007)</option></select></label>\
         <button>进入小程序</button></form></section>",
        escape(&entered.h),
        options(&platform.people.persons),
    );
    page("粤信签", "模拟小程序", "打开粤信签", &body)
}

/// The form of [`enter`].
#[derive(Deserialize)]
pub struct Opened {
    h: String,
    openid: String,
    scene: u32,
}

/// `POST /sim/mini/open`.
pub async fn open(State(platform): State<Arc<Platform>>, Form(form): Form<Opened>) -> Response {
    let user = OpenId(form.openid);
    let opened = match handoff(&form.h) {
        Ok(id) => mini::open(&platform, id, &user, form.scene).await,
        Err(refused) => Err(refused),
    };
    match opened {
        Ok(shown) => confirm(&platform, &form.h, &user, &shown).into_response(),
        Err(refused) => refusal(&refused),
    }
}

fn confirm(platform: &Platform, h: &str, user: &OpenId, shown: &Page) -> Html<String> {
    let hidden = hidden(h, user);
    let identity = shown.declared.as_ref().map_or_else(
        || {
            format!(
                "<label>选择本人身份<select name=\"person\">{}</select></label>",
                options(&platform.people.persons)
            )
        },
        |name| format!("<p>认证人：{}</p>", escape(name)),
    );
    let body = format!(
        "<section><p>您正在为下列操作进行人脸识别：</p>\
         <dl><dt>用途</dt><dd>{}</dd><dt>请求设备</dt><dd>{}</dd><dt>剩余次数</dt><dd>{}</dd></dl>\
         <p>App 里也显示这个数字吗？</p><p class=\"digits\">{}</p>\
         <form method=\"post\" action=\"/sim/mini/face\">{hidden}{identity}<button>数字一致，开始人脸识别</button></form>\
         <form method=\"post\" action=\"/sim/mini/cancel\">{hidden}<button class=\"plain\">取消</button></form></section>",
        purpose(shown.purpose),
        escape(&shown.device_label),
        shown.face_left,
        escape(&shown.match_code),
    );
    page("粤信签", "模拟小程序", "确认身份", &body)
}

/// `POST /sim/mini/again`: after a failed check, by the user who owns the handoff already.
pub async fn again(State(platform): State<Arc<Platform>>, Form(form): Form<Owned>) -> Response {
    let user = OpenId(form.openid);
    let shown = match handoff(&form.h) {
        Ok(id) => mini::look(&platform, id, &user).await,
        Err(refused) => Err(refused),
    };
    match shown {
        Ok(shown) => confirm(&platform, &form.h, &user, &shown).into_response(),
        Err(refused) => refusal(&refused),
    }
}

/// The form of the identity page.
#[derive(Deserialize)]
pub struct Faced {
    h: String,
    openid: String,
    person: Option<String>,
}

/// `POST /sim/mini/face`.
pub async fn face(State(platform): State<Arc<Platform>>, Form(form): Form<Faced>) -> Response {
    let user = OpenId(form.openid);
    let begun = begin(&platform, &form.h, &user, form.person.as_deref()).await;
    match begun {
        Ok(order) => camera(&form.h, &user, order).into_response(),
        Err(refused) => refusal(&refused),
    }
}

async fn begin(
    platform: &Arc<Platform>,
    h: &str,
    user: &OpenId,
    person: Option<&str>,
) -> Result<Order, Failure> {
    let typed = match person {
        None => None,
        Some(name) => {
            let person = platform.people.named(name);
            Some(
                person
                    .ok_or_else(|| Failure::field("person", "unknown"))?
                    .typed(),
            )
        }
    };
    mini::begin_face(platform, handoff(h)?, user, typed).await
}

fn camera(h: &str, user: &OpenId, order: Order) -> Html<String> {
    let hidden = format!(
        "{}<input type=\"hidden\" name=\"order\" value=\"{}\">",
        hidden(h, user),
        hex::encode(order.0)
    );
    let body = format!(
        "<section><p>请正对摄像头。模拟器中由您决定结果：</p>\
         <form method=\"post\" action=\"/sim/mini/result\">{hidden}<input type=\"hidden\" name=\"outcome\" value=\"pass\">\
         <button>是本人（通过）</button></form>\
         <form method=\"post\" action=\"/sim/mini/result\">{hidden}<input type=\"hidden\" name=\"outcome\" value=\"fail\">\
         <button class=\"plain\">不是本人（不通过）</button></form></section>"
    );
    page("粤信签", "模拟小程序", "人脸识别", &body)
}

/// The form of the camera's page.
#[derive(Deserialize)]
pub struct Looked {
    h: String,
    openid: String,
    order: String,
    outcome: Outcome,
}

/// `POST /sim/mini/result`.
pub async fn result(State(platform): State<Arc<Platform>>, Form(form): Form<Looked>) -> Response {
    let user = OpenId(form.openid);
    match finish(&platform, &form.h, &user, &form.order, form.outcome).await {
        Ok((passed, mode)) => success(&platform, &passed, mode).into_response(),
        Err(Failure(error)) if error.tries_left.is_some_and(|left| left > 0) => {
            let again = format!(
                "<form method=\"post\" action=\"/sim/mini/again\">{}<button>再试一次</button></form>",
                hidden(&form.h, &user)
            );
            refusal_with(&Failure(error), &again)
        }
        Err(refused) => refusal(&refused),
    }
}

async fn finish(
    platform: &Arc<Platform>,
    h: &str,
    user: &OpenId,
    order: &str,
    outcome: Outcome,
) -> Result<(Passed, HandoffMode), Failure> {
    let id = handoff(h)?;
    let mut bytes = [0; 16];
    hex::decode_to_slice(order, &mut bytes).map_err(|_| Failure::field("order", "invalid"))?;
    platform.simulated_camera.look(Order(bytes), outcome);
    let mode = mini::look(platform, id, user).await?.mode;
    Ok((mini::collect(platform, id, user).await?, mode))
}

fn success(platform: &Platform, passed: &Passed, mode: HandoffMode) -> Html<String> {
    let title = escape(&platform.config.profile.title);
    let button = match mode {
        HandoffMode::SameDevice => format!(
            "<p><a class=\"button\" href=\"{}\">返回{title}</a></p>",
            escape(&passed.return_link)
        ),
        HandoffMode::CrossDevice => String::new(),
    };
    let body = format!(
        "<section><p class=\"good\">人脸识别已通过。</p>{button}\
         <p>若按钮无法返回，请手动回到{title}并输入：</p><p class=\"digits\">{}</p>\
         <p class=\"warn\">请勿将此数字告诉任何人。工作人员不会向您索取。</p></section>",
        escape(&passed.typed_code)
    );
    page("粤信签", "模拟小程序", "认证成功", &body)
}

/// The form of 取消 and 再试一次.
#[derive(Deserialize)]
pub struct Owned {
    h: String,
    openid: String,
}

/// `POST /sim/mini/cancel`.
pub async fn cancel(State(platform): State<Arc<Platform>>, Form(form): Form<Owned>) -> Response {
    let done = match handoff(&form.h) {
        Ok(id) => mini::cancel(&platform, id, &OpenId(form.openid)).await,
        Err(refused) => Err(refused),
    };
    match done {
        Ok(()) => page(
            "粤信签",
            "模拟小程序",
            "已取消",
            "<section><p>请手动返回 App。</p></section>",
        )
        .into_response(),
        Err(refused) => refusal(&refused),
    }
}

/// What a program asks for: the whole walk at once.
#[derive(Deserialize)]
pub struct Walk {
    person: Option<String>,
    scene: u32,
    outcome: Outcome,
    openid: Option<String>,
}

/// What it gets.
#[derive(Serialize, Deserialize)]
pub struct Walked {
    /// What the 返回 button opens.
    pub return_link: String,
    /// The six digits of the success page.
    pub typed_code: String,
    /// The two digits that both sides show.
    pub match_code: String,
}

/// `POST /sim/api/mini/{h}`.
pub async fn api(
    State(platform): State<Arc<Platform>>,
    Path(h): Path<String>,
    input: Input<Walk>,
) -> Answer<Walked> {
    let walk = input.value;
    let id = handoff(&h)?;
    let name = walk.openid.or_else(|| walk.person.clone());
    let user = OpenId(format!("wx-{}", name.unwrap_or_default()));
    let shown = mini::open(&platform, id, &user, walk.scene).await?;
    // Where the app has sent an identity (YST-005), the mini program has no field to type another.
    let person = walk.person.filter(|_| shown.declared.is_none());
    let order = begin(&platform, &h, &user, person.as_deref()).await?;
    platform.simulated_camera.look(order, walk.outcome);
    let passed = mini::collect(&platform, id, &user).await?;
    Ok(Json(Walked {
        return_link: passed.return_link,
        typed_code: passed.typed_code,
        match_code: shown.match_code,
    }))
}

fn handoff(text: &str) -> Result<HandoffId, Failure> {
    text.trim()
        .parse()
        .map_err(|_| ErrorCode::HandoffUnknown.into())
}

fn hidden(h: &str, user: &OpenId) -> String {
    format!(
        "<input type=\"hidden\" name=\"h\" value=\"{}\"><input type=\"hidden\" name=\"openid\" value=\"{}\">",
        escape(h),
        escape(&user.0)
    )
}

fn refusal(failure: &Failure) -> Response {
    refusal_with(failure, "")
}

fn refusal_with(Failure(error): &Failure, way_on: &str) -> Response {
    let [text, ..] = error.code.texts();
    let left = error
        .tries_left
        .map(|left| format!("<p class=\"soft\">剩余次数：{left}</p>"))
        .unwrap_or_default();
    let body = format!(
        "<section><p class=\"warn\">{}</p>{left}{way_on}</section>",
        escape(text)
    );
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::BAD_REQUEST);
    (status, page("粤信签", "模拟小程序", "无法继续", &body)).into_response()
}

const fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Login => "登录",
        Purpose::AcceptInvite => "接受经办人邀请",
        Purpose::EnterpriseAuth => "认证企业账号",
        Purpose::AddSelf => "添加本人为经办人",
        Purpose::PinReset => "重置PIN码",
        Purpose::VerifyAgent => "验证个人身份",
        Purpose::Transfer => "转让管理员",
    }
}
