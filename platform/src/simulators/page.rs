//! Plain pages: no script, one style sheet of our own.

use super::data::SimulatedPerson;
use crate::platform::Platform;
use axum::extract::State;
use axum::response::Html;
use std::fmt::Write;
use std::sync::Arc;

/// Text as it may stand in HTML.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A page: `place` names whose page it is, `body` is HTML.
pub fn page(place: &str, note: &str, title: &str, body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"/plain.css\"></head><body><main>\
         <header><b>{place}</b><span>{note}</span></header><h1>{title}</h1>{body}</main></body></html>",
        place = escape(place),
        note = escape(note),
        title = escape(title),
    ))
}

/// `<option>`s of the simulated people.
pub fn options(people: &[SimulatedPerson]) -> String {
    people.iter().fold(String::new(), |mut all, person| {
        let name = escape(&person.name);
        // Writing to a String cannot fail.
        let _ = write!(all, "<option value=\"{name}\">{name}</option>");
        all
    })
}

/// `GET /sim`.
pub async fn index(State(platform): State<Arc<Platform>>) -> Html<String> {
    let people = platform.people.persons.iter();
    let people = people.fold(String::new(), |mut all, person| {
        let _ = write!(
            all,
            "<li>{}<br><small>证件号码 {}</small></li>",
            escape(&person.name),
            escape(&person.number)
        );
        all
    });
    let body = format!(
        "<section><p>本页模拟平台之外的系统，仅供本机演示和测试。</p><ul>\
         <li><a href=\"/sim/sms\">短信收件箱</a><br><small>平台发出的短信</small></li>\
         <li><a href=\"/sim/time\">快进时间</a><br><small>跳过PIN码锁定等等待</small></li>\
         <li><a href=\"/sim/mini\">粤信签小程序</a><br><small>由 App 打开，带认证编号</small></li></ul></section>\
         <section><p class=\"soft\">模拟人员</p><ul>{people}</ul></section>"
    );
    page(&platform.config.profile.title, "本机演示", "模拟器", &body)
}
