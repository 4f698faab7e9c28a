//! Where the one open face check of this phone is, and what of it survives a kill.

use kapok_protocol::api::identity::{Purpose, ReturnProof};
use kapok_protocol::ids::{Bytes, HandoffId, RequestId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The 32 random bytes whose hash starts a handoff and which finish it (RFC 7636). Has no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Verifier([u8; 32]);

impl Verifier {
    /// From random bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// S256: SHA-256, 32 bytes.
    pub fn challenge(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }

    /// As it travels when the handoff is finished.
    pub fn to_bytes(&self) -> Bytes {
        Bytes::from(self.0)
    }
}

/// A handoff that was started at the platform.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// Its number.
    pub handoff_id: HandoffId,
    /// What the face check is for.
    pub purpose: Purpose,
    /// What it is about, as at the start.
    pub subject_ref: Option<String>,
    /// Kept until the end, sent only to finish.
    pub verifier: Verifier,
    /// Two digits that app and mini program both show.
    pub match_code: String,
    /// The mini program's path.
    pub mini_program_path: String,
    /// End, by the platform's clock, milliseconds since the epoch.
    pub expires_ms: u64,
    /// The face check has passed; the user did not come back by the button and is asked for the code.
    pub code_asked: bool,
}

/// The state. Persisted, sealed, whenever it changes; `Starting` is not, because the user has not left the app yet.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// No face check is open.
    Idle,
    /// The platform was asked for a handoff.
    Starting {
        /// What for.
        purpose: Purpose,
        /// What about.
        subject_ref: Option<String>,
        /// Its hash recognises the answer.
        verifier: Verifier,
    },
    /// The user is in the mini program, or on the way back.
    Waiting(Open),
    /// The proof of return is on its way to the platform, once or again.
    Finishing {
        /// The handoff.
        open: Open,
        /// Return code or typed code.
        proof: Proof,
        /// The Idempotency-Key, so that a lost reply can be asked again.
        request_id: RequestId,
    },
}

/// [`ReturnProof`], stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof(pub ReturnProof);

impl State {
    /// The state's name, for errors and diagrams: holds nothing of the user's.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Idle => "Idle",
            Self::Starting { .. } => "Starting",
            Self::Waiting(_) => "Waiting",
            Self::Finishing { .. } => "Finishing",
        }
    }

    /// The handoff that is open at the platform.
    pub const fn open(&self) -> Option<&Open> {
        match self {
            Self::Waiting(open) | Self::Finishing { open, .. } => Some(open),
            Self::Idle | Self::Starting { .. } => None,
        }
    }

    /// What is stored: nothing for a state that does not outlive the app.
    pub fn persistent(&self) -> Option<&Self> {
        self.open().map(|_| self)
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
