//! Guard, face service and CA for tests: the protocol's own functions behind the scripted server, as little policy as the phone's side needs.

mod ca;
mod guard;

use super::fake::{Fake, Reply, Request as Asked};
use super::*;
use crate::ports::Clock as _;
use kapok_formats::signer::{P256Key, Signer as _};
use kapok_formats::x509::{self, Certificate, Csr, IssueRequest, Subject};
use kapok_protocol::api::certificates::{
    CertificateIssued, CertificateKind, CertificateState, CertificateView, OrderCertificate,
};
use kapok_protocol::api::guard::{AskAssertion, AssertionPurpose, SignedBody};
use kapok_protocol::api::profile::{LoginWay, PinnedKeys, Profile};
use kapok_protocol::delivery::{ShareContext, ShareKind, open_share, seal_share};
use kapok_protocol::error::ApiError;
use kapok_protocol::face::{FaceAssertion, FirstSetTicket, StageShareRequest, StagingTicket};
use kapok_protocol::guard::schedule::guard_oprf_key;
use kapok_protocol::guard::*;
use kapok_protocol::ids::{Bytes, CertId, EnterpriseId, HandoffId, LeaseId};
use kapok_protocol::point;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Mutex;

const GUARD: [u8; 32] = [0x21; 32];
const GUARD_DELIVERY: [u8; 32] = [0x22; 32];
const FACE: [u8; 32] = [0x23; 32];
const FACE_DELIVERY: [u8; 32] = [0x24; 32];
const MASTER: [u8; 32] = [0x25; 32];
const CA: [u8; 32] = [0x26; 32];
const YEAR: u64 = 365 * 86_400;
pub const ENTERPRISE: EnterpriseId = EnterpriseId([3; 16]);
/// Another one, for a phone with two certificates.
pub const SECOND: EnterpriseId = EnterpriseId([8; 16]);
pub const HANDOFF: HandoffId = HandoffId([4; 16]);

/// What a bad guard does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tamper {
    None,
    /// Evaluates under another key, with a proof that is right for that key.
    OtherKey,
    /// One bit of the proof.
    ProofBit,
    /// E = B.
    Echo,
    /// Signs with another key.
    OtherSigner,
    /// Answers another request.
    OtherRequest,
    /// The face service's ticket answers another request.
    TicketRequest,
    /// It is for another account.
    TicketAccount,
    /// It is for another staging.
    TicketStage,
    /// The commit's answer is for another account.
    CommitAccount,
    /// It is of another slot.
    CommitSlot,
    /// The ticket of a first set is for another account.
    FirstSetAccount,
    /// It is for another phone's key.
    FirstSetKey,
    /// A statement of the face service has another purpose.
    AssertionPurpose,
    /// It is for another account.
    AssertionAccount,
    /// It is about another thing.
    AssertionReference,
    /// The proof of the PIN is for another account.
    ProofAccount,
    /// It is for another act.
    ProofKind,
}

#[derive(Clone)]
struct Lease {
    id: LeaseId,
    key: [u8; 33],
    count: u16,
    n: u16,
    picked: Option<CertId>,
}

struct Inner {
    epoch: u64,
    row_salt: [u8; 32],
    stage: Option<([u8; 16], [u8; 32])>,
    pk_auth: Option<[u8; 33]>,
    slot_hash: Option<[u8; 32]>,
    fails: u8,
    log_n: u64,
    eval: Option<([u8; 16], [u8; 32], [u8; 32])>,
    certs: HashMap<CertId, ([u8; 33], [u8; 32])>,
    lease: Option<Lease>,
    answers: HashMap<[u8; 32], Signed>,
    device_key: Option<[u8; 33]>,
    s_f: Option<[u8; 32]>,
    s_g: Option<[u8; 32]>,
    issued: HashMap<String, CertificateIssued>,
    orders: Vec<OrderCertificate>,
    counter: u64,
    tamper: Tamper,
    /// What STATE is refused with.
    unknown: Option<ErrorCode>,
    /// What messages that this guard does not know are refused with.
    stranger: ErrorCode,
    /// Whether the account may have a certificate of each enterprise.
    second: bool,
}

/// The three roles.
pub struct Trust {
    inner: Mutex<Inner>,
    root: Certificate,
    now: u64,
}

type Answered = Result<Signed, ErrorCode>;

fn sign<M: Message>(secret: &[u8; 32], message: &M) -> Signed {
    let sign = |input: &[u8]| {
        let signature: Signature = SigningKey::from_slice(secret).unwrap().sign(input);
        Ok::<_, ()>(signature.to_bytes().into())
    };
    Unsigned::new(message).unwrap().sign(sign).unwrap()
}

fn public(secret: &[u8; 32]) -> [u8; 33] {
    point::public_of(secret).unwrap()
}

fn json<T: serde::Serialize>(value: &T) -> Reply {
    Reply::Json(200, serde_json::to_value(value).unwrap())
}

impl Inner {
    fn fresh(&mut self) -> [u8; 32] {
        self.counter += 1;
        Sha256::digest(self.counter.to_be_bytes()).into()
    }

    fn id(&mut self) -> [u8; 16] {
        *self.fresh().first_chunk().unwrap()
    }
}

impl Trust {
    pub fn new() -> Arc<Self> {
        let key = P256Key::from_scalar(&CA).unwrap();
        let now = software::SystemClock::new().unix_ms() / 1000;
        let root = x509::certificate(
            &x509::tbs(&IssueRequest {
                profile: x509::Profile::Root,
                serial: &[1; 8],
                issuer: None,
                subject: Subject {
                    common_name: "Test root".into(),
                    ..Subject::default()
                },
                subject_spki_der: &key.spki_der().unwrap(),
                not_before: now - YEAR,
                not_after: now + YEAR,
                crl_url: None,
                ca_issuers_url: None,
                ocsp_url: None,
            })
            .unwrap(),
            &key,
        );
        Arc::new(Self {
            root: Certificate::parse(&root.unwrap()).unwrap(),
            now,
            inner: Mutex::new(Inner {
                epoch: 0,
                row_salt: [0; 32],
                stage: None,
                pk_auth: None,
                slot_hash: None,
                fails: 0,
                log_n: 0,
                eval: None,
                certs: HashMap::new(),
                lease: None,
                answers: HashMap::new(),
                device_key: None,
                s_f: None,
                s_g: None,
                issued: HashMap::new(),
                orders: Vec::new(),
                counter: 0,
                tamper: Tamper::None,
                unknown: None,
                stranger: ErrorCode::NotFound,
                second: false,
            }),
        })
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    pub fn tamper(&self, tamper: Tamper) {
        self.inner().tamper = tamper;
    }

    pub fn fails(&self) -> u8 {
        self.inner().fails
    }

    pub fn epoch(&self) -> u64 {
        self.inner().epoch
    }

    /// Sets the number of lines in the log, and gives the former one.
    pub fn set_log(&self, lines: u64) -> u64 {
        std::mem::replace(&mut self.inner().log_n, lines)
    }

    pub fn keys_held(&self) -> usize {
        self.inner().certs.len()
    }

    pub fn orders(&self) -> Vec<OrderCertificate> {
        self.inner().orders.clone()
    }

    pub fn guard_key() -> [u8; 33] {
        public(&GUARD)
    }

    fn profile(&self) -> Profile {
        Profile {
            id: "test".into(),
            title: "Test".into(),
            min_app: "0.1.0".into(),
            latest_app: "0.1.0".into(),
            login_ways: vec![LoginWay::Face],
            face_documents: vec![],
            qr_host: "localhost".into(),
            privacy_version: PRIVACY_VERSION.into(),
            keys: PinnedKeys {
                guard_sign: public(&GUARD).into(),
                guard_delivery: public(&GUARD_DELIVERY).into(),
                face_sign: public(&FACE).into(),
                face_delivery: public(&FACE_DELIVERY).into(),
                ca_root: self.root.der().into(),
                seal_root: Bytes::default(),
                rp_root: Bytes::default(),
            },
        }
    }

    /// From now on STATE is refused with this, signed.
    pub fn forget(&self, code: Option<ErrorCode>) {
        self.inner().unknown = code;
    }

    /// From now on resets, which this guard does not know, are refused with this.
    pub fn refuse_resets(&self, code: ErrorCode) {
        let mut inner = self.inner();
        inner.stranger = code;
        inner.answers.clear();
    }

    /// From now on the account may have two certificates.
    pub fn serve_two(&self) {
        self.inner().second = true;
    }

    /// Answers any request of the phone.
    pub fn reply(&self, asked: &Asked, device_key: [u8; 33]) -> Reply {
        self.inner().device_key = Some(device_key);
        let route = asked.route.as_str();
        if let Some(name) = route.strip_prefix("POST /v1/guard/") {
            return self.guard(name, &asked.body);
        }
        if let Some(hash) = route.strip_prefix("GET /v1/certificates/by-csr/") {
            return match self.inner().issued.get(hash) {
                Some(issued) => json(issued),
                None => refuse(ErrorCode::NotFound),
            };
        }
        match route {
            "GET /v1/profile" => json(&self.profile()),
            "POST /v1/face/assertions" => {
                let ask = serde_json::from_value(asked.body.clone()).unwrap();
                json(&self.assertion(&ask, device_key))
            }
            "POST /v1/face/shares" => {
                let body: SignedBody = serde_json::from_value(asked.body.clone()).unwrap();
                json(&self.share(Signed::try_from(body).unwrap(), device_key))
            }
            "GET /v1/certificates" => json(&self.views()),
            "POST /v1/certificates" => {
                let order = serde_json::from_value(asked.body.clone()).unwrap();
                self.order(order)
            }
            _ => refuse(ErrorCode::NotFound),
        }
    }

    fn assertion(&self, ask: &AskAssertion, device_key: [u8; 33]) -> SignedBody {
        assert_eq!(ask.handoff_id, HANDOFF);
        let (account, time) = (account().account_id, self.now);
        let tamper = self.inner().tamper;
        if ask.purpose == AssertionPurpose::FirstSet {
            let mut ticket = FirstSetTicket {
                suite: Suite::P256,
                subject: [9; 32],
                account,
                device_key,
                time,
            };
            match tamper {
                Tamper::FirstSetAccount => ticket.account.0[0] ^= 1,
                Tamper::FirstSetKey => ticket.device_key = public(&GUARD),
                _ => {}
            }
            return sign(&FACE, &ticket).into();
        }
        let mut assertion = FaceAssertion {
            suite: Suite::P256,
            purpose: ask.purpose,
            audience: "ca".into(),
            subject: [9; 32],
            account,
            device: DeviceId::of_key(&device_key),
            reference: ask.reference.array().unwrap(),
            liveness: 99,
            time,
        };
        match tamper {
            Tamper::AssertionPurpose => assertion.purpose = AssertionPurpose::Certificate,
            Tamper::AssertionAccount => assertion.account.0[0] ^= 1,
            Tamper::AssertionReference => assertion.reference[0] ^= 1,
            _ => {}
        }
        sign(&FACE, &assertion).into()
    }

    fn share(&self, signed: Signed, device_key: [u8; 33]) -> SignedBody {
        let request: StageShareRequest = signed.open(&device_key).unwrap();
        let context = ShareContext {
            account: request.account,
            device: request.device,
            kind: ShareKind::Face {
                epoch: request.epoch,
            },
        };
        let share = open_share(&context, &FACE_DELIVERY, &request.share).unwrap();
        let mut inner = self.inner();
        inner.s_f = Some(*share);
        let mut ticket = StagingTicket {
            suite: Suite::P256,
            request: signed.hash(),
            account: request.account,
            device: request.device,
            epoch: request.epoch,
            stage: request.stage,
            time: self.now,
        };
        match inner.tamper {
            Tamper::TicketRequest => ticket.request[0] ^= 1,
            Tamper::TicketAccount => ticket.account.0[0] ^= 1,
            Tamper::TicketStage => ticket.stage[0] ^= 1,
            _ => {}
        }
        sign(&FACE, &ticket).into()
    }
}

fn refuse(code: ErrorCode) -> Reply {
    Reply::Json(
        code.status(),
        serde_json::to_value(ApiError::new(code)).unwrap(),
    )
}

/// The phone's hardware key, as the access token names it.
pub fn device_key(dir: &Path) -> [u8; 33] {
    let ports = software::open(&dir.join("ports")).unwrap();
    ports.hardware.public_key().unwrap()
}

/// A server on which all three roles answer.
pub async fn serve(dir: &Path, trust: &Arc<Trust>) -> Fake {
    let (trust, key) = (trust.clone(), device_key(dir));
    Fake::start(move |asked, _| trust.reply(asked, key)).await
}

/// A person who has just logged in by face.
pub async fn person(dir: &Path, url: &str) -> App {
    let app = agreed(dir, url).await;
    let session = Session::new(tokens(1), account(), Some(HANDOFF));
    app.core.open_session(session, |_| Ok(())).await.unwrap();
    app
}
