//! Distinguished names: what we write (C, O, organizationIdentifier, OU, CN) and what we read.

use super::X509Error;
use crate::identity::Uscc;
use const_oid::ObjectIdentifier;
use der::asn1::{Any, SetOfVec};
use der::{Decode, Encode, Sequence, Tag, ValueOrd};

const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const ORGANIZATIONAL_UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ORGANIZATION_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.97");
/// Upper bounds ub-organization-name and ub-common-name of X.520, in characters.
const LONGEST: usize = 64;

/// Whom a certificate or a request is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// CN: the organisation's name in its own certificate, the person's in an employee certificate, a host name.
    pub common_name: String,
    /// O: the registered name of the enterprise.
    pub organization: Option<String>,
    /// OU: department or number.
    pub organizational_unit: Option<String>,
    /// 统一社会信用代码: organizationIdentifier `NTRCN-<USCC>` (ETSI EN 319 412-1), and in a certificate also the
    /// extension OrganizationCode 1.2.156.10260.4.1.4 (GM/T 0015).
    pub uscc: Option<Uscc>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Sequence, ValueOrd)]
struct Attribute {
    oid: ObjectIdentifier,
    value: Any,
}

type Rdns = Vec<SetOfVec<Attribute>>;

impl Subject {
    /// The name as DER: `C=CN`, O, organizationIdentifier, OU, CN, one attribute each, UTF8String but for C.
    ///
    /// # Errors
    /// [`X509Error::Field`] when a part is empty or longer than 64 characters.
    pub fn to_name_der(&self) -> Result<Vec<u8>, X509Error> {
        let parts = [
            ("organization", ORGANIZATION, self.organization.clone()),
            (
                "uscc",
                ORGANIZATION_IDENTIFIER,
                self.uscc.as_ref().map(|code| format!("NTRCN-{code}")),
            ),
            (
                "organizational_unit",
                ORGANIZATIONAL_UNIT,
                self.organizational_unit.clone(),
            ),
            ("common_name", COMMON_NAME, Some(self.common_name.clone())),
        ];
        let mut rdns: Rdns = vec![rdn(COUNTRY, Tag::PrintableString, "CN")?];
        for (field, oid, text) in parts {
            let Some(text) = text else { continue };
            check_text(field, &text)?;
            rdns.push(rdn(oid, Tag::Utf8String, &text)?);
        }
        rdns.to_der().map_err(|_| X509Error::malformed("tbs"))
    }
}

fn check_text(field: &'static str, text: &str) -> Result<(), X509Error> {
    let reason = match text.chars().count() {
        0 => "is empty",
        1..=LONGEST if text.chars().any(char::is_control) => "holds a control character",
        1..=LONGEST => return Ok(()),
        _ => "is longer than 64 characters",
    };
    Err(X509Error::Field { field, reason })
}

fn rdn(oid: ObjectIdentifier, tag: Tag, text: &str) -> Result<SetOfVec<Attribute>, X509Error> {
    let value = Any::new(tag, text.as_bytes());
    value
        .and_then(|value| SetOfVec::try_from(vec![Attribute { oid, value }]))
        .map_err(|_| X509Error::malformed("tbs"))
}

/// A name as found in a certificate or request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// DER of the name as received.
    pub der: Vec<u8>,
    /// CN, the last one when there are several.
    pub common_name: Option<String>,
    /// O.
    pub organization: Option<String>,
    /// OU.
    pub organizational_unit: Option<String>,
    /// organizationIdentifier.
    pub organization_identifier: Option<String>,
    /// C.
    pub country: Option<String>,
}

impl Name {
    /// Reads DER.
    pub(super) fn parse(der: &[u8]) -> der::Result<Self> {
        let rdns = Rdns::from_der(der)?;
        let find = |oid| {
            let values = rdns
                .iter()
                .flat_map(|rdn| rdn.iter())
                .filter(|attribute| attribute.oid == oid);
            values
                .last()
                .and_then(|attribute| text_of(&attribute.value))
        };
        Ok(Self {
            der: der.to_vec(),
            common_name: find(COMMON_NAME),
            organization: find(ORGANIZATION),
            organizational_unit: find(ORGANIZATIONAL_UNIT),
            organization_identifier: find(ORGANIZATION_IDENTIFIER),
            country: find(COUNTRY),
        })
    }

    /// The USCC of an organizationIdentifier `NTRCN-<USCC>`.
    pub fn uscc(&self) -> Option<Uscc> {
        Uscc::parse(
            self.organization_identifier
                .as_deref()?
                .strip_prefix("NTRCN-")?,
        )
        .ok()
    }
}

/// The text of a directory string; BMPString is UTF-16 big-endian.
fn text_of(value: &Any) -> Option<String> {
    use der::Tagged;
    match value.tag() {
        Tag::BmpString => {
            let units = value.value().chunks_exact(2).map(|pair| match pair {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0,
            });
            char::decode_utf16(units)
                .collect::<Result<String, _>>()
                .ok()
        }
        _ => String::from_utf8(value.value().to_vec()).ok(),
    }
}
