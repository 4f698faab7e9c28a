//! Where the keys of guard and face service live: a port with two implementations.
//!
//! [`crate::keys::Keys`] keeps them in files, for development: whoever copies the folder has them. [`Token`] leaves them in a PKCS#11 token,
//! which signs, agrees and computes MACs without ever showing one.

mod files;
mod token;
mod uri;

pub use token::Token;
pub use uri::TokenUri;

use crate::config::StartError;
use zeroize::Zeroizing;

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// P-256 key pair, ECDSA with SHA-256.
    Signing,
    /// P-256 key pair, ECDH.
    Agreement,
    /// 32 bytes, HMAC-SHA-256.
    Secret,
}

/// Why a key was not used.
#[derive(Debug, thiserror::Error)]
pub enum KmsError {
    /// The token refused or did not answer.
    #[error("the token: {0}")]
    Token(#[from] cryptoki::error::Error),
    /// The token answered with something of another shape.
    #[error("the token gave {0} of another size")]
    Shape(&'static str),
    /// The other side's public key is no point.
    #[error("not a P-256 point")]
    Point,
}

/// Keys by name. Opening may make a missing key, if this store makes keys by itself.
pub trait Kms: Send + Sync {
    /// Whether there is a key of this name and kind.
    fn has(&self, kind: KeyKind, name: &str) -> Result<bool, StartError>;

    /// Makes a key where none is.
    fn make(&self, kind: KeyKind, name: &str) -> Result<(), StartError>;

    /// Opens a signing key.
    fn signing(&self, name: &str) -> Result<Box<dyn SigningKey>, StartError>;

    /// Opens a key for agreement.
    fn agreement(&self, name: &str) -> Result<Box<dyn AgreementKey>, StartError>;

    /// Opens a secret.
    fn secret(&self, name: &str) -> Result<Box<dyn SecretKey>, StartError>;
}

/// A P-256 key that signs.
pub trait SigningKey: Send + Sync {
    /// SEC1 compressed.
    fn public(&self) -> &[u8; 33];

    /// ECDSA over SHA-256 of `input`: r ‖ s.
    fn sign(&self, input: &[u8]) -> Result<[u8; 64], KmsError>;
}

/// A P-256 key that agrees.
pub trait AgreementKey: Send + Sync {
    /// SEC1 compressed.
    fn public(&self) -> &[u8; 33];

    /// ECDH with a compressed point: the x coordinate.
    fn agree(&self, peer: &[u8; 33]) -> Result<Zeroizing<[u8; 32]>, KmsError>;
}

/// A secret for MACs.
pub trait SecretKey: Send + Sync {
    /// HMAC-SHA-256 of `input`.
    fn mac(&self, input: &[u8]) -> Result<Zeroizing<[u8; 32]>, KmsError>;
}
