//! The part of RFC 7512 that says which token: `pkcs11:token=NAME?module-path=LIBRARY&pin-source=FILE`.

use std::path::PathBuf;
use url::Url;

/// Where the keys are. The token's PIN is read from a file, since others on the machine see a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenUri {
    /// Label of the token.
    pub token: String,
    /// The PKCS#11 library.
    pub module: PathBuf,
    /// File with the token's PIN; a line end after it is not part of it.
    pub pin: PathBuf,
}

/// What is wrong with an address, naming its part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenUriError {
    /// Another scheme, or no address at all.
    #[error("not a pkcs11: address")]
    Scheme,
    /// A part that must be there is not.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A part that nothing here reads: it may be meant to narrow the choice, so it is not passed over.
    #[error("{0} is not understood")]
    Unknown(String),
    /// The PIN stands in the address.
    #[error("pin-value shows the PIN to others on this machine; use pin-source")]
    PinValue,
}

impl std::str::FromStr for TokenUri {
    type Err = TokenUriError;

    fn from_str(text: &str) -> Result<Self, TokenUriError> {
        let url = Url::parse(text).map_err(|_| TokenUriError::Scheme)?;
        if url.scheme() != "pkcs11" {
            return Err(TokenUriError::Scheme);
        }
        let (mut token, mut module, mut pin) = (None, None, None);
        for part in url.path().split(';').filter(|part| !part.is_empty()) {
            match one(part) {
                Some(("token", value)) => token = Some(value),
                _ => return Err(unknown(part)),
            }
        }
        for part in url.query().unwrap_or_default().split('&') {
            match one(part) {
                Some(("module-path", value)) => module = Some(value.into()),
                Some(("pin-source", value)) => pin = Some(path(value)),
                Some(("pin-value", _)) => return Err(TokenUriError::PinValue),
                None if part.is_empty() => {}
                _ => return Err(unknown(part)),
            }
        }
        Ok(Self {
            token: token.ok_or(TokenUriError::Missing("token"))?,
            module: module.ok_or(TokenUriError::Missing("module-path"))?,
            pin: pin.ok_or(TokenUriError::Missing("pin-source"))?,
        })
    }
}

/// A name and its value without percent signs. A plus is a plus.
fn one(part: &str) -> Option<(&str, String)> {
    let (name, value) = part.split_once('=')?;
    let value = percent_encoding::percent_decode_str(value).decode_utf8();
    Some((name, value.ok()?.into_owned()))
}

fn unknown(part: &str) -> TokenUriError {
    TokenUriError::Unknown(part.split('=').next().unwrap_or_default().to_owned())
}

/// `file:/path`, as the RFC writes it, or a path.
fn path(value: String) -> PathBuf {
    let plain = value
        .strip_prefix("file://")
        .or_else(|| value.strip_prefix("file:"));
    plain.map(PathBuf::from).unwrap_or_else(|| value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_in_its_parts() {
        let text = "pkcs11:token=The%20guard?module-path=/usr/lib/p11+.so&pin-source=file:/etc/pin";
        let uri: TokenUri = text.parse().unwrap();
        assert_eq!(uri.token, "The guard");
        assert_eq!(uri.module, PathBuf::from("/usr/lib/p11+.so"));
        assert_eq!(uri.pin, PathBuf::from("/etc/pin"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = |text: &str| text.parse::<TokenUri>().unwrap_err().to_string();
        assert_eq!(error("guard"), "not a pkcs11: address");
        assert_eq!(error("file:/a"), "not a pkcs11: address");
        assert_eq!(error("pkcs11:token=a"), "module-path is missing");
        assert_eq!(
            error("pkcs11:?module-path=a&pin-source=b"),
            "token is missing"
        );
        assert_eq!(
            error("pkcs11:token=a?module-path=b"),
            "pin-source is missing"
        );
        assert_eq!(error("pkcs11:slot-id=1"), "slot-id is not understood");
        assert_eq!(error("pkcs11:token=%FF"), "token is not understood");
        assert!(error("pkcs11:token=a?pin-value=1").starts_with("pin-value shows"));
    }
}
