//! How a command can end: one sentence for the person, one number for the script.

use crate::cli::Lang;
use kapok_core::{AppError, ErrorCode};
use std::process::ExitCode;

/// Why a command ended before its time.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    zh: String,
    en: String,
}

/// Exit codes; `kapok help` and docs/terminal.md list them.
pub mod codes {
    /// Something failed that is none of the below.
    pub const FAILED: u8 = 1;
    /// The file cannot be read.
    pub const FILE_UNREADABLE: u8 = 10;
    /// The file is empty.
    pub const FILE_EMPTY: u8 = 11;
    /// The file is not a PDF.
    pub const NOT_PDF: u8 = 12;
    /// The file is damaged or cut off.
    pub const DAMAGED: u8 = 13;
    /// The file is encrypted.
    pub const ENCRYPTED: u8 = 14;
    /// The file is too large.
    pub const TOO_LARGE: u8 = 15;
    /// The file is certified against changes.
    pub const LOCKED: u8 = 16;
    /// The file holds content that must not be signed.
    pub const CONTENT: u8 = 17;
    /// The platform cannot be reached.
    pub const OFFLINE: u8 = 20;
    /// The platform or the phone refused.
    pub const REFUSED: u8 = 21;
    /// The picture holds no code that can be used.
    pub const NO_CODE: u8 = 22;
    /// The output cannot be written.
    pub const OUTPUT: u8 = 30;
    /// Stopped by Ctrl-C.
    pub const INTERRUPTED: u8 = 130;
}

impl Failure {
    /// A failure with its texts.
    pub fn new(code: u8, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            code,
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// Stopped by the person.
    pub fn interrupted() -> Self {
        Self::new(
            codes::INTERRUPTED,
            "已中断，未留下任何文件。",
            "Interrupted; no file was left behind.",
        )
    }

    /// A failure of reading or writing a path, without the operating system's own wording in the way.
    pub fn io(code: u8, path: &std::path::Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        let (path, kind) = (path.display(), error.kind());
        let zh = match kind {
            ErrorKind::NotFound => "文件不存在".to_owned(),
            ErrorKind::PermissionDenied => "没有权限".to_owned(),
            ErrorKind::IsADirectory => "这是一个文件夹".to_owned(),
            other => other.to_string(),
        };
        Self::new(
            code,
            format!("无法访问 {path}：{zh}。"),
            format!("Cannot access {path}: {kind}."),
        )
    }

    /// The sentence.
    pub fn text(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }

    /// Prints the sentence and gives the number.
    pub fn report(&self, lang: Lang) -> ExitCode {
        eprintln!("kapok: {}", self.text(lang));
        ExitCode::from(self.code)
    }

    /// For JSON output.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "ok": false, "exit_code": self.code, "zh": self.zh, "en": self.en })
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        let code = match error.code {
            ErrorCode::DocEmpty => codes::FILE_EMPTY,
            ErrorCode::DocNotPdf => codes::NOT_PDF,
            ErrorCode::DocDamaged => codes::DAMAGED,
            ErrorCode::DocEncrypted => codes::ENCRYPTED,
            ErrorCode::DocSize => codes::TOO_LARGE,
            ErrorCode::DocLocked => codes::LOCKED,
            ErrorCode::DocType => codes::CONTENT,
            ErrorCode::Offline => codes::OFFLINE,
            ErrorCode::QrFormat
            | ErrorCode::QrVersion
            | ErrorCode::QrStale
            | ErrorCode::QrImported => codes::NO_CODE,
            _ => codes::REFUSED,
        };
        let [zh, _, en] = error.code.texts();
        let detail = |text: &str, wait: &str, tries: &str| {
            let mut out = format!("{text} ({})", error.code);
            if let Some(field) = &error.field {
                out.push_str(&format!(" [{field}]"));
            }
            if let Some(seconds) = error.wait_seconds.filter(|s| *s > 0) {
                out.push_str(&format!(", {wait} {seconds} s"));
            }
            if let Some(left) = error.tries_left {
                out.push_str(&format!(", {tries} {left}"));
            }
            out
        };
        Self::new(
            code,
            detail(zh, "等待", "剩余次数"),
            detail(en, "wait", "tries left"),
        )
    }
}
