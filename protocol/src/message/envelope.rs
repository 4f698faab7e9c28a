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
                let head: Head = cbor::decode(bytes)?;
                match head.t {
                    $($code => {
                        let e: Envelope<$body> = cbor::decode(bytes)?;
                        Ok(Envelope { t: e.t, id: e.id, re: e.re, ts: e.ts, body: Self::$name(e.body) })
                    })+
                    _ => Err(CborError::Shape),
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn samples() -> Vec<Message> {
        let doc = DocumentId([1; 16]);
        let batch_id = BatchId([2; 16]);
        let bytes = || Bytes(vec![3; 40]);
        let entry = ManifestEntry {
            doc,
            mime: "application/pdf".into(),
            name: "合同.pdf".into(),
            size: 70_000,
            pages: 2,
            digest: bytes(),
        };
        let seal = SealOffer {
            name: "公章".into(),
            es_id: "ES1".into(),
            thumbnail: bytes(),
        };
        let offer = CertOffer {
            seals: vec![seal],
            handle: 1,
            issuer: "CA".into(),
            subject: "公司".into(),
            not_after: 9,
        };
        let remembered = Some(RememberedPc {
            key: bytes(),
            signature: bytes(),
        });
        vec![
            Message::ClaimInfo(ClaimInfo {
                app: "a".into(),
                label: "b".into(),
                locale: "zh-CN".into(),
                phone_nonce: bytes(),
            }),
            Message::Hello(Hello {
                sdk: "1".into(),
                origin: "https://a".into(),
                pc_label: "pc".into(),
                remembered,
            }),
            Message::Request(Request {
                jws: "a.b.c".into(),
            }),
            Message::ReqOk(ReqOk {
                purposes: vec!["sign".into()],
                lease_end: 5,
            }),
            Message::ReqNo(ReqNo {
                code: ErrorCode::RpUnknown,
            }),
            Message::CertList(CertList {
                uscc_hash: Some(bytes()),
            }),
            Message::Certs(Certs { certs: vec![offer] }),
            Message::CertPick(CertPick {
                es_id: Some("ES1".into()),
                handle: 1,
            }),
            Message::Cert(Cert {
                seal: Some(bytes()),
                chain: vec![bytes()],
                lease_end: 5,
            }),
            Message::Batch(Batch {
                jws: "a".into(),
                format: Format::OfdSes,
                handle: 1,
                batch_id,
                manifest: vec![entry],
            }),
            Message::DocGet(DocGet {
                doc,
                len: 60_000,
                offset: 1 << 33,
            }),
            Message::DocPart(DocPart {
                doc,
                bytes: bytes(),
                offset: 0,
            }),
            Message::Review(Review {
                doc,
                outcome: ReviewOutcome::Amber,
            }),
            Message::Progress(Progress { done: 1, total: 2 }),
            Message::Result(SignResult {
                cms: bytes(),
                doc,
                receipt: bytes(),
                batch_id,
            }),
            Message::ResultAck(ResultAck {
                docs: vec![doc],
                batch_id,
            }),
            Message::BatchEnd(BatchEnd {
                ok: 1,
                failed: vec![FailedDocument {
                    doc,
                    code: ErrorCode::DocHash,
                }],
                batch_id,
            }),
            Message::Cancel(Cancel {
                batch_id: Some(batch_id),
            }),
            Message::Ping(Empty {}),
            Message::Pong(Empty {}),
            Message::State(PhoneState {
                presence: Presence::Background,
            }),
            Message::Error(Failure {
                code: ErrorCode::Busy,
                retryable: true,
            }),
            Message::Bye(Bye {
                reason: ByeReason::Done,
            }),
        ]
    }

    #[test]
    fn every_kind_reads_back() {
        for (id, message) in (1..).zip(samples()) {
            let bytes = message.encode(id, Some(7), 1_700_000_000_000).unwrap();
            assert_eq!(cbor::check(&bytes), Ok(()), "{:?}", message.kind());
            let back = Message::decode(&bytes).unwrap();
            assert_eq!((back.id, back.re, back.body), (id, Some(7), message));
        }
    }

    #[test]
    fn a_kind_of_a_newer_peer_is_refused_not_guessed() {
        let envelope = Envelope {
            t: 99,
            id: 1,
            re: None,
            ts: 0,
            body: Empty {},
        };
        assert_eq!(
            Message::decode(&cbor::encode(&envelope).unwrap()),
            Err(CborError::Shape)
        );
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Message::decode(&bytes);
        }

        #[test]
        fn no_damage_to_a_message_panics(which in 0usize..23, at in any::<prop::sample::Index>(), value in any::<u8>()) {
            let mut bytes = samples()[which].encode(1, None, 2).unwrap();
            let at = at.index(bytes.len());
            bytes[at] = value;
            let _ = Message::decode(&bytes);
        }
    }
}
