//! Guard, face service and CA for tests: the protocol's own functions behind the scripted server, as little policy as the phone's side needs.

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

    pub fn roll_log_back(&self) {
        self.inner().log_n = 0;
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
        match ask.purpose {
            AssertionPurpose::FirstSet => sign(
                &FACE,
                &FirstSetTicket {
                    suite: Suite::P256,
                    subject: [9; 32],
                    account,
                    device_key,
                    time,
                },
            ),
            purpose => sign(
                &FACE,
                &FaceAssertion {
                    suite: Suite::P256,
                    purpose,
                    audience: "ca".into(),
                    subject: [9; 32],
                    account,
                    device: DeviceId::of_key(&device_key),
                    reference: ask.reference.array().unwrap(),
                    liveness: 99,
                    time,
                },
            ),
        }
        .into()
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
        self.inner().s_f = Some(*share);
        let ticket = StagingTicket {
            suite: Suite::P256,
            request: signed.hash(),
            account: request.account,
            device: request.device,
            epoch: request.epoch,
            stage: request.stage,
            time: self.now,
        };
        sign(&FACE, &ticket).into()
    }

    fn guard(&self, name: &str, body: &serde_json::Value) -> Reply {
        let body: SignedBody = serde_json::from_value(body.clone()).unwrap();
        let signed = Signed::try_from(body).unwrap();
        let hash = signed.hash();
        let mut inner = self.inner();
        if let Some(kept) = inner.answers.get(&hash) {
            return json(&SignedBody::from(kept.clone()));
        }
        inner.log_n += 1;
        let key = inner.device_key.unwrap();
        let answered = match name {
            "state" => self.state(&mut inner, signed.open(&key).unwrap(), hash),
            "nonce" => nonce(&mut inner, signed.open(&key).unwrap(), hash, self.now),
            "eval" => eval(&mut inner, signed.open(&key).unwrap(), hash, &signed.body),
            "confirm" => self.confirm(&mut inner, signed.open(&key).unwrap(), hash),
            "stage" => self.stage(&mut inner, signed.open(&key).unwrap(), hash),
            "eval_staged" => eval_staged(&mut inner, signed.open(&key).unwrap(), hash),
            "commit" => self.commit(&mut inner, signed.open(&key).unwrap(), hash),
            "pick" => pick(&mut inner, signed.open(&key).unwrap(), hash),
            "receipt" => self.receipt(&mut inner, signed.open(&key).unwrap(), hash),
            _ => Err(ErrorCode::NotFound),
        };
        let answer = answered.unwrap_or_else(|code| {
            sign(
                &GUARD,
                &Refusal {
                    suite: Suite::P256,
                    request: hash,
                    code,
                    tries_left: None,
                    wait_seconds: (code == ErrorCode::PinWait).then_some(60),
                    time: self.now,
                },
            )
        });
        inner.answers.insert(hash, answer.clone());
        json(&SignedBody::from(answer))
    }

    fn state(&self, inner: &mut Inner, request: StateRequest, hash: [u8; 32]) -> Answered {
        assert_eq!(request.account, account().account_id);
        Ok(sign(
            &GUARD,
            &StateAnswer {
                suite: Suite::P256,
                request: hash,
                epoch: inner.epoch,
                slot_hash: inner.slot_hash,
                state: GuardState::Ok,
                tries_left: 10 - inner.fails,
                wait_seconds: 0,
                log_n: inner.log_n,
                log_head: [0; 32],
                time: self.now,
            },
        ))
    }

    fn stage(&self, inner: &mut Inner, request: StageRequest, hash: [u8; 32]) -> Answered {
        let Authority::FirstSet(ticket) = &request.authority else {
            return Err(ErrorCode::GuardRefused);
        };
        let ticket: FirstSetTicket = ticket.open(&public(&FACE)).unwrap();
        assert_eq!(DeviceId::of_key(&ticket.device_key), request.device);
        if inner.epoch != 0 {
            return Err(ErrorCode::PinAlreadySet);
        }
        let (stage, salt) = (inner.id(), inner.fresh());
        inner.stage = Some((stage, salt));
        let key = guard_oprf_key(&MASTER, &salt, request.account, request.epoch).unwrap();
        Ok(sign(
            &GUARD,
            &StageAnswer {
                suite: Suite::P256,
                request: hash,
                stage,
                epoch: request.epoch,
                oprf_pk: key.public_key(),
                ends: self.now + 600,
            },
        ))
    }

    fn commit(&self, inner: &mut Inner, request: CommitRequest, hash: [u8; 32]) -> Answered {
        let (stage, salt) = inner.stage.ok_or(ErrorCode::GuardStale)?;
        request.verify_possession().unwrap();
        let ticket: StagingTicket = request.face_ticket.open(&public(&FACE)).unwrap();
        if stage != request.stage || ticket.stage != stage {
            return Err(ErrorCode::GuardStale);
        }
        let context = ShareContext {
            account: request.account,
            device: request.device,
            kind: ShareKind::Guard { epoch: 1 },
        };
        let share = open_share(&context, &GUARD_DELIVERY, &request.share).unwrap();
        inner.s_g = Some(*share);
        inner.epoch = 1;
        inner.row_salt = salt;
        inner.stage = None;
        inner.pk_auth = Some(request.pk_auth);
        inner.slot_hash = Some(request.slot_hash);
        Ok(sign(
            &GUARD,
            &CommitAnswer {
                suite: Suite::P256,
                request: hash,
                account: request.account,
                device: request.device,
                epoch: 1,
                slot_hash: request.slot_hash,
                log_n: inner.log_n,
                log_head: [0; 32],
                time: self.now,
            },
        ))
    }

    fn confirm(&self, inner: &mut Inner, request: ConfirmRequest, hash: [u8; 32]) -> Answered {
        let (attempt, transcript, meant) = inner.eval.ok_or(ErrorCode::GuardRefused)?;
        assert_eq!(attempt, request.attempt);
        let statement = PinConfirm {
            suite: Suite::P256,
            account: request.account,
            device: request.device,
            epoch: inner.epoch,
            attempt,
            transcript,
            intent: meant,
        };
        let pk_auth = inner.pk_auth.unwrap();
        statement.verify(&pk_auth, &request.pin_signature).unwrap();
        assert_eq!(
            intent(request.kind, request.count, &request.h).unwrap(),
            meant
        );
        assert!(request.kind.allows(request.count));
        inner.fails = 0;
        for added in &request.added {
            let context = ShareContext {
                account: request.account,
                device: request.device,
                kind: ShareKind::Cert {
                    cert_id: added.cert_id,
                },
            };
            let share = open_share(&context, &GUARD_DELIVERY, &added.share).unwrap();
            inner
                .certs
                .insert(added.cert_id, (added.public_key, *share));
        }
        let lease = request.lease_key.map(|key| Lease {
            id: LeaseId(inner.id()),
            key,
            count: request.count,
            n: 0,
            picked: None,
        });
        inner.lease = lease.clone();
        let proof_id = inner.id();
        let pin_proof = sign(
            &GUARD,
            &PinProof {
                suite: Suite::P256,
                account: request.account,
                device: request.device,
                kind: request.kind,
                intent: meant,
                proof_id,
                time: self.now,
            },
        );
        Ok(sign(
            &GUARD,
            &ConfirmAnswer {
                suite: Suite::P256,
                request: hash,
                shares: vec![],
                withheld: vec![],
                lease: lease.map(|lease| LeaseGrant {
                    lease: lease.id,
                    count: lease.count,
                    ends: self.now + LEASE_SECONDS,
                }),
                pin_proof,
                time: self.now,
            },
        ))
    }

    fn receipt(&self, inner: &mut Inner, request: ReceiptRequest, hash: [u8; 32]) -> Answered {
        let lease = inner.lease.clone().ok_or(ErrorCode::LeaseOver)?;
        let item = &request.items[0];
        if item.n != lease.n + 1 || item.n > lease.count || lease.picked != Some(item.cert_id) {
            return Err(ErrorCode::LeaseOver);
        }
        inner.lease.as_mut().unwrap().n = item.n;
        let receipt = Receipt {
            suite: Suite::P256,
            lease: lease.id,
            n: item.n,
            cert_id: item.cert_id,
            digest: item.digest,
            signature_hash: Receipt::hash_signature(&item.signature),
            time: self.now,
            reset_at: None,
        };
        let receipts = vec![sign(&GUARD, &receipt)];
        Ok(sign(
            &GUARD,
            &ReceiptAnswer {
                suite: Suite::P256,
                request: hash,
                receipts,
            },
        ))
    }

    fn views(&self) -> Vec<CertificateView> {
        let inner = self.inner();
        let issued = inner.issued.values().next();
        vec![CertificateView {
            enterprise_id: ENTERPRISE,
            enterprise: "广东木棉科技有限公司".into(),
            kind: CertificateKind::Employee,
            state: match issued {
                Some(_) => CertificateState::Active,
                None => CertificateState::Installable,
            },
            serial: issued.map(|issued| issued.serial.clone()),
            not_after: issued.map(|_| self.now + YEAR),
            admin: false,
        }]
    }

    /// Issues when the evidence is what the phone should send.
    fn order(&self, order: OrderCertificate) -> Reply {
        let proof = Signed::try_from(order.pin_proof.clone()).unwrap();
        let proof: PinProof = proof.open(&public(&GUARD)).unwrap();
        let object: [u8; 32] = Sha256::digest(&*order.csr).into();
        let h = intent_object(&order.intent_salt.array().unwrap(), &object, None, None).unwrap();
        assert_eq!(proof.intent, intent(PinKind::Install, 0, &h).unwrap());
        let statement = IssueStatement {
            suite: Suite::P256,
            order: order.order_id,
            csr_hash: object,
        };
        let key = order.device_key.array().unwrap();
        let signature = order.device_signature.array().unwrap();
        statement.verify(&key, &signature).unwrap();
        let face = Signed::try_from(order.face.clone()).unwrap();
        let face: FaceAssertion = face.open(&public(&FACE)).unwrap();
        assert_eq!(face.reference, order.order_id.0);
        let csr = Csr::parse(&order.csr).unwrap();
        let serial: [u8; 8] = *self.inner().fresh().first_chunk().unwrap();
        let serial = serial.map(|byte| byte & 0x7f | 0x40);
        let tbs = x509::tbs(&IssueRequest {
            profile: x509::Profile::Employee,
            serial: &serial,
            issuer: Some(&self.root),
            subject: Subject {
                common_name: "张伟".into(),
                organization: Some("广东木棉科技有限公司".into()),
                ..Subject::default()
            },
            subject_spki_der: csr.spki_der(),
            not_before: self.now - 60,
            not_after: self.now + YEAR,
            crl_url: Some("http://localhost/crl/ca.crl"),
            ca_issuers_url: Some("http://localhost/ca/root.cer"),
        });
        let der = x509::certificate(&tbs.unwrap(), &P256Key::from_scalar(&CA).unwrap()).unwrap();
        let issued = CertificateIssued {
            order_id: order.order_id,
            serial: hex::encode(serial),
            chain: vec![Bytes(der)],
        };
        let mut inner = self.inner();
        inner.issued.insert(hex::encode(object), issued.clone());
        inner.orders.push(order);
        json(&issued)
    }
}

fn nonce(inner: &mut Inner, request: NonceRequest, hash: [u8; 32], now: u64) -> Answered {
    let nonce = Nonce::issue(
        &MASTER,
        request.account,
        request.device,
        &inner.fresh(),
        now,
    );
    let answer = NonceAnswer {
        suite: Suite::P256,
        request: hash,
        nonce,
    };
    Ok(sign(&GUARD, &answer))
}

fn eval(inner: &mut Inner, request: EvalRequest, hash: [u8; 32], body: &[u8]) -> Answered {
    if request.epoch != inner.epoch {
        return Err(ErrorCode::GuardStale);
    }
    if inner.fails == 9 {
        return Err(ErrorCode::PinBlocked);
    }
    inner.fails += 1;
    let master = if inner.tamper == Tamper::OtherKey {
        [0; 32]
    } else {
        MASTER
    };
    let key = guard_oprf_key(&master, &inner.row_salt, request.account, request.epoch).unwrap();
    let mut evaluation = key.evaluate(&request.blinded, &inner.fresh()).unwrap();
    let mut signer = GUARD;
    let mut named = hash;
    match inner.tamper {
        Tamper::None | Tamper::OtherKey => {}
        Tamper::ProofBit => evaluation.proof[40] ^= 1,
        Tamper::Echo => evaluation.element = request.blinded.array().unwrap(),
        Tamper::OtherSigner => signer = FACE,
        Tamper::OtherRequest => named[0] ^= 1,
    }
    let attempt = inner.id();
    let transcript = eval_transcript(body, &evaluation.element);
    inner.eval = Some((attempt, transcript, request.intent));
    Ok(sign(
        &signer,
        &EvalAnswer {
            suite: Suite::P256,
            request: named,
            attempt,
            evaluated: evaluation.element,
            proof: evaluation.proof,
            tries_left: 10 - inner.fails,
            wait_seconds: if inner.fails > 3 { 60 } else { 0 },
        },
    ))
}

fn eval_staged(inner: &mut Inner, request: EvalStagedRequest, hash: [u8; 32]) -> Answered {
    let (stage, salt) = inner.stage.ok_or(ErrorCode::GuardStale)?;
    if stage != request.stage {
        return Err(ErrorCode::GuardStale);
    }
    let key = guard_oprf_key(&MASTER, &salt, request.account, 1).unwrap();
    let evaluation = key.evaluate(&request.blinded, &inner.fresh()).unwrap();
    Ok(sign(
        &GUARD,
        &EvalStagedAnswer {
            suite: Suite::P256,
            request: hash,
            evaluated: evaluation.element,
            proof: evaluation.proof,
        },
    ))
}

fn pick(inner: &mut Inner, request: PickRequest, hash: [u8; 32]) -> Answered {
    let lease = inner.lease.clone().ok_or(ErrorCode::LeaseOver)?;
    request
        .pick()
        .verify(&lease.key, &request.lease_signature)
        .unwrap();
    if lease.picked.is_some() {
        return Err(ErrorCode::GuardRefused);
    }
    let (_, share) = *inner
        .certs
        .get(&request.cert_id)
        .ok_or(ErrorCode::NotFound)?;
    inner.lease.as_mut().unwrap().picked = Some(request.cert_id);
    let context = ShareContext {
        account: request.account,
        device: request.device,
        kind: ShareKind::Cert {
            cert_id: request.cert_id,
        },
    };
    let share = seal_share(
        &context,
        &request.ephemeral,
        &inner.fresh(),
        &[7; 24],
        &share,
    );
    let answer = PickAnswer {
        suite: Suite::P256,
        request: hash,
        share: share.unwrap(),
    };
    Ok(sign(&GUARD, &answer))
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
