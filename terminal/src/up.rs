//! `kapok up`: the platform and the PC page on this machine, until Ctrl-C.

use crate::cli::{self, Up};
use crate::exit::{Failure, codes};
use kapok_platform::config::GuardSettings;
use kapok_platform::{Config, ProfileFile};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// File beside the databases with the certificate that phones trust.
const ROOT_FILE: &str = "tls-root.pem";

/// Serves until Ctrl-C.
pub async fn run(args: &Up) -> ExitCode {
    match serve(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(crate::cli::Lang::ZhCn),
    }
}

async fn serve(args: &Up) -> Result<(), Failure> {
    let failed = |what: String| {
        Failure::new(
            codes::FAILED,
            format!("平台无法启动：{what}。"),
            format!("The platform did not start: {what}."),
        )
    };
    let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let config = Config {
        dir: args.dir.clone(),
        https: local(args.https_port),
        http: local(args.http_port),
        profile: ProfileFile::yst().map_err(|e| failed(e.to_string()))?,
        clock: Arc::new(kapok_platform::clock::DemoClock::default()),
        pki_base: format!("http://127.0.0.1:{}", args.http_port),
        guard: GuardSettings {
            database: args.guard_database.clone(),
            copies: Some(args.guard_copies),
        },
        token: args.token.clone(),
        development: true,
    };
    let running = kapok_platform::start(config)
        .await
        .map_err(|e| failed(e.to_string()))?;
    let root = args.dir.join(ROOT_FILE);
    if args.json {
        let line = serde_json::json!({
            "http": running.http_url, "https": running.https_url, "simulators": running.simulators_url(), "root": root,
        });
        println!("{line}");
    } else {
        println!("\n  木棉 Kapok {}\n", env!("CARGO_PKG_VERSION"));
        println!("  电脑端页面 PC page       {}", running.http_url);
        if let Some(url) = running.simulators_url() {
            println!("  模拟端页面 simulators    {url}");
            println!("  开发模式：模拟的人员、账号和人脸识别已开启，仅供本机演示。");
            println!(
                "  Development: simulated people, accounts and face checks are on; for this machine only."
            );
        }
        if args.guard_copies == 1 {
            println!("  PIN 服务的数据只有一份：数据一旦丢失，所有手机须重新安装证书。");
            println!(
                "  The PIN guard's data is in one place: if it is lost, all phones install anew (--guard-copies)."
            );
        }
        println!(
            "  手机接口   for phones    {}  (root: {})",
            running.https_url,
            root.display()
        );
        println!("\n  打开终端手机 A phone in the terminal, from another one:");
        println!(
            "    {}",
            phone_command(args, &running.https_url, &running.http_url)
        );
        println!("  Ctrl-C 停止 stops\n");
    }
    // Where signals cannot be heard the platform ends with its process.
    let _ = tokio::signal::ctrl_c().await;
    running.shutdown().await;
    Ok(())
}

/// What to type for a phone of this platform: addresses only where they are not the ones a phone looks for by itself.
fn phone_command(args: &Up, https: &str, http: &str) -> String {
    let root = args.dir.join(ROOT_FILE);
    let mut command = String::from("cargo run --release -- phone");
    if https != cli::PLATFORM {
        command.push_str(&format!(" --platform {https}"));
    }
    if root != Path::new(cli::ROOT) {
        command.push_str(&format!(" --root '{}'", root.display()));
    }
    if http != cli::SIMULATORS {
        command.push_str(&format!(" --simulators {http}"));
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_for_a_phone_names_only_what_is_not_where_it_looks() {
        let mut args = Up {
            dir: ".kapok/platform".into(),
            http_port: 8080,
            https_port: 8443,
            guard_database: None,
            guard_copies: 1,
            token: None,
            json: false,
        };
        let (https, http) = (cli::PLATFORM, cli::SIMULATORS);
        let plain = "cargo run --release -- phone";
        assert_eq!(phone_command(&args, https, http), plain);
        args.dir = "/srv/a b".into();
        assert_eq!(
            phone_command(&args, "https://127.0.0.1:1", "http://127.0.0.1:2"),
            format!(
                "{plain} --platform https://127.0.0.1:1 --root '/srv/a b/tls-root.pem' --simulators http://127.0.0.1:2"
            )
        );
    }
}
