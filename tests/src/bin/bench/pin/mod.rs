//! The phone's CPU time from the typed PIN to the finished CMS, by stage, with the protocol's own functions against a real guard.
//!
//! Network, TLS and disk are not in it (`session` has them), nor is what the guard computes; Argon2id stands in a line of its own and
//! outside the sum. On a phone the chip makes the device key's signatures; what they take here, in software, is measured and taken off.

mod chip;
mod sign;
mod unlock;

use super::figure::{Figure, Must};
use super::phone::{Phone, Stand, opened, scalar, send};
use super::say;
use super::stages::Stages;
use anyhow::{Context as _, Result, anyhow};
use chip::Measured;
use indicatif::ProgressBar;
use kapok_core::Pin;
use kapok_core::ports::HardwareKey;
use kapok_core::vault::keys::{self, Secret};
use kapok_formats::{pdf, sample};
use kapok_platform::clock::SystemClock;
use kapok_protocol::channel::{Channel, Initiator, Responder};
use kapok_protocol::delivery::ShareKind;
use kapok_protocol::dpop;
use kapok_protocol::guard::wrap::{KeyAlgorithm, cert_aad, seal};
use kapok_protocol::guard::{AddedCert, Argon2Params, AuthKey, HalfKey, PinKind, Request};
use kapok_protocol::ids::{AccountId, Bytes, CertId};
use kapok_protocol::message::DOC_PART_MAX;
use kapok_protocol::point;
use kapok_protocol::qr::QrPayload;
use sha2::{Digest, Sha256};
use std::sync::Arc;

const ARGON2: &str = "Argon2id, 19 MiB, 2 passes (not in the sum)";
const CHIP: &str = "chip's PRF over the stretched PIN";
const BLIND: &str = "OPRF: blind";
const FINALISE: &str = "OPRF: finalise, with the guard's proof";
const VAULT: &str = "vault opened: commitment and unwrap";
const PROOF: &str = "PIN proof and lease key";
const DEVICE: &str = "5 messages signed by the device key";
const ANSWERS: &str = "5 answers of the guard verified";
const DPOP: &str = "9 calls proved (DPoP)";
const CERTIFICATE: &str = "certificate key: share opened, unwrapped";
const CHANNEL: &str = "secure channel: document in, result out";
const DOCUMENT: &str = "document: digest, review";
const SIGN: &str = "signed attributes and signature";
const CMS: &str = "receipt verified, CMS built";

const IN_CHIP: &str = "of these: PRF and 14 signatures, a chip's work";

const WARM: usize = 5;
const ROUNDS: usize = 100;
/// Calls of the platform from the PIN to the result: 5 of the guard, 3 times the certificate's status, once the seal's.
const CALLS: usize = 9;
const DIGITS: [u8; 6] = [8, 3, 9, 0, 6, 1];
const SALT: [u8; 32] = [0x17; 32];
const CERT: CertId = CertId([0x31; 16]);
const SEAL: &[u8] = include_bytes!("../../../../../formats/tests/pdf/seal.png");
const LEAF: &[u8] = include_bytes!("../../../../../formats/tests/cms/signer.der");
const ISSUER: &[u8] = include_bytes!("../../../../../formats/tests/cms/root.der");

/// What stays the same over all rounds.
struct Setting {
    stand: Stand,
    chip: Arc<Measured>,
    phone: Phone,
    /// The wrapped certificate key.
    wrapped: Vec<u8>,
    /// The prepared document as the PC sends it.
    parts: Vec<Vec<u8>>,
    document_digest: [u8; 32],
    chain: Vec<Vec<u8>>,
    pc: Channel,
    app: Channel,
}

/// What an unlocked vault gives.
struct Unlocked {
    vmk: Secret,
    auth: AuthKey,
    attempt: [u8; 16],
    transcript: [u8; 32],
    intent: [u8; 32],
    h: [u8; 32],
}

/// One figure a stage, Argon2id, and the sum.
pub fn measure(progress: &ProgressBar) -> Result<Vec<Figure>> {
    // One thread: the thread's clock must see all that the phone does.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut setting = Setting::new().await?;
        let mut stages = Stages::default();
        say(progress, "signatures", ROUNDS);
        for round in 0..WARM + ROUNDS {
            if round == WARM {
                stages.warm();
            }
            stages.round();
            setting.round(&mut stages).await?;
            stages.add(IN_CHIP, setting.chip.taken());
            progress.inc(u64::from(round >= WARM));
        }
        setting.stand.guard.close().await;
        let mut figures = stages.figures();
        let sum = Figure::new(
            "PIN to signature, without Argon2id and chip",
            "ms",
            stages.total(&[ARGON2], &[IN_CHIP]),
        );
        figures.push(sum.must(Must::AtMost(5.0)));
        Ok(figures)
    })
}

impl Setting {
    async fn new() -> Result<Self> {
        let stand = Stand::start_at(Arc::new(SystemClock)).await?;
        let measured = Arc::new(Measured::new(stand.chip("phone")?));
        let chip: Arc<dyn HardwareKey> = Arc::<Measured>::clone(&measured);
        let x0 = keys::stretch(&typed()?, &SALT, Argon2Params::V1)?;
        let x1 = chip.prf(keys::HW_PIN, &x0)?;
        let phone = Phone::enrol(&stand, AccountId([0x41; 16]), chip, (x1, SALT)).await?;
        let document = prepared()?;
        let (app, pc) = channels()?;
        let parts = document.chunks(DOC_PART_MAX).map(<[u8]>::to_vec).collect();
        let mut setting = Self {
            chip: measured,
            stand,
            phone,
            wrapped: Vec::new(),
            parts,
            document_digest: Sha256::digest(&document).into(),
            chain: vec![LEAF.to_vec(), ISSUER.to_vec()],
            pc,
            app,
        };
        setting.install().await?;
        Ok(setting)
    }

    /// Makes the certificate key, wraps it, gives the guard its share.
    async fn install(&mut self) -> Result<()> {
        let mut unmeasured = Stages::default();
        unmeasured.round();
        let unlocked = self.unlock(&mut unmeasured, PinKind::Install).await?;
        let (key, s_cert) = (scalar(), scalar());
        let half = HalfKey::new(&unlocked.vmk, CERT).cert_key(CERT, &s_cert);
        let aad = cert_aad(CERT, KeyAlgorithm::P256);
        self.wrapped = seal(&half, &rand::random(), &aad, &*key)?;
        let kind = ShareKind::Cert { cert_id: CERT };
        let added = AddedCert {
            cert_id: CERT,
            algorithm: KeyAlgorithm::P256,
            public_key: point::public_of(&key)?,
            share: self.phone.seal(&self.stand.guard, kind, &s_cert)?,
        };
        let confirm = self.confirm_request(&unlocked, (PinKind::Install, 0), vec![added], None)?;
        self.phone.ask(&self.stand.guard, &confirm).await.map(drop)
    }

    /// From the typed PIN to the finished CMS on its way to the PC.
    async fn round(&mut self, stages: &mut Stages) -> Result<()> {
        let unlocked = self.unlock(stages, PinKind::Connect).await?;
        let (lease, lease_key) = self.confirm(stages, &unlocked).await?;
        let key = self.pick(stages, &unlocked.vmk, lease, &lease_key).await?;
        let bytes = self.pull(stages)?;
        let signed = self.sign(stages, &bytes, &key, lease).await?;
        self.deliver(stages, signed)?;
        let url = "https://127.0.0.1:8443/v1/guard/receipt";
        let public_key = self.phone.hardware.public_key()?;
        for _ in 0..CALLS {
            let call = dpop::Call {
                method: "POST",
                url,
                now: 1_790_000_000,
                jti: rand::random(),
                access_token: Some(url),
            };
            let prove = || dpop::prove(&call, &public_key, |i| self.phone.hardware.sign(i));
            stages.time(DPOP, prove).map_err(|e| anyhow!("{e:?}"))?;
        }
        Ok(())
    }

    /// Signs, sends, verifies; gives the request's body too.
    async fn ask<R: Request>(
        &self,
        stages: &mut Stages,
        request: &R,
    ) -> Result<(Bytes, R::Answer)> {
        let signed = stages.time(DEVICE, || self.phone.signed(request))?;
        let answer = send::<R>(&self.stand.guard, signed.clone()).await?;
        let open = || opened::<R>(&self.stand.guard, &signed, &answer);
        let answer = stages.time(ANSWERS, open)?;
        Ok((signed.body, answer))
    }
}

fn typed() -> Result<Pin> {
    Pin::from_digits(&DIGITS).context("six digits")
}

/// The bundled contract with its field and seal, as the portal prepares it.
fn prepared() -> Result<Vec<u8>> {
    let plan = pdf::FieldPlan {
        page: 1,
        picture_png: SEAL,
        width_mm: 40.0,
        height_mm: 40.0,
        position: pdf::Position::BottomRight,
        signer_name: "Kapok test signer",
        reason: "benchmark",
        time_unix: 1_790_000_000,
        options: Default::default(),
    };
    Ok(pdf::prepare(&sample::contract()?, &plan)?.bytes)
}

/// Phone's and PC's ends of an open channel.
fn channels() -> Result<(Channel, Channel)> {
    let secret = scalar();
    let qr = QrPayload {
        version: kapok_protocol::qr::VERSION,
        relay: 0,
        sid: [1; 16],
        pc_key: point::public_of(&secret)?,
        secret: [2; 16],
        frame: 0,
        mac: [0; 8],
    };
    let (initiator, m1) = Initiator::start(&qr, &scalar(), b"claim")?;
    let (responder, _) = Responder::accept(&qr, &secret, &m1)?;
    let (pc, m2) = responder.reply(&scalar(), b"hello")?;
    let (app, _) = initiator.finish(&m2)?;
    Ok((app, pc))
}
