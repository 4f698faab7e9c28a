//! `kapok make-keys` and `kapok rotate-guard-key`: the keys of guard and face service, made by a person and not by a process that starts.

use crate::cli::{Lang, MakeKeys, RotateGuardKey};
use crate::exit::{Failure, codes};
use kapok_platform::config::StartError;
use kapok_platform::guard::{make_keys, rotate_master};
use kapok_platform::keys::Keys;
use kapok_platform::kms::{KeyKind, Kms, Token};
use std::path::Path;
use std::process::ExitCode;

/// The guard's first master key.
const FIRST: &str = "guard-master";

/// Makes the keys that the token lacks.
pub fn make(args: &MakeKeys) -> ExitCode {
    let made = Token::open(&args.token).and_then(|token| make_keys(&token));
    said(
        made.map(|()| {
            "令牌中的密钥已齐备。\nThe token has all keys of guard and face service.".into()
        }),
    )
}

/// Makes the next version of the guard's master key. Phones move under it one by one, each at its next PIN.
pub fn rotate(args: &RotateGuardKey) -> ExitCode {
    let version = match &args.token {
        Some(uri) => Token::open(uri).and_then(|token| rotate_master(&token)),
        None => rotate_in(&args.dir),
    };
    said(version.map(|version| {
        format!(
            "第 {version} 版主密钥已生成，平台下次启动时启用。\nVersion {version} is made; the platform uses it from its next start."
        )
    }))
}

/// In files. A folder without a platform gets no key.
fn rotate_in(dir: &Path) -> Result<u32, StartError> {
    let none = || StartError::NoPlatform(dir.to_owned());
    if !dir.join("platform.db").is_file() {
        return Err(none());
    }
    let keys = Keys::open(dir)?;
    if !keys.has(KeyKind::Secret, FIRST)? {
        // Its keys are in a token.
        return Err(StartError::NoKey(FIRST.to_owned()));
    }
    rotate_master(&keys)
}

fn said(done: Result<String, StartError>) -> ExitCode {
    match done {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => Failure::new(
            codes::FAILED,
            format!("密钥未生成：{error}。"),
            format!("The key was not made: {error}."),
        )
        .report(Lang::ZhCn),
    }
}
