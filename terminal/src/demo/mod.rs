//! `kapok demo`: the whole journey on one machine, with real parts in every room and simulated persons.

mod journey;
mod outputs;
mod report;

use crate::cli::Demo;
use crate::exit::{Failure, codes};
use journey::Journey;
use outputs::Outputs;
use report::{Check, Progress, Report};
use std::process::ExitCode;

/// The document that is signed.
pub struct Document {
    name: String,
    bytes: Vec<u8>,
}

/// Runs the demo to its end or to Ctrl-C.
pub async fn run(args: &Demo) -> ExitCode {
    let work = demo(args);
    let interrupted = tokio::signal::ctrl_c();
    let done = tokio::select! {
        done = work => done,
        // Everything that was made lies in folders that are removed when they are dropped.
        _ = interrupted => Err(Failure::interrupted()),
    };
    match done {
        Ok(report) if report.ok => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(codes::FAILED),
        Err(failure) => {
            if args.json {
                println!("{}", failure.to_json());
            }
            failure.report(args.lang)
        }
    }
}

async fn demo(args: &Demo) -> Result<Report, Failure> {
    let document = document(args)?;
    let pages =
        kapok_platform::portal::inspect(&document.bytes).map_err(kapok_core::AppError::from)?;
    let mut outputs = Outputs::beside(&args.out)?;
    let mut progress = Progress::new(args.lang, args.json);
    progress.line(&format!(
        "\n  木棉 Kapok {}  ·  {}\n",
        env!("CARGO_PKG_VERSION"),
        args.lang
            .pick("一份合同的签署之旅", "one contract's journey")
    ));
    let checks = Journey::new(args.lang, &document)
        .run(&mut progress, &mut outputs)
        .await?;
    let (steps, total) = progress.finish();
    let report = Report {
        ok: checks.iter().all(|check| check.ok),
        version: env!("CARGO_PKG_VERSION"),
        document: document.name,
        pages,
        bytes: document.bytes.len() as u64,
        total_ms: total.as_millis(),
        peak_rss_bytes: report::peak_rss_bytes(),
        steps,
        checks,
        files: outputs.names(),
    };
    let json = serde_json::to_vec_pretty(&report).map_err(|_| {
        Failure::new(
            codes::FAILED,
            "报告无法写出。",
            "The report cannot be written.",
        )
    })?;
    outputs.put("report.json", &json)?;
    outputs.publish()?;
    show(args, &report, &json);
    Ok(report)
}

fn document(args: &Demo) -> Result<Document, Failure> {
    let Some(path) = &args.file else {
        let bytes = kapok_platform::sample_contract().ok_or_else(|| {
            Failure::new(
                codes::FAILED,
                "样例合同无法生成。",
                "The sample contract cannot be made.",
            )
        })?;
        return Ok(Document {
            name: "采购合同.pdf".to_owned(),
            bytes,
        });
    };
    let bytes =
        std::fs::read(path).map_err(|error| Failure::io(codes::FILE_UNREADABLE, path, &error))?;
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Ok(Document { name, bytes })
}

fn show(args: &Demo, report: &Report, json: &[u8]) {
    if args.json {
        println!("{}", String::from_utf8_lossy(json));
        return;
    }
    println!();
    for Check { check, ok, detail } in &report.checks {
        println!("  {} {check}  {detail}", if *ok { '✓' } else { '✗' });
    }
    let seconds = report.total_ms as f64 / 1000.0;
    let out = args.out.display();
    let line = args.lang.pick("用时", "took");
    println!("\n  {line} {seconds:.1} s  →  {out}/signed.pdf\n");
}
