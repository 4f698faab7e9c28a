//! PAdES B-T, B-LT and B-LTA: made by us, their level named and accepted by EU DSS and pyHanko; what is not what it says is refused.

use kapok_formats::cms::ID_TIMESTAMP_TOKEN;
use kapok_formats::pdf::verify::{Level, verify};
use kapok_formats::pdf::{self};
use kapok_formats::sample;
use kapok_formats::signer::P256Key;
use kapok_formats::tsp::TspError;
use kapok_formats::x509::Profile;
use kapok_tests::judges::{Revocation, Verdict, dss, pdfbox, pyhanko, qpdf_check};
use kapok_tests::pki::{Pki, issue};
use kapok_tests::services::Services;

#[test]
fn each_level_is_named_by_dss_and_accepted_by_all() {
    let services = Services::new();
    let root = services.root();
    let contract = sample::contract().unwrap();
    let levels = [
        (
            Level::T,
            "PAdES_BASELINE_T",
            services.b_t(&contract, None),
            Revocation::Absent,
        ),
        (
            Level::Lt,
            "PAdES_BASELINE_LT",
            services.b_lt(&contract),
            Revocation::Embedded,
        ),
        (
            Level::Lta,
            "PAdES_BASELINE_LTA",
            services.b_lta(&contract),
            Revocation::Embedded,
        ),
    ];
    for (ours, level, bytes, revocation) in levels {
        assert!(bytes.starts_with(&contract), "{level}: old bytes stay");
        let file = services.pki.write("level.pdf", &bytes);
        assert_eq!(qpdf_check(&file).unwrap(), None, "{level}");
        let verdict = dss(&file, &root, revocation).unwrap();
        assert_eq!(verdict.refusal(1), None, "{level}: {verdict:?}");
        assert_eq!(verdict.signatures[0].level, level);
        let verdict = pyhanko(&file, &root, revocation).unwrap();
        assert_eq!(verdict.refusal(1), None, "{level}: {verdict:?}");
        assert!(verdict.signatures[0].timestamped, "{level}");
        let stamps = u32::from(level.ends_with("LTA"));
        assert_eq!(verdict.timestamps, stamps, "{level}");
        let report = verify(&bytes, &services.trust()).unwrap();
        assert_eq!(report.verdict(), pdf::verify::Verdict::Valid, "{report:?}");
        assert_eq!(report.signatures[0].level, ours);
    }
}

#[test]
fn a_token_over_other_data_makes_no_b_t() {
    let services = Services::new();
    let contract = sample::contract().unwrap();
    let bytes = services.b_t(&contract, Some(b"another signature"));
    let file = services.pki.write("other.pdf", &bytes);
    let verdict = pyhanko(&file, &services.root(), Revocation::Absent).unwrap();
    assert!(!verdict.signatures[0].timestamped || verdict.refusal(1).is_some());
    let verdict = dss(&file, &services.root(), Revocation::Absent).unwrap();
    // DSS names the level and only warns: one more reason never to ask it alone.
    let warnings = verdict.signatures[0].warnings.join(" ");
    assert!(warnings.contains("message-imprint"), "{verdict:?}");
    let report = verify(&bytes, &services.trust()).unwrap();
    assert_eq!(report.verdict(), pdf::verify::Verdict::Invalid);
    let view = pdf::signatures(&bytes).unwrap().remove(0);
    let held = pdf::verify_signature(&bytes, &view).unwrap();
    let (_, token) = held
        .unsigned
        .iter()
        .find(|(id, _)| id == ID_TIMESTAMP_TOKEN.as_bytes())
        .unwrap();
    let token = kapok_formats::tsp::Token::verify(token).unwrap();
    assert_eq!(token.is_over(&held.signature), Err(TspError::OtherData));
}

#[test]
fn a_revoked_signer_is_refused_by_what_the_file_holds() {
    let services = Services::new();
    let signed = services.b_t(&sample::contract().unwrap(), None);
    let evidence = services.evidence(Some(&services.pki.chain[0]));
    let bytes = pdf::add_evidence(&signed, &evidence).unwrap();
    let file = services.pki.write("revoked.pdf", &bytes);
    let root = services.root();
    let report = verify(&bytes, &services.trust()).unwrap();
    assert_eq!(report.verdict(), pdf::verify::Verdict::Invalid);
    assert!(
        dss(&file, &root, Revocation::Embedded)
            .unwrap()
            .refusal(1)
            .is_some()
    );
    assert!(
        pyhanko(&file, &root, Revocation::Embedded)
            .unwrap()
            .refusal(1)
            .is_some()
    );
}

#[test]
fn evidence_reads_back_is_kept_once_and_leaves_signatures_valid() {
    let services = Services::new();
    let bytes = services.b_lt(&sample::contract().unwrap());
    let evidence = services.evidence(None);
    let held = pdf::evidence(&bytes).unwrap();
    assert_eq!(held.certificates, evidence.certificates);
    assert_eq!(held.crls.len(), 2);
    assert_eq!(held.ocsps.len(), 1);
    let key = P256Key::from_scalar(&[8; 32]).unwrap();
    let other = issue(
        Profile::Employee,
        8,
        Some(&services.pki.chain[1]),
        &key,
        &Pki::ca_key(),
    );
    let mut more = evidence.clone();
    more.certificates.push(other.der().to_vec());
    let again = pdf::add_evidence(&bytes, &more).unwrap();
    let held = pdf::evidence(&again).unwrap();
    assert_eq!(held.certificates, more.certificates);
    assert_eq!((held.crls.len(), held.ocsps.len()), (2, 1));
    let view = pdf::signatures(&again).unwrap().remove(0);
    assert!(pdf::verify_signature(&again, &view).is_ok());
    let file = services.pki.write("again.pdf", &again);
    let verdict = pyhanko(&file, &services.root(), Revocation::Embedded).unwrap();
    assert_eq!(verdict.refusal(1), None, "{verdict:?}");
}

#[test]
fn a_timestamp_of_the_file_covers_all_of_it() {
    let services = Services::new();
    let bytes = services.b_lta(&sample::contract().unwrap());
    let views = pdf::signatures(&bytes).unwrap();
    let stamp = views
        .iter()
        .find(|v| v.sub_filter == "ETSI.RFC3161")
        .unwrap();
    assert!(stamp.covers_whole_file);
    let token = pdf::verify_timestamp(&bytes, stamp).unwrap();
    assert_eq!(token.certificate, services.tsa);
    for at in [100, bytes.len() / 2, bytes.len() - 10] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let Ok(views) = pdf::signatures(&changed) else {
            continue;
        };
        let held = views
            .iter()
            .filter(|v| v.sub_filter == "ETSI.RFC3161")
            .any(|v| pdf::verify_timestamp(&changed, v).is_ok());
        assert!(!held, "byte {at}");
    }
    let file = services.pki.write("lta.pdf", &bytes);
    let verdict = pdfbox(&file, &services.root()).unwrap();
    assert_eq!(verdict.pages, 2);
}
