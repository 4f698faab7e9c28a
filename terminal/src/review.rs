//! `kapok review`: what the phone would say of a PDF before it is signed.

use crate::cli::{Lang, Review};
use crate::exit::{Failure, codes};
use crate::file;
use kapok_formats::pdf::{self, Decision, ReviewReason};
use serde_json::json;
use std::process::ExitCode;

/// Runs the command. Ends with `CONTENT` where the phone would refuse.
pub fn run(args: &Review) -> ExitCode {
    let bytes = match file::read(&args.file, pdf::MAX_FILE as u64 + 1) {
        Ok(bytes) => bytes,
        Err(failure) => return said(args, &failure),
    };
    let review = pdf::review(&bytes);
    let decision = match review.decision {
        Decision::Show => "show",
        Decision::Amber => "amber",
        Decision::Refuse => "refuse",
    };
    if args.json {
        let reasons: Vec<_> = review.reasons.iter().map(ReviewReason::word).collect();
        println!("{}", json!({ "decision": decision, "reasons": reasons }));
    } else {
        println!("{}", words(args.lang, review.decision));
        for reason in &review.reasons {
            println!("  - {}", reason_words(args.lang, reason));
        }
    }
    match review.decision {
        Decision::Refuse => ExitCode::from(codes::CONTENT),
        _ => ExitCode::SUCCESS,
    }
}

fn said(args: &Review, failure: &Failure) -> ExitCode {
    if args.json {
        println!("{}", failure.to_json());
    }
    failure.report(args.lang)
}

const fn words(lang: Lang, decision: Decision) -> &'static str {
    let (zh, en) = match decision {
        Decision::Show => (
            "可以展示并签署，可并入批量签署。",
            "It is shown and may be signed, also in a batch.",
        ),
        Decision::Amber => (
            "可以展示，但须提示并单独签署。",
            "It is shown with a warning and signed alone.",
        ),
        Decision::Refuse => ("不能签署。", "It must not be signed."),
    };
    match lang {
        Lang::ZhCn => zh,
        Lang::En => en,
    }
}

fn reason_words(lang: Lang, reason: &ReviewReason) -> String {
    let (zh, en) = match reason {
        ReviewReason::JavaScript => ("含有脚本", "It holds a script"),
        ReviewReason::Xfa => (
            "是 XFA 表单，显示内容与页面内容不是一回事",
            "It is an XFA form: what it shows is not what its pages hold",
        ),
        ReviewReason::OpenAction => (
            "打开时会执行跳转页面以外的动作",
            "Something other than going to a page happens on opening",
        ),
        ReviewReason::Launch => (
            "会启动程序或打开其他文件",
            "It starts a program or opens another file",
        ),
        ReviewReason::RichMedia => (
            "含有音视频、三维或其他播放内容",
            "It holds sound, film, 3D or another player",
        ),
        ReviewReason::Encrypted => ("已加密", "It is encrypted"),
        ReviewReason::OptionalContent => (
            "含有可开关的图层",
            "It has layers that can be switched on and off",
        ),
        ReviewReason::FontNotEmbedded => (
            "有字体未嵌入，各阅读器显示可能不同",
            "A font is not in the file: readers may draw it differently",
        ),
        ReviewReason::Unreadable(why) => {
            return match lang {
                Lang::ZhCn => format!("无法打开以供签署（{why}）"),
                Lang::En => format!("It cannot be opened for signing: {why}"),
            };
        }
    };
    lang.pick(zh, en).to_owned()
}
