//! Values in words: errors with their fields, states, roles, dates.

use super::texts::Text;
use crate::cli::Lang;
use kapok_core::AppError;
use kapok_core::signing::{CloseReason, DocumentState};
use kapok_core::types::{
    ByeReason, CertificateKind, CertificateState, DocumentKind, GrantState, GuardState, InviteKind,
    InviteState, Role, SealKind, TrustLevel,
};

/// An error for a person: the code's text, why, how long to wait, how many tries are left.
pub fn error(lang: Lang, error: &AppError) -> String {
    let [zh, _, en] = error.code.texts();
    let mut out = lang.pick(zh, en).to_owned();
    if error.reason.is_some() {
        out.push_str(lang.pick("：", ": "));
        out.push_str(&reason(lang, error));
    }
    if let Some(left) = error.tries_left {
        out.push_str(&format!(" · {} {left}", Text::TriesLeft.of(lang)));
    }
    if let Some(seconds) = error.wait_seconds.filter(|seconds| *seconds > 0) {
        out.push_str(&format!(
            " · {} {}",
            Text::PinWaitLeft.of(lang),
            minutes(u64::from(seconds))
        ));
    }
    format!("{out} [{}]", error.code)
}

/// Why an input is refused.
pub fn reason(lang: Lang, error: &AppError) -> String {
    let word = error.reason.as_deref().unwrap_or_default();
    let known = match word {
        "empty" => lang.pick("请填写", "must be filled in"),
        "too_long" => lang.pick("内容过长", "too long"),
        "too_short" => lang.pick("至少两个字符", "at least two characters"),
        "length" => lang.pick("位数不正确", "has the wrong length"),
        "character" => lang.pick("含有不允许的字符", "holds a character that is not allowed"),
        "check_digit" => lang.pick("校验位不正确", "the check digit is wrong"),
        "date" if error.field.is_none() => lang.pick("不能使用日期", "it is a date"),
        "date" => lang.pick("日期不存在", "holds a date that does not exist"),
        "region" => lang.pick("地区代码不正确", "the region code is wrong"),
        "format" => lang.pick("格式不正确", "is not written rightly"),
        "range" => lang.pick("超出范围", "out of range"),
        "few_digits" => lang.pick("不同的数字太少", "too few different digits"),
        "steps" => lang.pick("数字连续", "digits in a row"),
        "repeated" => lang.pick("前后三位重复", "the halves repeat"),
        "palindrome" => lang.pick("正反相同", "reads the same backwards"),
        "pairs" => lang.pick("数字成对", "three pairs"),
        "runs" => lang.pick("两段连续数字", "two runs of three"),
        "own" => lang.pick("与您的证件或手机号码相关", "it is part of your own numbers"),
        "" => lang.pick("填写有误", "not valid"),
        other => return other.to_owned(),
    };
    known.to_owned()
}

/// Seconds as `m:ss`, from an hour on as `h:mm:ss`.
pub fn minutes(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// A day out of seconds since the epoch, in the legal time of China (UTC+8).
pub fn day(seconds: u64) -> String {
    let zone = time::macros::offset!(+8);
    let moment = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| time::OffsetDateTime::from_unix_timestamp(seconds).ok());
    moment.map_or_else(
        || "—".to_owned(),
        |moment| moment.to_offset(zone).date().to_string(),
    )
}

/// 已认证 / 未认证 (YST-017).
pub fn level(lang: Lang, level: TrustLevel) -> &'static str {
    match level {
        TrustLevel::Authenticated => lang.pick("已认证", "authenticated"),
        TrustLevel::Unauthenticated => lang.pick("未认证", "not authenticated"),
    }
}

/// What the account is for the enterprise.
pub fn role(lang: Lang, role: Role) -> &'static str {
    match role {
        Role::LegalRep => lang.pick("法定代表人/经营者", "legal representative"),
        Role::Agent => lang.pick("经办人", "agent"),
        Role::Linked => lang.pick("已关联", "linked"),
        Role::Owner => lang.pick("法人账号", "enterprise account"),
        Role::Unknown => "—",
    }
}

/// Kind of a certificate.
pub fn certificate_kind(lang: Lang, kind: CertificateKind) -> &'static str {
    match kind {
        CertificateKind::Organisation => lang.pick("机构证书", "organisation certificate"),
        CertificateKind::Employee => lang.pick("员工证书", "employee certificate"),
        CertificateKind::Unknown => "—",
    }
}

/// State of a certificate.
pub fn certificate_state(lang: Lang, state: CertificateState) -> &'static str {
    match state {
        CertificateState::Installable => lang.pick("未安装", "not installed"),
        CertificateState::Active => lang.pick("已安装", "installed"),
        CertificateState::Elsewhere => lang.pick("已安装在其他手机", "on another phone"),
        CertificateState::Suspended => lang.pick("已暂停", "suspended"),
        CertificateState::Revoked => lang.pick("已吊销", "revoked"),
        CertificateState::Expired => lang.pick("已过期", "expired"),
        CertificateState::Unknown => "—",
    }
}

/// Kind of a seal.
pub fn seal_kind(lang: Lang, kind: SealKind) -> &'static str {
    match kind {
        SealKind::Organisation => lang.pick("机构印章", "organisation seal"),
        SealKind::Employee => lang.pick("员工印章", "employee seal"),
        SealKind::Unknown => "—",
    }
}

/// What an invite is for.
pub fn invite_kind(lang: Lang, kind: InviteKind) -> &'static str {
    match kind {
        InviteKind::Agent => lang.pick("成为经办人", "become an agent"),
        InviteKind::Authentication => {
            lang.pick("申请认证&授权", "authenticate the enterprise and authorise")
        }
        InviteKind::Unknown => "—",
    }
}

/// Where an invite is.
pub fn invite_state(lang: Lang, state: InviteState) -> &'static str {
    match state {
        InviteState::Draft => lang.pick("未发送", "not sent"),
        InviteState::Sent => lang.pick("已发送", "sent"),
        InviteState::Opened => lang.pick("已打开", "opened"),
        InviteState::Accepted => lang.pick("已同意", "accepted"),
        InviteState::Declined => lang.pick("已拒绝", "declined"),
        InviteState::Expired => lang.pick("已过期", "expired"),
        InviteState::Revoked => lang.pick("已撤回", "revoked"),
        InviteState::Unknown => "—",
    }
}

/// Where a grant is.
pub fn grant_state(lang: Lang, state: GrantState) -> &'static str {
    match state {
        GrantState::Active => lang.pick("有效", "active"),
        GrantState::Suspended => lang.pick("已暂停", "suspended"),
        GrantState::Revoked => lang.pick("已注销", "revoked"),
        GrantState::Expired => lang.pick("已到期", "expired"),
        GrantState::Unknown => "—",
    }
}

/// Words of a scope.
pub fn scope(lang: Lang, words: &[String]) -> String {
    let one = |word: &String| match word.as_str() {
        "matters" => Text::ScopeMatters.of(lang).to_owned(),
        "certificates" => Text::ScopeCertificates.of(lang).to_owned(),
        "seals" => Text::ScopeSeals.of(lang).to_owned(),
        other => other.to_owned(),
    };
    words
        .iter()
        .map(one)
        .collect::<Vec<_>>()
        .join(lang.pick("、", ", "))
}

/// Where a document is.
pub fn document_state(lang: Lang, state: DocumentState) -> String {
    let text = match state {
        DocumentState::Waiting => lang.pick("等待", "waiting"),
        DocumentState::Pulling => lang.pick("接收中", "being pulled"),
        DocumentState::Ready => lang.pick("待签", "ready"),
        DocumentState::Amber => lang.pick("待签 ⚠", "ready ⚠"),
        DocumentState::Confirmed => lang.pick("签署中", "being signed"),
        DocumentState::Signed => lang.pick("已签署，送达中", "signed, being delivered"),
        DocumentState::Delivered => lang.pick("已签署", "signed"),
        DocumentState::Refused(code) => {
            let [zh, _, en] = code.texts();
            return format!(
                "{} · {}",
                lang.pick("未签署", "not signed"),
                lang.pick(zh, en)
            );
        }
    };
    text.to_owned()
}

/// Why a document is amber.
pub fn amber(lang: Lang, reason: &str) -> String {
    match reason {
        "optional_content" => lang
            .pick(
                "含有可开关的图层",
                "has layers that can be switched on and off",
            )
            .to_owned(),
        "font_not_embedded" => lang
            .pick(
                "字体未嵌入，各阅读器显示可能不同",
                "a font is not embedded; readers may draw it differently",
            )
            .to_owned(),
        other => other.to_owned(),
    }
}

/// Why a session is over.
pub fn closed(lang: Lang, reason: CloseReason) -> String {
    let text = match reason {
        CloseReason::Error(code) => {
            let [zh, _, en] = code.texts();
            return format!("{} [{code}]", lang.pick(zh, en));
        }
        CloseReason::User | CloseReason::Peer(ByeReason::User) => Text::ByeUser,
        CloseReason::Peer(ByeReason::Done) => Text::ByeDone,
        CloseReason::Peer(ByeReason::Idle) => Text::ByeIdle,
        CloseReason::Peer(ByeReason::Absolute) => Text::ByeAbsolute,
        CloseReason::Peer(ByeReason::Revoked) => Text::ByeRevoked,
        CloseReason::Peer(ByeReason::Replaced) => Text::ByeReplaced,
        CloseReason::Peer(_) => Text::ByeError,
    };
    text.of(lang).to_owned()
}

/// Kinds of identity documents, as the forms list them.
pub const DOCUMENTS: [(DocumentKind, Text); 6] = [
    (DocumentKind::ResidentId, Text::ResidentId),
    (DocumentKind::HkMacaoPermit, Text::HkMacaoPermit),
    (DocumentKind::TaiwanPermit, Text::TaiwanPermit),
    (DocumentKind::ResidencePermit, Text::ResidencePermit),
    (DocumentKind::PermanentResidence, Text::PermanentResidence),
    (DocumentKind::Passport, Text::Passport),
];

/// Whether the guard lets a phone use its PIN.
pub fn guard_state(lang: Lang, state: GuardState) -> &'static str {
    match state {
        GuardState::Ok => Text::PinStateSet,
        GuardState::Blocked => Text::PinStateBlocked,
        GuardState::Resetting => Text::PinStateResetting,
        GuardState::Revoked => Text::ReportedLoss,
    }
    .of(lang)
}
