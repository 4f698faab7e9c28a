//! The one table of links that open the app. None acts by itself: a link becomes a value, and the user's tap follows.
//!
//! | link | value |
//! |---|---|
//! | `kapok://app/wx/return?h=<32 hex>&r=<return code>` | [`Link::Return`]: the button 返回 of the mini program |
//! | `kapok://invite/<32 hex>`, `https://<any host>/i/<32 hex>` | [`Link::Invite`]: 认证链接 |
//! | anything else | nothing: the shell shows its home page |
//!
//! An invite's number is all that is taken from an `https` link: the app asks its own platform about it, whatever the host.

use kapok_protocol::ids::{Bytes, HandoffId, InviteId};
use url::Url;

/// The longest link that is looked at, in bytes.
const MAX_LINK: usize = 512;

/// A link that the app knows. Has no derived `Debug`: a return code is a secret for two minutes.
#[derive(Clone, PartialEq, Eq)]
pub enum Link {
    /// The way back from a face check.
    Return {
        /// The face check.
        handoff_id: HandoffId,
        /// The one-time return code, 16 bytes.
        code: [u8; 16],
    },
    /// An invite.
    Invite(InviteId),
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Return { handoff_id, .. } => write!(f, "Return({handoff_id})"),
            Self::Invite(invite_id) => write!(f, "Invite({invite_id})"),
        }
    }
}

/// Reads a link strictly: no other host, path, key, repetition, port or fragment than the table's.
pub fn parse(text: &str) -> Option<Link> {
    if text.len() > MAX_LINK {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if !bare {
        return None;
    }
    match url.scheme() {
        "kapok" if url.port().is_none() => own(&url),
        "https" if url.query().is_none() => invite(url.path().strip_prefix("/i/")?),
        _ => None,
    }
}

fn own(url: &Url) -> Option<Link> {
    match (url.host_str()?, url.path()) {
        ("app", "/wx/return") => returned(url),
        ("invite", path) if url.query().is_none() => invite(path.strip_prefix('/')?),
        _ => None,
    }
}

fn invite(id: &str) -> Option<Link> {
    id.parse::<InviteId>().ok().map(Link::Invite)
}

fn returned(url: &Url) -> Option<Link> {
    let (mut handoff_id, mut code) = (None, None);
    for pair in url.query()?.split('&') {
        match pair.split_once('=')? {
            ("h", text) if handoff_id.is_none() => {
                handoff_id = Some(text.parse::<HandoffId>().ok()?);
            }
            ("r", text) if code.is_none() => code = Some(return_code(text)?),
            _ => return None,
        }
    }
    Some(Link::Return {
        handoff_id: handoff_id?,
        code: code?,
    })
}

/// 16 bytes as base64url without padding, as all byte strings travel, or as hexadecimal digits.
fn return_code(text: &str) -> Option<[u8; 16]> {
    if let Ok(id) = text.parse::<HandoffId>() {
        return Some(id.0);
    }
    let json = serde_json::Value::String(text.to_owned());
    serde_json::from_value::<Bytes>(json).ok()?.array()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn yst_007_the_way_back_is_read_in_either_order_and_writing() {
        let h = "0123456789abcdef0123456789abcdef";
        let expected = Link::Return {
            handoff_id: h.parse().unwrap(),
            code: [0xff; 16],
        };
        for link in [
            format!("kapok://app/wx/return?h={h}&r=_____________________w"),
            format!("kapok://app/wx/return?r={}&h={h}", "ff".repeat(16)),
        ] {
            assert_eq!(parse(&link).as_ref(), Some(&expected), "{link}");
        }
    }

    #[test]
    fn yst_020_an_invite_link_is_read_from_both_forms() {
        let id = "ab".repeat(16);
        let expected = Some(Link::Invite(InviteId([0xab; 16])));
        assert_eq!(parse(&format!("https://yst.example:8443/i/{id}")), expected);
        assert_eq!(parse(&format!("kapok://invite/{id}")), expected);
    }

    #[test]
    fn what_is_not_in_the_table_is_nothing() {
        let id = "ab".repeat(16);
        for bad in [
            String::new(),
            format!("http://a/i/{id}"),
            format!("https://a/i/{id}/"),
            format!("https://a/i/{id}?x=1"),
            format!("https://u:p@a/i/{id}"),
            format!("https://a/i/{id}#f"),
            format!("https://a/x/i/{id}"),
            format!("https://a/i/{}", id.to_uppercase()),
            format!("kapok://invite:1/{id}"),
            format!("kapok://invite/{id}?x"),
            format!("kapok://app/wx/return?h={id}"),
            format!("kapok://app/wx/return?h={id}&r={id}&h={id}"),
            format!("kapok://app/wx/return?h={id}&r={id}&x=1"),
            format!("kapok://app/wx/return?h={id}&r=short"),
            format!("kapok://other/wx/return?h={id}&r={id}"),
            format!("javascript:kapok://invite/{id}"),
        ] {
            assert_eq!(parse(&bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_crashes_the_parser(text in "\\PC{0,80}", tail in "[ -~]{0,80}") {
            parse(&text);
            parse(&format!("kapok://app/wx/return?{tail}"));
            parse(&format!("https://{tail}"));
        }

        #[test]
        fn every_number_and_code_comes_back(h: [u8; 16], r: [u8; 16]) {
            let link = format!(
                "kapok://app/wx/return?h={}&r={}",
                HandoffId(h),
                serde_json::to_value(Bytes::from(r)).unwrap().as_str().unwrap(),
            );
            prop_assert_eq!(parse(&link), Some(Link::Return { handoff_id: HandoffId(h), code: r }));
        }
    }
}
