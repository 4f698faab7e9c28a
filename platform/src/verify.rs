//! What anyone can check of a signed PDF with public material only: the checks of the demo's report.

use crate::pki::Pki;
use kapok_formats::cms::Oid;
use kapok_formats::pdf;
use kapok_formats::seal::Seal;
use kapok_formats::x509::{self, Certificate, Crl};
use kapok_protocol::guard::{RECEIPT_OID, raw_signature, verify_receipt};
use sha2::{Digest, Sha256};

/// One check.
pub struct Check {
    /// Short name, stable.
    pub name: &'static str,
    /// It holds.
    pub ok: bool,
    /// What was found.
    pub detail: String,
}

/// What is checked.
pub struct Signed<'a> {
    /// The document before.
    pub original: &'a [u8],
    /// The signed PDF.
    pub pdf: &'a [u8],
    /// The seal on it, DER.
    pub seal: &'a [u8],
    /// CRLs of the certificate and seal authorities, DER.
    pub crls: &'a [Vec<u8>],
    /// The guard's receipt key, SEC1 compressed.
    pub receipt_key: &'a [u8; 33],
    /// When, seconds since the epoch.
    pub at: u64,
}

/// Runs every check; the signature that is judged is the last one.
pub fn signed_pdf(pki: &Pki, signed: &Signed<'_>) -> Vec<Check> {
    let mut checks = Checks::default();
    checks.add(
        "old_bytes_kept",
        signed.pdf.starts_with(signed.original),
        || {
            format!(
                "{} of {} bytes are the original's",
                signed.original.len(),
                signed.pdf.len()
            )
        },
    );
    let views = pdf::signatures(signed.pdf).unwrap_or_default();
    let Some(last) = views.last() else {
        checks.add("signature_found", false, || "no signature".to_owned());
        return checks.0;
    };
    checks.add("signature_found", true, || {
        format!("{} of {}, {}", views.len(), views.len(), last.sub_filter)
    });
    checks.add("covers_whole_file", last.covers_whole_file, || {
        format!("byte range {:?}", last.byte_range)
    });
    let Ok(verified) = pdf::verify_signature(signed.pdf, last) else {
        checks.add("signature_holds", false, || {
            "the signature does not verify".to_owned()
        });
        return checks.0;
    };
    checks.add("signature_holds", true, || {
        "ECDSA P-256 with SHA-256 over the signed attributes".to_owned()
    });
    checks.add("names_certificate", verified.names_certificate, || {
        "signing-certificate-v2".to_owned()
    });

    let crls: Vec<Crl> = signed
        .crls
        .iter()
        .filter_map(|der| Crl::parse(der).ok())
        .collect();
    let certificates: Vec<Certificate> = verified
        .certificates
        .iter()
        .filter_map(|der| Certificate::parse(der).ok())
        .collect();
    let leaf = Certificate::parse(&verified.signer_certificate).ok();
    if let Some(leaf) = &leaf {
        let roots = [pki.root.certificate.clone()];
        let chain = x509::verify_chain(leaf, &certificates, &roots, signed.at, &crls);
        checks.add("chain", chain.is_ok(), || match &chain {
            Ok(()) => format!("to the root, with {} revocation lists", crls.len()),
            Err(error) => error.to_string(),
        });
    }
    let digest: [u8; 32] = Sha256::digest(&verified.signed_attributes).into();
    let receipt = Oid::from_dotted(RECEIPT_OID)
        .ok()
        .and_then(|oid| verified.receipt(&oid).map(<[u8]>::to_vec));
    let good = receipt
        .as_deref()
        .zip(raw_signature(&verified.signature).ok());
    let good = good
        .and_then(|(receipt, raw)| verify_receipt(receipt, signed.receipt_key, &digest, &raw).ok());
    checks.add("receipt", good.is_some(), || match (&receipt, &good) {
        (None, _) => "absent".to_owned(),
        (Some(_), None) => "bad".to_owned(),
        (Some(_), Some(receipt)) => format!("present, number {} of its lease", receipt.n),
    });
    seal(&mut checks, pki, signed, leaf.as_ref(), &crls);
    checks.0
}

fn seal(
    checks: &mut Checks,
    pki: &Pki,
    signed: &Signed<'_>,
    leaf: Option<&Certificate>,
    crls: &[Crl],
) {
    let seal = match Seal::parse(signed.seal) {
        Ok(seal) => seal,
        Err(error) => return checks.add("seal", false, || error.to_string()),
    };
    let roots = [pki.seal_root.certificate.clone()];
    let held = seal.verify(&[], &roots, signed.at, crls);
    checks.add("seal", held.is_ok(), || match &held {
        Ok(_) => "GB/T 38540 version 4, SM2 with SM3, maker under the seal root".to_owned(),
        Err(error) => error.to_string(),
    });
    let listed = leaf.is_some_and(|leaf| seal.allows(leaf));
    checks.add("seal_lists_signer", listed, || {
        "the signer's certificate is in the seal's list".to_owned()
    });
}

#[derive(Default)]
struct Checks(Vec<Check>);

impl Checks {
    fn add(&mut self, name: &'static str, ok: bool, detail: impl FnOnce() -> String) {
        self.0.push(Check {
            name,
            ok,
            detail: detail(),
        });
    }
}
