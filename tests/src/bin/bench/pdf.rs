//! PAdES B-B over one file of 1 MB: Kapok, PDFBox with Bouncy Castle, and pyHanko, each warm in its own process, one after the other.
//!
//! Kapok draws a seal into the page, the others sign without a picture. The same outside judges that compete then accept what
//! Kapok made: a fast signature that nobody takes would be no signature.

use super::figure::{Figure, Must};
use super::say;
use anyhow::{Context as _, Result, ensure};
use indicatif::ProgressBar;
use kapok_formats::cms::{ID_DATA, signed_attributes, signed_data};
use kapok_formats::pdf::{FieldPlan, Position, embed, prepare, to_be_signed};
use kapok_tests::judges::{Revocation, Verdict as _, pdfbox, pdfbox_bench, pyhanko, pyhanko_bench};
use kapok_tests::material::{chain, plain_pdf};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::pkcs8::DecodePrivateKey;
use std::path::Path;
use std::time::Instant;

const SIZE: usize = 1_000_000;
const ROUNDS: usize = 200;
const PYHANKO_ROUNDS: u32 = 30;
const SEAL: &[u8] = include_bytes!("../../../../formats/tests/pdf/seal.png");

/// Wall times, and how many times as long PDFBox takes.
pub fn measure(progress: &ProgressBar) -> Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    let material = chain(folder.path())?;
    let original = plain_pdf(1, SIZE);
    let file = folder.path().join("original.pdf");
    std::fs::write(&file, &original)?;
    let key = SigningKey::from_pkcs8_pem(&std::fs::read_to_string(&material.signer.key)?)?;
    let chain = [
        certificate(&material.signer.certificate)?,
        certificate(&material.issuer)?,
    ];

    say(progress, "Kapok", ROUNDS);
    let mut times = Vec::new();
    let mut signed = Vec::new();
    for round in 0..2 * ROUNDS {
        let started = Instant::now();
        signed = sign(&original, &key, &chain)?;
        // The first half warms up, as with the others.
        if round >= ROUNDS {
            times.push(started.elapsed().as_secs_f64() * 1e3);
            progress.inc(1);
        }
    }
    let kapok = Figure::new("Kapok, with a visible seal", "ms", times);

    say(progress, "PDFBox", 1);
    let (pdfbox_min, pdfbox_median) = pdfbox_bench(&file, ROUNDS as u32)?;
    say(progress, "pyHanko", 1);
    let (pyhanko_min, pyhanko_median) = pyhanko_bench(&file, &material.signer, PYHANKO_ROUNDS)?;

    say(progress, "judges", 1);
    let out = folder.path().join("signed.pdf");
    std::fs::write(&out, &signed)?;
    let refused = pdfbox(&out, &material.root)?.refusal(1);
    ensure!(refused.is_none(), "PDFBox refuses ours: {refused:?}");
    let refused = pyhanko(&out, &material.root, Revocation::Absent)?.refusal(1);
    ensure!(refused.is_none(), "pyHanko refuses ours: {refused:?}");

    let times_faster = pdfbox_median / kapok.median;
    Ok(vec![
        kapok,
        Figure::one("PDFBox, minimum", "ms", pdfbox_min),
        Figure::one("PDFBox, median", "ms", pdfbox_median),
        Figure::one("pyHanko, minimum", "ms", pyhanko_min),
        Figure::one("pyHanko, median", "ms", pyhanko_median),
        Figure::one("faster than PDFBox, medians", "times", times_faster).must(Must::AtLeast(1.0)),
    ])
}

fn sign(original: &[u8], key: &SigningKey, chain: &[Vec<u8>]) -> Result<Vec<u8>> {
    let plan = FieldPlan {
        page: 0,
        picture_png: SEAL,
        width_mm: 40.0,
        height_mm: 40.0,
        position: Position::BottomRight,
        signer_name: "Kapok test signer",
        reason: "benchmark",
        time_unix: 1_790_000_000,
        options: Default::default(),
    };
    let mut bytes = prepare(original, &plan)?.bytes;
    let digest = to_be_signed(&bytes)?.sha256;
    let leaf = chain.first().context("an empty chain")?;
    let attributes = signed_attributes(&digest, leaf, ID_DATA)?;
    let signature: DerSignature = key.sign(&attributes);
    let cms = signed_data(&attributes, signature.as_bytes(), chain, &[])?;
    embed(&mut bytes, &cms)?;
    Ok(bytes)
}

fn certificate(pem: &Path) -> Result<Vec<u8>> {
    let (_, der) = der::pem::decode_vec(&std::fs::read(pem)?).map_err(anyhow::Error::msg)?;
    Ok(der)
}
