//! Times one PAdES B-B signature with a visible seal, and writes the last result if a second path is given.
//!
//! `cargo run --release -p kapok-formats --example sign_speed -- IN.pdf [OUT.pdf]`; without arguments it makes a
//! one-page file of 1 MB.

#![allow(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use kapok_formats::cms::{ID_DATA, signed_attributes, signed_data};
use kapok_formats::pdf::{FieldPlan, Position, embed, prepare, to_be_signed};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use std::error::Error;
use std::time::{Duration, Instant};

const ROUNDS: usize = 30;
const SEAL: &[u8] = include_bytes!("../tests/pdf/seal.png");
const CERTIFICATE: &[u8] = include_bytes!("../tests/cms/signer.der");
const ROOT: &[u8] = include_bytes!("../tests/cms/root.der");

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let original = arguments
        .next()
        .map_or_else(|| Ok(one_megabyte()), std::fs::read)?;
    let key = SigningKey::from_slice(&[7; 32])?;
    let mut times: Vec<[Duration; 4]> = Vec::new();
    let mut signed = Vec::new();
    for _ in 0..ROUNDS {
        let (result, took) = sign(&original, &key)?;
        signed = result;
        times.push(took);
    }
    println!(
        "{} bytes, {ROUNDS} rounds, minimum / median in ms",
        original.len()
    );
    for (index, step) in ["prepare", "digest", "sign", "embed"].iter().enumerate() {
        report(
            step,
            times.iter().filter_map(|t| t.get(index).copied()).collect(),
        );
    }
    report("all", times.iter().map(|t| t.iter().sum()).collect());
    if let Some(path) = arguments.next() {
        std::fs::write(path, signed)?;
    }
    Ok(())
}

fn sign(original: &[u8], key: &SigningKey) -> Result<(Vec<u8>, [Duration; 4]), Box<dyn Error>> {
    let plan = FieldPlan {
        page: 0,
        picture_png: SEAL,
        width_mm: 40.0,
        height_mm: 40.0,
        position: Position::BottomRight,
        signer_name: "测试员工",
        reason: "合同签署",
        time_unix: 1_767_225_600,
        options: Default::default(),
    };
    let start = Instant::now();
    let mut bytes = prepare(original, &plan)?.bytes;
    let prepared = Instant::now();
    let digest = to_be_signed(&bytes)?.sha256;
    let digested = Instant::now();
    let attributes = signed_attributes(&digest, CERTIFICATE, ID_DATA)?;
    let signature: DerSignature = key.sign(&attributes);
    let chain = [CERTIFICATE.to_vec(), ROOT.to_vec()];
    let cms = signed_data(&attributes, signature.as_bytes(), &chain, &[])?;
    let signed = Instant::now();
    embed(&mut bytes, &cms)?;
    let steps = [
        prepared - start,
        digested - prepared,
        signed - digested,
        signed.elapsed(),
    ];
    Ok((bytes, steps))
}

fn report(step: &str, mut times: Vec<Duration>) {
    times.sort();
    let ms = |t: Option<&Duration>| t.map_or(0.0, |t| t.as_secs_f64() * 1000.0);
    println!(
        "{step:8} {:.3} / {:.3}",
        ms(times.first()),
        ms(times.get(times.len() / 2))
    );
}

/// A page and an unused stream that brings the file to 1 MB.
fn one_megabyte() -> Vec<u8> {
    let filler: Vec<u8> = (0..1_000_000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    let mut object = |body: &[u8]| {
        offsets.push(out.len());
        out.extend_from_slice(format!("{} 0 obj\n", offsets.len()).as_bytes());
        out.extend_from_slice(body);
        out.extend_from_slice(b"\nendobj\n");
    };
    object(b"<</Type /Catalog /Pages 2 0 R>>");
    object(b"<</Type /Pages /Kids [3 0 R] /Count 1>>");
    object(b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595.28 841.89]>>");
    object(
        &[
            b"<</Length 1000000>>\nstream\n",
            filler.as_slice(),
            b"\nendstream",
        ]
        .concat(),
    );
    let start = out.len();
    let entries: String = offsets
        .iter()
        .map(|o| format!("{o:010} 00000 n\r\n"))
        .collect();
    let end = format!(
        "xref\n0 5\n0000000000 65535 f\r\n{entries}trailer\n<</Size 5 /Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    );
    out.extend_from_slice(end.as_bytes());
    out
}
