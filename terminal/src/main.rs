//! `kapok`: the main job on any machine. A demo of the whole journey, the platform to click through, a phone in the terminal.

mod check_ids;
mod cli;
mod demo;
mod exit;
mod file;
mod guard_keys;
mod person;
mod phone;
mod picture;
mod review;
mod up;
mod verify;

use clap::Parser;
use cli::{Cli, Command};
use std::process::ExitCode;

/// Whatever is freed is wiped, here as in the phone's library.
#[global_allocator]
static ALLOCATOR: kapok_core::allocator::Wiping<std::alloc::System> = kapok_core::allocator::WIPING;

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("KAPOK_LOG"))
        .with_writer(std::io::stderr)
        .init();
    match Cli::parse().command {
        Command::Demo(args) => demo::run(&args),
        Command::Review(args) => review::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::CheckIds(args) => check_ids::run(&args),
        Command::Up(args) => wait_for(up::run(&args)),
        Command::MakeKeys(args) => guard_keys::make(&args),
        Command::RotateGuardKey(args) => guard_keys::rotate(&args),
        Command::Phone(args) => wait_for(phone::run(&args)),
    }
}

fn wait_for(command: impl Future<Output = ExitCode>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .on_thread_park(kapok_core::wipe_stack)
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(command),
        Err(_) => ExitCode::from(exit::codes::FAILED),
    }
}
