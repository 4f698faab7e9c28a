use super::*;
use crate::qr::{QrPayload, VERSION};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

/// One whole session; every field is hex. Written for the browser's implementation as well.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Vector {
    comment: String,
    qr_payload: String,
    qr_text: String,
    pc_static_scalar: String,
    phone_ephemeral_scalar: String,
    pc_ephemeral_scalar: String,
    claim_info: String,
    m1: String,
    hello: String,
    /// Handshake hash after m1: what a remembered PC signs.
    claim_hash: String,
    m2: String,
    h: String,
    sas: String,
    cb: String,
    frames_up: Vec<FrameVector>,
    frames_down: Vec<FrameVector>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct FrameVector {
    seq: u64,
    message: String,
    bytes: String,
}

const PC_STATIC: [u8; 32] = [0x21; 32];
const PHONE: [u8; 32] = [0x43; 32];
const PC: [u8; 32] = [0x65; 32];

fn payload() -> QrPayload {
    QrPayload {
        version: VERSION,
        relay: 0,
        sid: std::array::from_fn(|i| i as u8),
        pc_key: crate::point::public_of(&PC_STATIC).unwrap(),
        secret: std::array::from_fn(|i| 0xf0 + i as u8),
        frame: 17,
        mac: [0xaa; 8],
    }
}

fn pair(qr: &QrPayload) -> (Channel, Channel) {
    let (phone, m1) = Initiator::start(qr, &PHONE, b"claim").unwrap();
    let (pc, claim) = Responder::accept(qr, &PC_STATIC, &m1).unwrap();
    assert_eq!(*claim, b"claim");
    let (pc, m2) = pc.reply(&PC, b"hello").unwrap();
    let (phone, hello) = phone.finish(&m2).unwrap();
    assert_eq!(*hello, b"hello");
    (phone, pc)
}

fn frames(channel: &mut Channel, messages: &[&[u8]]) -> Vec<FrameVector> {
    let seal = |message: &&[u8]| {
        let frame = channel.writer.seal(message).unwrap();
        FrameVector {
            seq: frame.seq,
            message: hex::encode(message),
            bytes: hex::encode(frame.bytes),
        }
    };
    messages.iter().map(seal).collect()
}

fn vector() -> Vector {
    let qr = payload();
    let (claim_info, hello) = (
        b"\xa1\x61\x61\x01".as_slice(),
        b"\xa1\x61\x62\x02".as_slice(),
    );
    let (phone, m1) = Initiator::start(&qr, &PHONE, claim_info).unwrap();
    let pc = Responder::accept(&qr, &PC_STATIC, &m1).unwrap().0;
    let claim_hash = pc.claim_hash();
    assert_eq!(phone.claim_hash(), claim_hash);
    let (mut pc, m2) = pc.reply(&PC, hello).unwrap();
    let (mut phone, _) = phone.finish(&m2).unwrap();
    Vector {
        comment: "Noise_NKpsk0_P256_AESGCM_SHA256; see protocol/src/channel/mod.rs. All values hex but sas and qr_text.".into(),
        qr_payload: hex::encode(*qr.to_bytes()),
        qr_text: qr.to_text("sign.kapok.cn").to_string(),
        pc_static_scalar: hex::encode(PC_STATIC),
        phone_ephemeral_scalar: hex::encode(PHONE),
        pc_ephemeral_scalar: hex::encode(PC),
        claim_info: hex::encode(claim_info),
        m1: hex::encode(m1),
        hello: hex::encode(hello),
        claim_hash: hex::encode(claim_hash),
        m2: hex::encode(m2),
        h: hex::encode(phone.hash),
        sas: format!("{:04}", phone.sas()),
        cb: hex::encode(phone.cb()),
        frames_up: frames(&mut phone, &[b"", b"one", &[0x5a; 252], &[0x5a; 253]]),
        frames_down: frames(&mut pc, &[b"down"]),
    }
}

/// After a deliberate change of the wire, run with `KAPOK_WRITE_VECTORS=1` and review the difference.
#[test]
fn the_committed_vector_holds() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/channel.json");
    if std::env::var_os("KAPOK_WRITE_VECTORS").is_some() {
        std::fs::write(
            path,
            serde_json::to_string_pretty(&vector()).unwrap() + "\n",
        )
        .unwrap();
    }
    let committed: Vector = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(vector(), committed);
}

#[test]
fn yqq_019_both_sides_share_keys_sas_and_binding() {
    let (mut phone, mut pc) = pair(&payload());
    assert_eq!(
        (phone.hash, phone.sas(), phone.cb()),
        (pc.hash, pc.sas(), pc.cb())
    );
    assert!(phone.sas() < 10_000);
    for message in [&b"up"[..], &[], &[7; 300], &[7; MAX_MESSAGE]] {
        let frame = phone.writer.seal(message).unwrap();
        assert_eq!(
            **pc.reader.open(frame.seq, &frame.bytes).unwrap().unwrap(),
            *message
        );
    }
    let frame = pc.writer.seal(b"down").unwrap();
    assert_eq!(
        **phone.reader.open(frame.seq, &frame.bytes).unwrap().unwrap(),
        *b"down"
    );
    assert_eq!(
        phone.writer.seal(&[0; MAX_MESSAGE + 1]),
        Err(ChannelError::TooLarge)
    );
}

#[test]
fn pin_16_t3_a_gap_or_a_changed_frame_closes_the_channel() {
    let (mut phone, mut pc) = pair(&payload());
    let (first, second) = (
        phone.writer.seal(b"1").unwrap(),
        phone.writer.seal(b"2").unwrap(),
    );
    assert_eq!(
        pc.reader.open(second.seq, &second.bytes),
        Err(ChannelError::Sequence)
    );
    assert_eq!(
        pc.reader.open(first.seq, &first.bytes),
        Err(ChannelError::Sequence)
    );

    let (mut phone, mut pc) = pair(&payload());
    let mut frame = phone.writer.seal(b"1").unwrap();
    frame.bytes[3] ^= 1;
    assert_eq!(pc.reader.open(0, &frame.bytes), Err(ChannelError::Sequence));
    frame.bytes[3] ^= 1;
    assert_eq!(pc.reader.open(0, &frame.bytes), Err(ChannelError::Sequence));
}

#[test]
fn pin_29_t7_a_repeat_is_dropped_unopened() {
    let (mut phone, mut pc) = pair(&payload());
    let frame = phone.writer.seal(b"1").unwrap();
    assert!(pc.reader.open(0, &frame.bytes).unwrap().is_some());
    assert_eq!(pc.reader.open(0, &frame.bytes), Ok(None));
    assert_eq!(pc.reader.open(0, b"not even a frame"), Ok(None));
    assert_eq!(pc.reader.next_seq(), 1);
}

#[test]
fn pin_16_t3_a_frame_sent_back_does_not_open() {
    let (mut phone, _) = pair(&payload());
    let frame = phone.writer.seal(b"1").unwrap();
    assert_eq!(
        phone.reader.open(0, &frame.bytes),
        Err(ChannelError::Sequence)
    );
}

#[test]
fn pin_29_t4_another_code_does_not_open_the_handshake() {
    let qr = payload();
    let (_, m1) = Initiator::start(&qr, &PHONE, b"claim").unwrap();
    let changed: [fn(&mut QrPayload); 3] =
        [|q| q.secret[0] ^= 1, |q| q.sid[0] ^= 1, |q| q.relay ^= 1];
    for change in changed {
        let mut other = qr.clone();
        change(&mut other);
        assert_eq!(
            Responder::accept(&other, &PC_STATIC, &m1).err(),
            Some(ChannelError::Handshake)
        );
    }
    assert_eq!(
        Responder::accept(&qr, &PC, &m1).err(),
        Some(ChannelError::Handshake)
    );
}

#[test]
fn bad_points_and_scalars_are_refused() {
    let mut qr = payload();
    assert_eq!(
        Initiator::start(&qr, &[0; 32], b"").err(),
        Some(ChannelError::Scalar)
    );
    assert_eq!(
        Initiator::start(&qr, &[0xff; 32], b"").err(),
        Some(ChannelError::Scalar)
    );
    let (_, mut m1) = Initiator::start(&qr, &PHONE, b"").unwrap();
    m1[64] ^= 1;
    assert_eq!(
        Responder::accept(&qr, &PC_STATIC, &m1).err(),
        Some(ChannelError::Handshake)
    );
    m1[..65].fill(0);
    assert_eq!(
        Responder::accept(&qr, &PC_STATIC, &m1).err(),
        Some(ChannelError::Handshake)
    );
    assert_eq!(
        Responder::accept(&qr, &PC_STATIC, &m1[..64]).err(),
        Some(ChannelError::Handshake)
    );
    qr.pc_key = [0; 33];
    assert_eq!(
        Initiator::start(&qr, &PHONE, b"").err(),
        Some(ChannelError::Handshake)
    );
}

#[test]
fn padding_hides_lengths_and_must_be_zero() {
    let sizes = [
        (0, 256),
        (252, 256),
        (253, 1024),
        (1020, 1024),
        (5000, 16384),
        (MAX_MESSAGE, 63488),
    ];
    for (length, size) in sizes {
        assert_eq!(pad(&vec![1; length]).unwrap().len(), size);
    }
    let mut padded = pad(b"x").unwrap();
    padded[200] = 1;
    assert_eq!(unpad(&padded), Err(ChannelError::Padding));
    assert_eq!(unpad(&[0; 255]), Err(ChannelError::Padding));
    assert_eq!(unpad(&[0xff; 256]), Err(ChannelError::Padding));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn pin_16_t3_any_flipped_bit_of_a_handshake_is_refused(at in 0usize..(65 + 256 + 16), bit in 0u8..8) {
        let qr = payload();
        let (phone, m1) = Initiator::start(&qr, &PHONE, b"claim").unwrap();
        let mut bad = m1.clone();
        bad[at] ^= 1 << bit;
        prop_assert!(Responder::accept(&qr, &PC_STATIC, &bad).is_err());
        let (pc, _) = Responder::accept(&qr, &PC_STATIC, &m1).unwrap();
        let (_, mut m2) = pc.reply(&PC, b"hello").unwrap();
        m2[at] ^= 1 << bit;
        prop_assert!(phone.finish(&m2).is_err());
    }

    #[test]
    fn pin_03_any_bytes_are_a_message_or_an_error(bytes: Vec<u8>) {
        prop_assert!(Responder::accept(&payload(), &PC_STATIC, &bytes).is_err());
        let _ = unpad(&bytes);
    }
}
