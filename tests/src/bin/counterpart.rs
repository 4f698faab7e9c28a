//! What stands around a phone of another language: the journeys in Kotlin and Swift start this program.
//!
//! - `counterpart face HTTP_URL PATH PERSON` passes the face check of a mini program's path and prints the return link.
//! - `counterpart code HTTP_URL PATH PERSON` does the same and prints the six digits of the success page.
//! - `counterpart pc HTTP_URL FOLDER` opens a PC page with one contract, writes its code into FOLDER as `code.png` and `code.pgm`, prints
//!   `code`, serves the phone until it says good-bye, verifies what was signed, writes the signer's public key as `signer.spki` and prints
//!   `signed` with the number of documents. Keeps them in the folder KAPOK_SIGNED, for `judge`.
//! - `counterpart judge FOLDER` has software that is not ours verify what was kept: pdfsig, which trusts the certificate authority of the
//!   platform that it was signed at and nothing else. It is no matter of the tests themselves, because Swift may live in a root of its own without such tools.
//! - `counterpart key FOLDER` is a hardware key for a language without cryptography: it answers each line `public`, `sign HEX` or
//!   `prf LABEL HEX` by a line of hexadecimal digits. For tests only: the secrets of a phone's key go through no pipe.
//! - `counterpart secret FOLDER` prints a private key, to be held while `memory` must find it, and writes its public key as `secret.spki`.
//! - `counterpart memory PROCESS SPKI_FILE DIGITS` searches a process for the private key of that public key and for a PIN, given as
//!   `1-2-3-4-5-6`, and prints `pins` and `keys` with the number of places.

use anyhow::{Context as _, Result, bail, ensure};
use kapok_core::ports::software;
use kapok_formats::x509::{Certificate, LABEL_CERTIFICATE, pem_encode};
use kapok_formats::{pdf, sample};
use kapok_platform::simulators::pc::{PcDocument, SimulatedPc};
use kapok_platform::simulators::remote;
use kapok_tests::judges::{Verdict as _, pdfsig};
use kapok_tests::world::first;
use p256::elliptic_curve::Generate;
use p256::pkcs8::{DecodePublicKey, EncodePublicKey};
use p256::{PublicKey, SecretKey};
use std::fs::{self, File};
use std::io::{self, BufRead, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Pixels of one module of the code, and modules of its quiet zone.
const SCALE: usize = 6;
const QUIET: usize = 4;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match *words.as_slice() {
        ["face", http, path, person] => {
            say(&remote::walk(http, path, person).await?.return_link).map_err(Into::into)
        }
        ["code", http, path, person] => {
            say(&remote::walk(http, path, person).await?.typed_code).map_err(Into::into)
        }
        ["pc", http, folder] => pc(http, Path::new(folder)).await,
        ["judge", folder] => judge(Path::new(folder)),
        ["key", folder] => key(Path::new(folder)),
        ["secret", folder] => secret(Path::new(folder)),
        ["memory", process, spki, digits] => memory(process, Path::new(spki), digits),
        _ => {
            bail!(
                "usage: counterpart face|code HTTP_URL PATH PERSON | pc HTTP_URL FOLDER | judge FOLDER | key FOLDER | secret FOLDER | memory PROCESS SPKI_FILE DIGITS"
            )
        }
    }
}

async fn pc(http: &str, folder: &Path) -> Result<()> {
    let contract = sample::contract()?;
    let document = PcDocument {
        name: "采购合同.pdf".to_owned(),
        bytes: contract.clone(),
    };
    let mut pc = SimulatedPc::open(http, vec![document]).await?;
    draw(&pc.frame().await?, folder)?;
    say("code")?;
    let signed = pc.serve(first).await?;
    for document in &signed {
        let view = pdf::signatures(&document.pdf)?
            .pop()
            .context("no signature")?;
        ensure!(view.covers_whole_file, "the signature covers a part");
        let verified = pdf::verify_signature(&document.pdf, &view)?;
        let signer = Certificate::parse(&verified.signer_certificate)?;
        fs::write(folder.join("signer.spki"), signer.spki_der())?;
        if let Some(kept) = std::env::var_os("KAPOK_SIGNED") {
            let name = hex::encode(rand::random::<[u8; 8]>());
            let place = Path::new(&kept).join(name);
            fs::write(place.with_extension("pdf"), &document.pdf)?;
            fs::write(place.with_extension("pem"), authority(http).await?)?;
        }
        ensure!(
            document.pdf.starts_with(&contract),
            "the document was changed"
        );
    }
    say(&format!("signed {}", signed.len()))?;
    Ok(())
}

/// Every kept document is accepted; there is one at least.
fn judge(folder: &Path) -> Result<()> {
    let files = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    let paths = files.into_iter().map(|entry| entry.path());
    let signed: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|kind| kind == "pdf"))
        .collect();
    for path in &signed {
        let refusal = pdfsig(path, &path.with_extension("pem"))?.refusal(1);
        ensure!(refusal.is_none(), "pdfsig: {}", refusal.unwrap_or_default());
    }
    ensure!(!signed.is_empty(), "nothing was signed");
    say(&format!("accepted {}", signed.len())).map_err(Into::into)
}

/// The root of the platform's certificates, as it publishes it; PEM.
async fn authority(http: &str) -> Result<String> {
    // Plain http, but reqwest wants to know whose TLS it would speak.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let answer = reqwest::get(format!("{http}/ca/root.cer")).await?;
    let der = answer.error_for_status()?.bytes().await?;
    Ok(pem_encode(LABEL_CERTIFICATE, &der)?)
}

/// The code as a picture, and as the bare grey pixels that a camera gives.
fn draw(text: &str, folder: &Path) -> Result<()> {
    let code = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::M)?;
    let (modules, colors) = (code.width(), code.to_colors());
    let side = (modules + 2 * QUIET) * SCALE;
    let light = |place: usize| {
        let x = (place % side / SCALE).wrapping_sub(QUIET);
        let y = (place / side / SCALE).wrapping_sub(QUIET);
        x >= modules || y >= modules || colors[y * modules + x] == qrcode::Color::Light
    };
    let gray: Vec<u8> = (0..side * side)
        .map(|at| u8::from(light(at)) * 255)
        .collect();
    let mut pgm = format!("P5\n{side} {side}\n255\n").into_bytes();
    pgm.extend_from_slice(&gray);
    fs::write(folder.join("code.pgm"), pgm)?;
    let file = BufWriter::new(File::create(folder.join("code.png"))?);
    let side = u32::try_from(side)?;
    let mut encoder = png::Encoder::new(file, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header()?.write_image_data(&gray)?;
    Ok(())
}

fn key(folder: &Path) -> Result<()> {
    let key = software::open(folder)?.hardware;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let answer = match *line.split(' ').collect::<Vec<_>>().as_slice() {
            ["public"] => key.public_key()?.to_vec(),
            ["sign", data] => key.sign(&hex::decode(data)?)?.to_vec(),
            ["prf", label, input] => {
                let input: [u8; 32] = hex::decode(input)?
                    .try_into()
                    .ok()
                    .context("the input has 32 bytes")?;
                key.prf(label, &input)?.to_vec()
            }
            _ => bail!("neither `public`, `sign HEX` nor `prf LABEL HEX`"),
        };
        say(&hex::encode(answer))?;
    }
    Ok(())
}

fn secret(folder: &Path) -> Result<()> {
    let secret = SecretKey::generate();
    let spki = secret.public_key().to_public_key_der()?;
    fs::write(folder.join("secret.spki"), spki.as_bytes())?;
    say(&hex::encode(secret.to_bytes()))?;
    Ok(())
}

fn memory(process: &str, spki: &Path, digits: &str) -> Result<()> {
    let public = PublicKey::from_public_key_der(&fs::read(spki)?)?;
    let pin: Vec<u8> = digits
        .split('-')
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let pin: [u8; 6] = pin.try_into().ok().context("a PIN has six digits")?;
    let found = kapok_tests::memory::search(process.parse()?, pin, &public)?;
    say(&format!("pins {} keys {}", found.pins, found.keys))?;
    Ok(())
}

/// A line that the reader at the other end of the pipe gets at once.
fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
