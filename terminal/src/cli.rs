//! The command line: what can be called, with which options.

use clap::{Args, Parser, Subcommand, ValueEnum};
use kapok_platform::kms::TokenUri;
use std::path::PathBuf;

/// Kapok (木棉): enterprise identity and signing on phones, on any machine.
#[derive(Parser)]
#[command(name = "kapok", version, about, long_about = None, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Walks the whole journey: log in, enterprise, agent, PIN, certificate, seal, scan, sign, verify
    Demo(Demo),
    /// Starts the platform and the PC page on this machine, to click through with a browser and `kapok phone`
    Up(Up),
    /// An interactive phone in the terminal
    Phone(Phone),
    /// Says what the phone would say of a PDF before it is signed: show, amber or refuse, with reasons
    Review(Review),
    /// Verifies a signed PDF: for each signature who, when, what it covers, what came after it, and its level
    Verify(Verify),
    /// Checks numbers of persons and enterprises: JSON lines {"kind", "value"} in, the same with "valid", "canonical", "why" out
    CheckIds(CheckIds),
    /// Makes the keys of PIN guard and face service in a PKCS#11 token, those that are missing
    MakeKeys(MakeKeys),
    /// Makes the next version of the PIN guard's master key; the platform uses it from its next start
    RotateGuardKey(RotateGuardKey),
}

/// Languages of the texts.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// Simplified Chinese
    #[value(name = "zh-CN")]
    ZhCn,
    /// English
    #[value(name = "en")]
    En,
}

impl Lang {
    /// Picks the text of this language.
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::ZhCn => zh,
            Self::En => en,
        }
    }

    /// The locale as it travels.
    pub const fn locale(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }
}

/// `kapok demo`.
#[derive(Args)]
pub struct Demo {
    /// The PDF to sign; a two-page contract is made where none is given
    pub file: Option<PathBuf>,
    /// Folder for what the journey makes
    #[arg(long, default_value = "kapok-demo")]
    pub out: PathBuf,
    /// Language of the texts
    #[arg(long, value_enum, default_value = "zh-CN")]
    pub lang: Lang,
    /// Print the report as JSON on standard output instead of the progress
    #[arg(long)]
    pub json: bool,
}

/// Where a phone looks for the platform that `kapok up` starts when it is told nothing.
pub const PLATFORM: &str = "https://127.0.0.1:8443";
/// Its root certificate.
pub const ROOT: &str = ".kapok/platform/tls-root.pem";
/// Its simulators.
pub const SIMULATORS: &str = "http://127.0.0.1:8080";

/// `kapok up`.
#[derive(Args)]
pub struct Up {
    /// Folder of the platform's databases and keys
    #[arg(long, default_value = ".kapok/platform")]
    pub dir: PathBuf,
    /// Port of the PC page, on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    pub http_port: u16,
    /// Port that phones connect to, on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8443)]
    pub https_port: u16,
    /// Address of a PostgreSQL database for the PIN guard, `postgres://…`, which several guards may share; a file in the folder where none is given
    #[arg(long, value_name = "URL")]
    pub guard_database: Option<String>,
    /// On how many machines a write of the PIN guard is before it is answered; more than 1 needs a PostgreSQL with synchronous standbys
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub guard_copies: u32,
    /// PKCS#11 token with the keys of PIN guard and face service, `pkcs11:token=NAME?module-path=LIBRARY&pin-source=FILE`; files in the folder where none is given
    #[arg(long, value_name = "URI")]
    pub token: Option<TokenUri>,
    /// Print one line of JSON with the addresses, and no more
    #[arg(long)]
    pub json: bool,
}

/// `kapok review`.
#[derive(Args)]
pub struct Review {
    /// The PDF
    pub file: PathBuf,
    /// Print {"decision", "reasons"}
    #[arg(long)]
    pub json: bool,
    /// Language of the texts
    #[arg(long, value_enum, default_value = "zh-CN")]
    pub lang: Lang,
}

/// `kapok verify`.
#[derive(Args)]
pub struct Verify {
    /// The PDF
    pub file: PathBuf,
    /// A root certificate that is trusted, PEM (may be given several times); without one no signer is trusted
    #[arg(long, value_name = "PEM")]
    pub root: Vec<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// Language of the texts
    #[arg(long, value_enum, default_value = "zh-CN")]
    pub lang: Lang,
}

/// `kapok check-ids`.
#[derive(Args)]
#[command(
    after_help = "Kinds: uscc, ric, ric15, orgcode, regno, hkmt, hmpermit, twpermit, pr18, pr15, passport, mobile"
)]
pub struct CheckIds {
    /// The JSON lines; standard input where none is given
    pub file: Option<PathBuf>,
    /// Language of the texts
    #[arg(long, value_enum, default_value = "zh-CN")]
    pub lang: Lang,
}

/// `kapok make-keys`.
#[derive(Args)]
pub struct MakeKeys {
    /// Which token: `pkcs11:token=NAME?module-path=LIBRARY&pin-source=FILE`
    #[arg(long, value_name = "URI")]
    pub token: TokenUri,
}

/// `kapok rotate-guard-key`.
#[derive(Args)]
pub struct RotateGuardKey {
    /// The token with the platform's keys, if they are in one
    #[arg(long, value_name = "URI")]
    pub token: Option<TokenUri>,
    /// Folder of the platform's databases and keys
    #[arg(long, default_value = ".kapok/platform")]
    pub dir: PathBuf,
}

/// `kapok phone`.
#[derive(Args, Clone)]
pub struct Phone {
    /// Folder of the phone: its database and the file that stands in for the chip
    #[arg(long, default_value = ".kapok/phone")]
    pub dir: PathBuf,
    /// Address of the platform for phones
    #[arg(long, default_value = PLATFORM)]
    pub platform: String,
    /// The platform's root certificate, PEM; `kapok up` writes it
    #[arg(long, default_value = ROOT)]
    pub root: PathBuf,
    /// Language of the texts
    #[arg(long, value_enum, default_value = "zh-CN")]
    pub lang: Lang,
    /// A screenshot with the PC's code, PNG or JPEG, to be scanned at once
    #[arg(long)]
    pub scan: Option<PathBuf>,
    /// For development: scan every new picture that appears in this folder
    #[arg(long)]
    pub watch: Option<PathBuf>,
    /// No screens: go through what is missing (log in as --person, PIN, certificate, seal), scan, sign, and print events
    #[arg(long, requires = "pin_stdin")]
    pub auto: bool,
    /// The simulated person who logs in with --auto
    #[arg(long, default_value = "张伟")]
    pub person: String,
    /// With --auto: how many batches the PC has signed over the connection before the phone disconnects
    #[arg(long, default_value_t = 1)]
    pub batches: u32,
    /// With --auto: go no further than this event, and wait for the PC to end the session
    #[arg(long)]
    pub until: Option<String>,
    /// Address of the simulators' pages: where the face check is opened that stands in for WeChat
    #[arg(long, default_value = SIMULATORS)]
    pub simulators: String,
    /// With --auto: when all is done, stay until standard input ends
    #[arg(long, requires = "auto")]
    pub hold: bool,
    /// Read the six digits from the first line of standard input
    #[arg(long)]
    pub pin_stdin: bool,
    /// Print events as JSON lines
    #[arg(long)]
    pub json: bool,
}
