//! A certificate on this phone, from its key to its end.

use kapok_protocol::api::certificates::CertificateKind;
use kapok_protocol::guard::Suite;
use kapok_protocol::ids::{Bytes, CertId, EnterpriseId, OrderId};
use serde::{Deserialize, Serialize};

/// A row of the store. Holds no secret in clear; no `Debug`, because it names a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Suite of the record.
    pub suite: Suite,
    /// Names the key on phone and guard.
    pub cert_id: CertId,
    /// The order, the same one for every repetition.
    pub order_id: OrderId,
    /// The enterprise.
    pub enterprise_id: EnterpriseId,
    /// Its registered name.
    pub enterprise: String,
    /// Kind.
    pub kind: CertificateKind,
    /// PKCS#10, DER.
    pub csr: Bytes,
    /// SEC1 compressed, 33 bytes.
    pub public_key: Bytes,
    /// The private scalar under `K_cert`.
    pub wrapped: Bytes,
    /// What the CA has issued; nothing while the order is pending.
    pub issued: Option<Issued>,
}

/// A certificate that was issued.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// Serial number, hexadecimal.
    pub serial: String,
    /// DER, leaf first, without the root.
    pub chain: Vec<Bytes>,
    /// Whom it is for.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// End of validity, seconds since the epoch.
    pub not_after: u64,
}

/// Where the certificate of an enterprise and kind is on this phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// No key.
    Idle,
    /// The key is wrapped, the guard holds its share; whether the CA has issued is not known.
    Pending,
    /// Issued and verified.
    Active,
}

impl State {
    /// The state's name, for errors and diagrams.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Idle => "Idle",
            Self::Pending => "Pending",
            Self::Active => "Active",
        }
    }
}

impl Row {
    /// 1 pending, 2 active.
    pub const fn number(&self) -> u8 {
        if self.issued.is_some() { 2 } else { 1 }
    }

    /// Where it is.
    pub const fn state(&self) -> State {
        if self.issued.is_some() {
            State::Active
        } else {
            State::Pending
        }
    }
}
