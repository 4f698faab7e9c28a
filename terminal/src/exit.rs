//! How a command can end: one sentence for the person, one number for the script.

use crate::cli::Lang;
use kapok_core::{AppError, ErrorCode};
use std::io::{self, ErrorKind};
use std::process::ExitCode;
#[cfg(unix)]
use std::task::Poll;

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
    /// A page is too small for the seal.
    pub const PAGE: u8 = 18;
    /// The platform cannot be reached.
    pub const OFFLINE: u8 = 20;
    /// The platform or the phone refused.
    pub const REFUSED: u8 = 21;
    /// The picture holds no code that can be used.
    pub const NO_CODE: u8 = 22;
    /// The output cannot be written.
    pub const OUTPUT: u8 = 30;
    /// Stopped by Ctrl-C, or by the system (SIGTERM, SIGHUP).
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

    /// A failure of reading or writing a path, in words of ours: the system's own come in one language only.
    pub fn io(code: u8, path: &std::path::Path, error: &io::Error) -> Self {
        let (zh, en) = match error.kind() {
            ErrorKind::NotFound => ("文件不存在", "it does not exist"),
            ErrorKind::PermissionDenied => ("没有权限", "permission denied"),
            ErrorKind::ReadOnlyFilesystem => ("磁盘是只读的", "the disk is read-only"),
            ErrorKind::NotADirectory => ("不是文件夹", "it is not a folder"),
            ErrorKind::IsADirectory => ("这是一个文件夹", "it is a folder"),
            ErrorKind::StorageFull => ("磁盘已满", "the disk is full"),
            ErrorKind::InvalidFilename => ("文件名无效", "the file name is not valid"),
            _ => ("读写出错", "reading or writing failed"),
        };
        let path = path.display();
        Self::new(
            code,
            format!("无法访问 {path}：{zh}。"),
            format!("Cannot access {path}: {en}."),
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

/// Ends when the person or the system asks the program to stop; from the call on they are heard.
#[cfg(unix)]
pub fn stopped() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| {
        signal(kind).map_err(|_| {
            Failure::new(
                codes::FAILED,
                "无法接收中断信号。",
                "Interrupts cannot be heard.",
            )
        })
    };
    let mut signals = [
        listen(SignalKind::interrupt())?,
        listen(SignalKind::terminate())?,
        listen(SignalKind::hangup())?,
    ];
    Ok(async move {
        std::future::poll_fn(|context| {
            let heard = signals.iter_mut().any(|s| s.poll_recv(context).is_ready());
            if heard {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await
    })
}

/// Ends when the person asks the program to stop.
#[cfg(not(unix))]
pub fn stopped() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
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
            ErrorCode::DocPage => codes::PAGE,
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
            if let Some(subject) = error.field.as_ref().or(error.reason.as_ref()) {
                out.push_str(&format!(" [{subject}]"));
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
