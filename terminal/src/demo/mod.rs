//! `kapok demo`: the whole journey on one machine, with real parts in every room and simulated persons.

mod input;
mod journey;
mod outputs;
mod report;
mod scratch;

use crate::cli::Demo;
use crate::exit::{Failure, codes, stopped};
use journey::Journey;
use outputs::Outputs;
use report::{Check, Progress, Report};
use scratch::Scratch;
use std::process::ExitCode;
use tokio::runtime::Runtime;

/// The document that is signed.
pub struct Document {
    name: String,
    bytes: Vec<u8>,
    pages: u32,
}

/// Runs the demo to its end or to Ctrl-C.
pub fn run(args: &Demo) -> ExitCode {
    match to_the_end(args) {
        Ok(report) if report.ok => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(codes::FAILED),
        Err(failure) => {
            if args.json {
                report::print(&failure.to_json().to_string());
            }
            failure.report(args.lang)
        }
    }
}

fn to_the_end(args: &Demo) -> Result<Report, Failure> {
    let runtime = Runtime::new().map_err(|_| {
        Failure::new(
            codes::FAILED,
            "程序无法启动。",
            "The program cannot be started.",
        )
    })?;
    let scratch = Scratch::new()?;
    let done = runtime.block_on(async {
        let stopped = stopped()?;
        tokio::select! {
            done = demo(args, &scratch) => done,
            // What was made so far lies in folders that are removed when they are dropped.
            () = stopped => Err(Failure::interrupted()),
        }
    });
    // A page that is being drawn is not waited for; all other tasks end here, before their folder goes.
    runtime.shutdown_background();
    drop(scratch);
    done
}

async fn demo(args: &Demo, scratch: &Scratch) -> Result<Report, Failure> {
    let file = args.file.clone();
    // Off this thread, so that Ctrl-C is heard meanwhile.
    let document = tokio::task::spawn_blocking(move || input::document(file.as_deref()));
    let document = document
        .await
        .map_err(|_| Failure::new(codes::FAILED, "文件无法读取。", "The file cannot be read."))??;
    let mut outputs = Outputs::beside(&args.out)?;
    let mut progress = Progress::new(args.lang, args.json);
    progress.line(&format!(
        "\n  木棉 Kapok {}  ·  {}\n",
        env!("CARGO_PKG_VERSION"),
        args.lang
            .pick("一份合同的签署之旅", "one contract's journey")
    ));
    let checks = Journey::new(args.lang, &document, scratch)
        .run(&mut progress, &mut outputs)
        .await?;
    let (steps, total) = progress.finish();
    let report = Report {
        ok: checks.iter().all(|check| check.ok),
        version: env!("CARGO_PKG_VERSION"),
        pages: document.pages,
        bytes: document.bytes.len() as u64,
        document: document.name,
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

fn show(args: &Demo, report: &Report, json: &[u8]) {
    if args.json {
        report::print(&String::from_utf8_lossy(json));
        return;
    }
    let mut text = String::from("\n");
    for Check { check, ok, detail } in &report.checks {
        text.push_str(&format!(
            "  {} {check}  {detail}\n",
            if *ok { '✓' } else { '✗' }
        ));
    }
    let seconds = report.total_ms as f64 / 1000.0;
    let (out, took) = (args.out.display(), args.lang.pick("用时", "took"));
    report::print(&format!(
        "{text}\n  {took} {seconds:.1} s  →  {out}/signed.pdf\n"
    ));
}
