//! The platform's authorities: the CA of enterprise certificates, the root of relying parties, and the seal authority (SM2).
//!
//! Keys are files in the platform's folder, made at first start; certificates are made with them. A deployment puts a KMS or an
//! outside CA behind [`Signer`]. Every name says 测试: nothing issued here is a certificate of a licensed authority.

use crate::config::StartError;
use crate::keys::{Keys, random_p256};
use crate::server::tls;
use kapok_formats::signer::{P256Key, Signer, Sm2Key};
use kapok_formats::x509::{self, Certificate, IssueRequest, Profile, Subject, X509Error};
use zeroize::Zeroizing;

const YEAR: u64 = 365 * 86_400;
const ROOT_YEARS: u64 = 20;
const ISSUING_YEARS: u64 = 10;
/// Names of the authorities in CRL and certificate addresses.
pub const CA: &str = "ca";
/// The root's own list and certificate.
pub const ROOT: &str = "root";
/// Relying parties' list and certificate.
pub const RP: &str = "rp";
/// The seal authority's list and certificate.
pub const SEAL: &str = "seal";

/// The list and certificate of the listeners' root.
pub const TLS: &str = "tls";

/// A key and its certificate.
pub struct Authority {
    /// The key.
    pub key: Box<dyn Signer + Send + Sync>,
    /// The certificate.
    pub certificate: Certificate,
}

/// All authorities.
pub struct Pki {
    /// P-256 root of enterprise and employee certificates.
    pub root: Authority,
    /// Issues enterprise and employee certificates.
    pub issuing: Authority,
    /// P-256 root of relying parties.
    pub rp_root: Authority,
    /// SM2 root of the seal authority.
    pub seal_root: Authority,
    /// SM2 制章者: signs seals.
    pub seal_maker: Authority,
    /// P-256 root of the listeners' own certificates.
    pub tls_root: Authority,
    base: String,
}

impl Pki {
    /// Reads the authorities from the folder, or makes them. `now` is seconds since the epoch, `base` the address of CRLs and CA
    /// certificates without a final slash.
    pub fn open(keys: &Keys, now: u64, base: &str) -> Result<Self, StartError> {
        let root = root(keys, "ca-root", "木棉测试根证书", Profile::Root, now)?;
        let rp_root = self::root(keys, "rp-root", "木棉测试依赖方根证书", Profile::Root, now)?;
        let seal_root = self::root(
            keys,
            "seal-root",
            "木棉测试电子印章根证书",
            Profile::SealRoot,
            now,
        )?;
        let issuing = under(
            keys,
            &root,
            "ca-issuing",
            "木棉测试签发证书",
            Profile::Issuing,
            (now, base, ROOT),
        )?;
        let seal_maker = under(
            keys,
            &seal_root,
            "seal-maker",
            "木棉测试电子印章制作",
            Profile::SealMaker,
            (now, base, SEAL),
        )?;
        Ok(Self {
            root,
            issuing,
            rp_root,
            seal_root,
            seal_maker,
            tls_root: tls::root(keys)?,
            base: base.to_owned(),
        })
    }

    /// Address of an authority's CRL.
    pub fn crl_url(&self, name: &str) -> String {
        format!("{}/crl/{name}.crl", self.base)
    }

    /// Address of an authority's certificate.
    pub fn ca_url(&self, name: &str) -> String {
        format!("{}/ca/{name}.cer", self.base)
    }

    /// The authority whose list and certificate are published under a name.
    pub fn published(&self, name: &str) -> Option<&Authority> {
        match name {
            CA => Some(&self.issuing),
            ROOT => Some(&self.root),
            RP => Some(&self.rp_root),
            SEAL => Some(&self.seal_root),
            TLS => Some(&self.tls_root),
            _ => None,
        }
    }

    /// A relying party's certificate under [`Pki::rp_root`], kept in the folder under `file`; with its key.
    pub fn relying_party(
        &self,
        keys: &Keys,
        file: &str,
        name: &str,
        now: u64,
    ) -> Result<(P256Key, Certificate), StartError> {
        let key = p256(keys, file)?;
        let certificate = keys.file(&format!("{file}.cer"), || {
            let request = IssueRequest {
                profile: Profile::RelyingParty,
                serial: &serial(),
                issuer: Some(&self.rp_root.certificate),
                subject: Subject {
                    common_name: name.to_owned(),
                    organization: Some(name.to_owned()),
                    ..Subject::default()
                },
                subject_spki_der: &key.spki_der().map_err(|_| failed())?,
                not_before: now,
                not_after: now + ISSUING_YEARS * YEAR,
                crl_url: Some(&self.crl_url(RP)),
                ca_issuers_url: Some(&self.ca_url(RP)),
                ocsp_url: None,
            };
            issue(&request, self.rp_root.key.as_ref()).map_err(|_| failed())
        })?;
        Ok((key, parse(&certificate)?))
    }
}

/// A certificate as PEM; empty if it is none.
pub fn pem(certificate_der: &[u8]) -> String {
    x509::pem_encode(x509::LABEL_CERTIFICATE, certificate_der).unwrap_or_default()
}

/// 16 random bytes as a positive serial number.
pub fn serial() -> [u8; 16] {
    let mut serial = rand::random::<[u8; 16]>();
    // DER integers are signed, and a leading zero byte would be dropped.
    serial[0] = (serial[0] & 0x7f) | 0x40;
    serial
}

/// Makes a certificate by `request`, signed by `key`.
pub fn issue(request: &IssueRequest<'_>, key: &dyn Signer) -> Result<Vec<u8>, X509Error> {
    x509::certificate(&x509::tbs(request)?, key)
}

fn root(
    keys: &Keys,
    file: &str,
    name: &str,
    profile: Profile,
    now: u64,
) -> Result<Authority, StartError> {
    let key = key(keys, file, profile == Profile::SealRoot)?;
    let certificate = keys.file(&format!("{file}.cer"), || {
        let request = IssueRequest {
            profile,
            serial: &serial(),
            issuer: None,
            subject: subject(name),
            subject_spki_der: &key.spki_der().map_err(|_| failed())?,
            not_before: now,
            not_after: now + ROOT_YEARS * YEAR,
            crl_url: None,
            ca_issuers_url: None,
            ocsp_url: None,
        };
        issue(&request, key.as_ref()).map_err(|_| failed())
    })?;
    Ok(Authority {
        key,
        certificate: parse(&certificate)?,
    })
}

fn under(
    keys: &Keys,
    root: &Authority,
    file: &str,
    name: &str,
    profile: Profile,
    (now, base, published): (u64, &str, &str),
) -> Result<Authority, StartError> {
    let key = key(keys, file, profile == Profile::SealMaker)?;
    let certificate = keys.file(&format!("{file}.cer"), || {
        let request = IssueRequest {
            profile,
            serial: &serial(),
            issuer: Some(&root.certificate),
            subject: subject(name),
            subject_spki_der: &key.spki_der().map_err(|_| failed())?,
            not_before: now,
            not_after: now + ISSUING_YEARS * YEAR,
            crl_url: Some(&format!("{base}/crl/{published}.crl")),
            ca_issuers_url: Some(&format!("{base}/ca/{published}.cer")),
            ocsp_url: None,
        };
        issue(&request, root.key.as_ref()).map_err(|_| failed())
    })?;
    Ok(Authority {
        key,
        certificate: parse(&certificate)?,
    })
}

fn subject(name: &str) -> Subject {
    Subject {
        common_name: name.to_owned(),
        organization: Some("木棉测试".to_owned()),
        ..Subject::default()
    }
}

fn key(keys: &Keys, file: &str, sm2: bool) -> Result<Box<dyn Signer + Send + Sync>, StartError> {
    if sm2 {
        Ok(Box::new(self::sm2(keys, file)?))
    } else {
        Ok(Box::new(p256(keys, file)?))
    }
}

/// The P-256 key called `file`, as a signer.
pub fn p256(keys: &Keys, file: &str) -> Result<P256Key, StartError> {
    let secret = keys.p256(file)?;
    let scalar = Zeroizing::new(secret.to_bytes().into());
    P256Key::from_scalar(&scalar).map_err(|_| StartError::KeyFile(format!("{file}.key")))
}

fn sm2(keys: &Keys, file: &str) -> Result<Sm2Key, StartError> {
    let name = format!("{file}.sm2");
    // Both groups have an order just below 2^256: a scalar that one takes the other takes, but for one draw in 2^32.
    let bytes = Zeroizing::new(keys.file(&name, || Ok(random_p256().to_bytes().to_vec()))?);
    let damaged = || StartError::KeyFile(name.clone());
    let scalar: Zeroizing<[u8; 32]> =
        Zeroizing::new(bytes.as_slice().try_into().map_err(|_| damaged())?);
    Sm2Key::from_scalar(&scalar).map_err(|_| damaged())
}

fn parse(der: &[u8]) -> Result<Certificate, StartError> {
    Certificate::parse(der).map_err(|_| failed())
}

fn failed() -> StartError {
    StartError::Tls("a certificate authority could not be made".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    #[test]
    fn authorities_are_the_same_after_a_restart_and_chains_hold() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::open(dir.path()).unwrap();
        let first = Pki::open(&keys, NOW, "http://pki.test").unwrap();
        let again = Pki::open(&keys, NOW + 9, "http://pki.test").unwrap();
        assert_eq!(
            first.issuing.certificate.der(),
            again.issuing.certificate.der()
        );
        assert_eq!(
            first.seal_maker.certificate.der(),
            again.seal_maker.certificate.der()
        );
        x509::verify_chain(
            &again.issuing.certificate,
            &[],
            &[again.root.certificate],
            NOW + 9,
            &[],
        )
        .unwrap();
        x509::verify_chain(
            &again.seal_maker.certificate,
            &[],
            &[again.seal_root.certificate],
            NOW + 9,
            &[],
        )
        .unwrap();
    }

    #[test]
    fn a_relying_party_stands_under_its_own_root_only() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::open(dir.path()).unwrap();
        let pki = Pki::open(&keys, NOW, "http://pki.test").unwrap();
        let (_, leaf) = pki
            .relying_party(&keys, "portal", "木棉采购平台", NOW)
            .unwrap();
        x509::verify_chain(&leaf, &[], &[pki.rp_root.certificate], NOW, &[]).unwrap();
        assert!(x509::verify_chain(&leaf, &[], &[pki.root.certificate], NOW, &[]).is_err());
    }
}
