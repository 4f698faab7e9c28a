//! `kapok verify`: what anyone can say of a signed PDF.

use crate::cli::{Lang, Verify};
use crate::exit::{Failure, codes};
use crate::file;
use kapok_formats::pdf::verify::{
    Change, Level, Report, SignatureReport, Time, Trust, Verdict, verify,
};
use kapok_formats::pdf::{MAX_FILE, PdfError};
use kapok_formats::x509::{Certificate, certificates_from_pem};
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use time::OffsetDateTime;
use time::macros::{format_description, offset};

/// Largest file of certificates, in bytes.
const MAX_ROOTS: u64 = 1024 * 1024;

/// Runs the command. Ends with `REFUSED` unless every signature is valid.
pub fn run(args: &Verify) -> ExitCode {
    let report = match judge(args) {
        Ok(report) => report,
        Err(failure) => {
            if args.json {
                println!("{}", failure.to_json());
            }
            return failure.report(args.lang);
        }
    };
    if args.json {
        let signatures: Vec<Value> = report.signatures.iter().map(data).collect();
        let verdict = word(report.verdict());
        println!(
            "{}",
            json!({ "verdict": verdict, "signatures": signatures })
        );
    } else {
        print(args.lang, &report);
    }
    match report.verdict() {
        Verdict::Valid => ExitCode::SUCCESS,
        _ => ExitCode::from(codes::REFUSED),
    }
}

fn judge(args: &Verify) -> Result<Report, Failure> {
    let bytes = file::read(&args.file, MAX_FILE as u64 + 1)?;
    let mut roots = Vec::new();
    for path in &args.root {
        let pem = file::read(path, MAX_ROOTS)?;
        let found = read_roots(&pem).ok_or_else(|| {
            Failure::new(
                codes::FILE_UNREADABLE,
                format!("{} 中没有 PEM 证书。", path.display()),
                format!("{} holds no certificate in PEM.", path.display()),
            )
        })?;
        roots.extend(found);
    }
    let trust = Trust {
        roots: &roots,
        crls: &[],
        at: now(),
    };
    verify(&bytes, &trust).map_err(|error| unreadable(&error))
}

fn read_roots(pem: &[u8]) -> Option<Vec<Certificate>> {
    let text = std::str::from_utf8(pem).ok()?;
    let found = certificates_from_pem(text).ok()?;
    (!found.is_empty()).then_some(found)
}

fn unreadable(error: &PdfError) -> Failure {
    let (code, zh) = match error {
        PdfError::Empty => (codes::FILE_EMPTY, "文件是空的"),
        PdfError::NotPdf => (codes::NOT_PDF, "文件不是 PDF"),
        PdfError::Encrypted => (codes::ENCRYPTED, "文件已加密"),
        PdfError::TooLarge => (codes::TOO_LARGE, "文件超过 50 MiB"),
        _ => (codes::DAMAGED, "文件已损坏，无法读取"),
    };
    Failure::new(code, format!("{zh}。"), format!("Cannot be read: {error}."))
}

#[allow(
    clippy::disallowed_methods,
    reason = "the command line is its own clock"
)]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Valid => "valid",
        Verdict::Untrusted => "untrusted",
        Verdict::Invalid => "invalid",
    }
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::Basic => "none",
        Level::B => "B-B",
        Level::T => "B-T",
        Level::Lt => "B-LT",
        Level::Lta => "B-LTA",
    }
}

/// `2026-11-23 20:15:00 +08:00`.
fn when(seconds: u64) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] +08:00");
    let time = i64::try_from(seconds).ok();
    let time = time.and_then(|time| OffsetDateTime::from_unix_timestamp(time).ok());
    time.and_then(|time| time.to_offset(offset!(+8)).format(&format).ok())
        .unwrap_or_default()
}

/// `D:20261124045800+08'00'` (ISO 32000-2 section 7.9.4) as people write it; anything else as it is.
fn readable(date: &str) -> String {
    let digits = date.strip_prefix("D:").unwrap_or(date);
    let part = |from: usize, to: usize| {
        let part = digits.get(from..to)?;
        part.bytes().all(|b| b.is_ascii_digit()).then_some(part)
    };
    let parts = [(0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14)];
    let parts: Option<Vec<&str>> = parts.iter().map(|(from, to)| part(*from, *to)).collect();
    match parts.as_deref() {
        Some([year, month, day, hour, minute, second]) => {
            let zone = digits.get(14..).unwrap_or_default();
            let zone = zone.trim_end_matches('\'').replace('\'', ":");
            format!("{year}-{month}-{day} {hour}:{minute}:{second} {zone}")
        }
        _ => date.to_owned(),
    }
}

fn stamped(one: &SignatureReport) -> Option<String> {
    match one.time {
        Time::Stamped(at) => Some(when(at)),
        Time::Claimed => None,
    }
}

fn data(one: &SignatureReport) -> Value {
    let name = one.signer.as_ref();
    let later: Vec<Value> = one
        .later
        .iter()
        .map(|change| match change {
            Change::Evidence => json!({ "kind": "evidence" }),
            Change::Signed(field) => json!({ "kind": "signed", "field": field }),
            Change::Other(what) => json!({ "kind": "other", "what": what }),
        })
        .collect();
    json!({
        "field": one.field,
        "kind": if one.is_timestamp { "timestamp" } else { "signature" },
        "verdict": word(one.verdict()),
        "signer": name.and_then(|name| name.common_name.as_deref()),
        "organization": name.and_then(|name| name.organization.as_deref()),
        "serial": one.certificate.as_ref().map(Certificate::serial_hex),
        "claimed_time": one.claimed,
        "timestamp": stamped(one),
        "covers": one.covers,
        "level": level(one.level),
        "revocation_known": one.revocation_known,
        "broken": one.broken.as_ref().map(ToString::to_string),
        "untrusted": one.untrusted.as_ref().map(ToString::to_string),
        "later": later,
    })
}

fn print(lang: Lang, report: &Report) {
    for (index, one) in report.signatures.iter().enumerate() {
        let kind = match one.is_timestamp {
            true => lang.pick("文件时间戳", "timestamp of the file"),
            false => lang.pick("签名", "signature"),
        };
        let verdict = verdict_words(lang, one.verdict());
        println!("{}. {kind} {}: {verdict}", index + 1, one.field);
        let line = |zh: &str, en: &str, value: &str| {
            println!("   {}: {value}", lang.pick(zh, en));
        };
        if let Some(name) = &one.signer {
            let person = name.common_name.as_deref().unwrap_or_default();
            let of = name.organization.as_deref();
            let who = of.map_or_else(|| person.to_owned(), |of| format!("{person}, {of}"));
            line("签署人", "by", &who);
        }
        match (stamped(one), &one.claimed) {
            (Some(at), _) => line("可信时间", "time, by a trusted service", &at),
            (None, Some(at)) => line("自称时间", "time, as the signer says", &readable(at)),
            (None, None) => {}
        }
        if !one.is_timestamp {
            line("级别", "level", level(one.level));
        }
        let covers = format!("{}", one.covers);
        line("覆盖字节", "covers, bytes", &covers);
        for change in &one.later {
            line("此后", "after it", &change_words(lang, change));
        }
        if let Some(broken) = &one.broken {
            line("无效原因", "broken", &broken.to_string());
        } else if let Some(reason) = &one.untrusted {
            line("证书", "certificate", &reason.to_string());
        } else if !one.revocation_known {
            line(
                "吊销状态",
                "revocation",
                lang.pick("文件中没有吊销信息", "not known: the file holds none"),
            );
        }
    }
    let whole = match report.signatures.is_empty() {
        true => lang
            .pick("文件没有签名。", "The file has no signature.")
            .to_owned(),
        false => format!(
            "{}{}",
            lang.pick("结论：", "Verdict: "),
            verdict_words(lang, report.verdict())
        ),
    };
    println!("{whole}");
}

const fn verdict_words(lang: Lang, verdict: Verdict) -> &'static str {
    let (zh, en) = match verdict {
        Verdict::Valid => ("有效", "valid"),
        Verdict::Untrusted => (
            "签名完好，证书未获信任",
            "intact, its certificate is not trusted",
        ),
        Verdict::Invalid => ("无效", "invalid"),
    };
    match lang {
        Lang::ZhCn => zh,
        Lang::En => en,
    }
}

fn change_words(lang: Lang, change: &Change) -> String {
    match change {
        Change::Evidence => lang
            .pick(
                "加入了证书与吊销信息",
                "certificates and revocation data added",
            )
            .to_owned(),
        Change::Signed(field) => format!("{} {field}", lang.pick("又签署了", "signed again:")),
        Change::Other(what) => format!(
            "{}{what}",
            lang.pick("文件被改动：", "the file was changed: ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_people_write_them() {
        let shown = readable("D:20261124045800+08'00'");
        assert_eq!(shown, "2026-11-24 04:58:00 +08:00");
        assert_eq!(readable("yesterday"), "yesterday");
        assert_eq!(when(1_795_305_600), "2026-11-22 08:00:00 +08:00");
    }
}
