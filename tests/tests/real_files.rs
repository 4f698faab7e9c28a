//! Files as other software writes them, signed by us: nothing of the old file changes, and outsiders accept every signature.

use std::path::Path;
use std::process::Command;

use kapok_formats::sample;
use kapok_tests::judges::{Revocation, judge_pdf};
use kapok_tests::material::plain_pdf;
use kapok_tests::pki::Pki;

/// How qpdf writes a file anew: name, options.
const WRITINGS: &[(&str, &[&str])] = &[
    ("table", &["--object-streams=disable"]),
    ("object-streams", &["--object-streams=generate"]),
    ("linearised", &["--linearize"]),
    (
        "linearised-object-streams",
        &["--linearize", "--object-streams=generate"],
    ),
    ("uncompressed", &["--qdf"]),
    ("rotated-90", &["--rotate=+90"]),
    (
        "rotated-180",
        &["--rotate=+180", "--object-streams=generate"],
    ),
    ("rotated-270", &["--rotate=+270"]),
    (
        "old-version",
        &["--force-version=1.3", "--object-streams=disable"],
    ),
    (
        "new-version",
        &["--force-version=2.0", "--object-streams=generate"],
    ),
];

/// Signs twice, each time at the default place; both files are judged.
fn stands(pki: &Pki, name: &str, pdf: &[u8]) {
    let mut before = pdf.to_vec();
    for signatures in [1, 2] {
        let signed = pki.sign(&before);
        assert!(signed.starts_with(&before), "{name}: old bytes changed");
        let file = pki.write(&format!("{name}-{signatures}.pdf"), &signed);
        let root = pki.path("root.pem");
        let verdicts = judge_pdf(&file, &root, Revocation::Absent, signatures).unwrap();
        assert!(verdicts.all_accept(), "{name}: {verdicts:?}");
        before = signed;
    }
}

fn written(pki: &Pki, from: &Path, name: &str, options: &[&str]) -> Vec<u8> {
    let to = pki.path(&format!("{name}.pdf"));
    let status = Command::new("qpdf")
        .args(options)
        .arg(from)
        .arg(&to)
        .status();
    assert!(status.unwrap().success(), "qpdf {options:?}");
    std::fs::read(to).unwrap()
}

#[test]
fn every_way_of_writing_a_file_takes_two_signatures() {
    let pki = Pki::p256();
    let contract = pki.write("contract.pdf", &sample::contract().unwrap());
    for (name, options) in WRITINGS {
        stands(&pki, name, &written(&pki, &contract, name, options));
    }
}

#[test]
fn five_hundred_pages_take_two_signatures() {
    let pki = Pki::p256();
    let plain = pki.write("plain.pdf", &plain_pdf(500, 0));
    let options = ["--object-streams=generate"];
    stands(
        &pki,
        "long",
        &written(&pki, &plain, "long-source", &options),
    );
}

#[test]
fn a_file_of_40_mb_takes_two_signatures() {
    let pki = Pki::p256();
    stands(&pki, "large", &plain_pdf(2, 40_000_000));
}
