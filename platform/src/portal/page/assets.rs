//! The page's files inside the binary: stripped, compressed and named by their content, once, at the first request.

use super::strip;
use axum::body::Bytes;
use base64ct::{Base64, Encoding};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256, Sha384};
use std::io::Write;
use std::sync::LazyLock;

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const JSON: &str = "application/json";

macro_rules! texts {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../page/", $name)))),+]
    };
}

/// The module of a portal: what it imports comes first.
const MODULE: &[(&str, &str)] = texts!("cbor.js", "channel.js", "qr.js", "relay.js", "sign.js");
/// All scripts.
#[cfg(test)]
pub const SCRIPTS: &[(&str, &str)] = texts!(
    "cbor.js",
    "channel.js",
    "qr.js",
    "relay.js",
    "sign.js",
    "portal.js",
    "page.js"
);
/// Scripts of the demonstration portal's own page.
const OWN: &[(&str, &str)] = texts!("portal.js", "page.js");
const WORDS: &[(&str, &str)] = texts!("text.en.json", "text.zh-CN.json");
const SHEET: &str = include_str!("../../../page/style.css");
const PICTURE: &str = include_str!("../../../page/kapok.svg");
const PAGE: &str = include_str!("../../../page/index.html");

/// A file as it goes out.
pub struct Asset {
    /// Name in its folder.
    name: &'static str,
    /// Content type.
    pub kind: &'static str,
    /// As it is.
    pub bytes: Bytes,
    /// Compressed, where that is smaller.
    pub gzip: Option<Bytes>,
    /// Entity tag, quotes included; a weak one, for it stands for both encodings.
    pub tag: String,
    /// Subresource integrity (`sha384-…`).
    integrity: String,
}

impl Asset {
    fn new(name: &'static str, kind: &'static str, text: String) -> Self {
        let gzip = gzip(text.as_bytes()).filter(|small| small.len() < text.len());
        Self {
            name,
            kind,
            tag: format!("W/\"{}\"", short(Sha256::digest(&text).as_slice())),
            integrity: format!(
                "sha384-{}",
                Base64::encode_string(Sha384::digest(&text).as_slice())
            ),
            bytes: text.into(),
            gzip: gzip.map(Bytes::from),
        }
    }
}

/// All files of one version.
pub struct Assets {
    /// `/`.
    pub index: Asset,
    /// `/sign.json`.
    pub module: Asset,
    version: String,
    files: Vec<Asset>,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(Assets::make);

impl Assets {
    /// The files of this binary.
    pub fn get() -> &'static Self {
        &ASSETS
    }

    /// A file of this version; another version's are not here.
    pub fn file(&self, version: &str, name: &str) -> Option<&Asset> {
        let file = self.files.iter().find(|file| file.name == name)?;
        (version == self.version).then_some(file)
    }

    fn make() -> Self {
        let script = |&(name, source): &(&'static str, &str)| {
            Asset::new(name, SCRIPT, strip::script(source))
        };
        let mut files: Vec<_> = MODULE.iter().chain(OWN).map(script).collect();
        files.push(Asset::new("style.css", STYLE, strip::style(SHEET)));
        files.push(Asset::new("kapok.svg", "image/svg+xml", PICTURE.into()));
        for &(name, words) in WORDS {
            files.push(Asset::new(name, JSON, words.into()));
        }
        let mut all = Sha256::new();
        for file in &files {
            all.update(Sha256::digest(&file.bytes));
        }
        let version = format!(
            "{}-{}",
            env!("CARGO_PKG_VERSION"),
            short(all.finalize().as_slice())
        );
        Self {
            index: Asset::new("", HTML, index(PAGE, &version, &files)),
            module: Asset::new("", JSON, module(&version, &files)),
            version,
            files,
        }
    }
}

/// The page with the full addresses of its files, and the integrity of those that act.
fn index(page: &str, version: &str, files: &[Asset]) -> String {
    files.iter().fold(page.to_owned(), |page, file| {
        let integrity = match file.kind {
            SCRIPT | STYLE => format!(" integrity=\"{}\"", file.integrity),
            _ => String::new(),
        };
        let full = format!("=\"/assets/{version}/{}\"{integrity}", file.name);
        page.replace(&format!("=\"{}\"", file.name), &full)
    })
}

fn module(version: &str, files: &[Asset]) -> String {
    let integrity: serde_json::Map<_, _> = files
        .iter()
        .filter(|file| MODULE.iter().any(|(name, _)| *name == file.name))
        .map(|file| (file.name.to_owned(), file.integrity.as_str().into()))
        .collect();
    serde_json::json!({
        "version": env!("CARGO_PKG_VERSION"),
        "module": format!("/assets/{version}/sign.js"),
        "integrity": integrity,
    })
    .to_string()
}

/// The first 8 bytes in hexadecimal: enough to tell versions apart, which is all that names and tags are for.
fn short(digest: &[u8]) -> String {
    hex::encode(digest.get(..8).unwrap_or_default())
}

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}
