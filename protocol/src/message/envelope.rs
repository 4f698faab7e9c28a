//! The envelope of every message and the table of kinds.

use super::*;
use crate::cbor::{self, CborError};

/// A message with its number; replies name the message they answer in `re`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope<B> {
    /// The kind: see [`Kind`].
    pub t: u8,
    /// Number of this message in its direction.
    pub id: u32,
    /// The message that this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub re: Option<u32>,
    /// Sender's clock, milliseconds since the epoch; informative.
    pub ts: u64,
    /// The kind's own map.
    pub body: B,
}

macro_rules! kinds {
    ($($name:ident = $code:literal, $body:ty;)+) => {
        /// The kinds of message and their numbers.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "each is documented at its body")]
        pub enum Kind { $($name = $code),+ }

        /// A message of any kind.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs, reason = "each is documented at its body")]
        pub enum Message { $($name($body)),+ }

        impl Message {
            /// The kind of this message.
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$name(_) => Kind::$name),+ }
            }

            /// Encodes with its envelope.
            pub fn encode(&self, id: u32, re: Option<u32>, ts: u64) -> Result<Vec<u8>, CborError> {
                let t = self.kind() as u8;
                match self { $(Self::$name(body) => cbor::encode(&Envelope { t, id, re, ts, body })),+ }
            }

            /// Decodes an envelope of a known kind.
            pub fn decode(bytes: &[u8]) -> Result<Envelope<Self>, CborError> {
                #[derive(Deserialize)]
                struct Head { t: u8 }
                let head: Head = cbor::decode_head(bytes)?;
                match head.t {
                    $($code => {
                        let e: Envelope<$body> = cbor::decode(bytes)?;
                        Ok(Envelope { t: e.t, id: e.id, re: e.re, ts: e.ts, body: Self::$name(e.body) })
                    })+
                    _ => Err(CborError::UnknownKind),
                }
            }
        }
    };
}

kinds! {
    ClaimInfo = 1, ClaimInfo;
    Hello = 2, Hello;
    Request = 3, Request;
    ReqOk = 4, ReqOk;
    ReqNo = 5, ReqNo;
    CertList = 10, CertList;
    Certs = 11, Certs;
    CertPick = 12, CertPick;
    Cert = 13, Cert;
    Batch = 20, Batch;
    DocGet = 21, DocGet;
    DocPart = 22, DocPart;
    Review = 23, Review;
    Progress = 24, Progress;
    Result = 25, SignResult;
    ResultAck = 26, ResultAck;
    BatchEnd = 27, BatchEnd;
    Cancel = 28, Cancel;
    Ping = 40, Empty;
    Pong = 41, Empty;
    State = 42, PhoneState;
    Error = 50, Failure;
    Bye = 51, Bye;
}

