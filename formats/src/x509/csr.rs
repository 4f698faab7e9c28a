//! PKCS#10 certificate requests (RFC 2986).

use super::signed::{Signed, join};
use super::{Name, Subject, X509Error};
use crate::signer::{Algorithm, PublicKey, Signer};
use der::asn1::{Any, ContextSpecific, SetOfVec};
use der::{Decode, Encode, Reader, Sequence, SliceReader};

#[derive(Sequence)]
struct RequestInfo {
    version: u8,
    subject: Any,
    spki: Any,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    attributes: SetOfVec<Any>,
}

/// Makes a request for `subject`, signed by the key that it asks to have certified; DER.
///
/// # Errors
/// [`X509Error::Field`] for a subject that cannot be written, [`X509Error::Signer`] when the key does not sign.
pub fn build_csr(signer: &dyn Signer, subject: &Subject) -> Result<Vec<u8>, X509Error> {
    let subject = subject.to_name_der()?;
    let spki = signer.spki_der()?;
    let info = || -> der::Result<Vec<u8>> {
        let subject = Any::from_der(&subject)?;
        let spki = Any::from_der(&spki)?;
        RequestInfo {
            version: 0,
            subject,
            spki,
            attributes: SetOfVec::new(),
        }
        .to_der()
    };
    join(&info().map_err(|_| X509Error::malformed("csr"))?, signer)
}

/// A request whose signature, the proof that its sender holds the key, has been checked.
#[derive(Debug, Clone)]
pub struct Csr {
    subject: Name,
    spki: Vec<u8>,
    key: PublicKey,
}

impl Csr {
    /// Reads DER and verifies the proof of possession.
    ///
    /// # Errors
    /// [`X509Error::Malformed`], or [`X509Error::Signer`] when the key is unsupported or the proof is wrong.
    pub fn parse(der: &[u8]) -> Result<Self, X509Error> {
        let signed = Signed::split(der).map_err(|_| X509Error::malformed("csr"))?;
        let (subject, spki) = read_info(signed.body).map_err(|_| X509Error::malformed("csr"))?;
        let key = PublicKey::from_spki_der(&spki)?;
        signed.verify(&key)?;
        Ok(Self { subject, spki, key })
    }

    /// The name that the request asks for; what is issued is for the CA to decide.
    pub const fn subject(&self) -> &Name {
        &self.subject
    }

    /// DER SubjectPublicKeyInfo as received.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// The algorithm of the requested key.
    pub const fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }
}

fn read_info(body: &[u8]) -> der::Result<(Name, Vec<u8>)> {
    let mut reader = SliceReader::new(body)?;
    let parts = reader.sequence(|inner| {
        let _version = u8::decode(inner)?;
        let subject = Name::parse(inner.tlv_bytes()?)?;
        let spki = inner.tlv_bytes()?.to_vec();
        // Old requesters leave the attributes out altogether.
        if !inner.is_finished() {
            ContextSpecific::<SetOfVec<Any>>::decode_implicit(inner, der::TagNumber(0))?;
        }
        Ok::<_, der::Error>((subject, spki))
    })?;
    reader.finish()?;
    Ok(parts)
}
