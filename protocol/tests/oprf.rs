//! VOPRF(P-256, SHA-256): the vectors of RFC 9497 appendix A.3.2, and both ways against the `voprf` crate.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail"
)]

use kapok_protocol::oprf::{self, Evaluation, OprfError, ServerKey};
use sha2::{Digest, Sha256};

const BLIND: &str = "3338fa65ec36e0290022b48eb562889d89dbfa691d1cde91517fa222ed7ad364";
const R: &str = "f9db001266677f62c095021db018cd8cbb55941d4073698ce45c405d1348b7b1";
const PUBLIC: &str = "03e17e70604bcabe198882c0a1f27a92441e774224ed9c702e51dd17038b102462";

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

fn key() -> ServerKey {
    ServerKey::derive(&[0xa3; 32], b"test key").unwrap()
}

#[test]
fn pin_01_rfc_9497_a_3_2_key() {
    let scalar = bytes("ca5d94c8807817669a51b196c34c1b7f8442fde4334a7121ae4736364312fca6");
    assert_eq!(hex::encode(key().public_key()), PUBLIC);
    assert_eq!(
        ServerKey::from_scalar(&scalar).unwrap().public_key(),
        key().public_key()
    );
}

#[test]
fn pin_01_rfc_9497_a_3_2_single() {
    let cases = [
        (
            vec![0x00],
            "02dd05901038bb31a6fae01828fd8d0e49e35a486b5c5d4b4994013648c01277da",
            "0209f33cab60cf8fe69239b0afbcfcd261af4c1c5632624f2e9ba29b90ae83e4a2",
            "e7c2b3c5c954c035949f1f74e6bce2ed539a3be267d1481e9ddb178533df4c2664f69d065c604a4fd953e100b856ad83804eb3845189babfa5a702090d6fc5fa",
            "0412e8f78b02c415ab3a288e228978376f99927767ff37c5718d420010a645a1",
        ),
        (
            vec![0x5a; 17],
            "03cd0f033e791c4d79dfa9c6ed750f2ac009ec46cd4195ca6fd3800d1e9b887dbd",
            "030d2985865c693bf7af47ba4d3a3813176576383d19aff003ef7b0784a0d83cf1",
            "2787d729c57e3d9512d3aa9e8708ad226bc48e0f1750b0767aaff73482c44b8d2873d74ec88aebd3504961acea16790a05c542d9fbff4fe269a77510db00abab",
            "771e10dcd6bcd3664e23b8f2a710cfaaa8357747c4a8cbba03133967b5c24f18",
        ),
    ];
    for (input, blinded, evaluated, proof, output) in cases {
        let blind = oprf::blind(&input, &bytes(BLIND)).unwrap();
        assert_eq!(hex::encode(blind.element()), blinded);
        let evaluation = key().evaluate(blind.element(), &bytes(R)).unwrap();
        assert_eq!(hex::encode(evaluation.element), evaluated);
        assert_eq!(hex::encode(evaluation.proof), proof);
        let out = blind
            .finalize(&input, &evaluation, &key().public_key())
            .unwrap();
        assert_eq!(hex::encode(*out), output);
    }
}

#[test]
fn pin_01_rfc_9497_a_3_2_batch() {
    let inputs: [&[u8]; 2] = [&[0], &[0x5a; 17]];
    let blinds = [
        oprf::blind(inputs[0], &bytes(BLIND)).unwrap(),
        oprf::blind(inputs[1], &bytes(R)).unwrap(),
    ];
    let blinded: Vec<&[u8]> = blinds.iter().map(|blind| &blind.element()[..]).collect();
    assert_eq!(
        hex::encode(blinded[1]),
        "03462e9ae64cae5b83ba98a6b360d942266389ac369b923eb3d557213b1922f8ab"
    );
    let r = bytes("350e8040f828bf6ceca27405420cdf3d63cb3aef005f40ba51943c8026877963");
    let (evaluated, proof) = key().evaluate_batch(&blinded, &r).unwrap();
    assert_eq!(
        hex::encode(evaluated[1]),
        "02bb24f4d838414aef052a8f044a6771230ca69c0a5677540fff738dd31bb69771"
    );
    assert_eq!(
        hex::encode(proof),
        "bdcc351707d02a72ce49511c7db990566d29d6153ad6f8982fad2b435d6ce4d60da1e6b3fa740811bde34dd4fe0aa1b5fe6600d0440c9ddee95ea7fad7a60cf2"
    );
    let refs: Vec<&[u8]> = evaluated.iter().map(|element| &element[..]).collect();
    let out = oprf::finalize_batch(&blinds, &inputs, &refs, &proof, &key().public_key()).unwrap();
    assert_eq!(
        hex::encode(*out[1]),
        "771e10dcd6bcd3664e23b8f2a710cfaaa8357747c4a8cbba03133967b5c24f18"
    );
    let swapped = [refs[1], refs[0]];
    let swapped = oprf::finalize_batch(&blinds, &inputs, &swapped, &proof, &key().public_key());
    assert_eq!(swapped.err(), Some(OprfError::Proof));
}

#[test]
fn pin_03_a_batch_is_of_1_to_64_elements_and_its_lists_are_of_one_length() {
    let blind = || oprf::blind(b"in", &bytes(BLIND)).unwrap();
    let element = *blind().element();
    let server = key();
    let batch = |n: usize| server.evaluate_batch(&vec![&element[..]; n], &bytes(R));
    assert_eq!(batch(0).err(), Some(OprfError::Input));
    assert_eq!(batch(65).err(), Some(OprfError::Input));
    let (evaluated, proof) = batch(64).unwrap();
    let finalize = |blinds: usize, inputs: usize, answers: usize| {
        let blinds: Vec<_> = (0..blinds).map(|_| blind()).collect();
        let inputs = vec![&b"in"[..]; inputs];
        let answers = vec![&evaluated[0][..]; answers];
        oprf::finalize_batch(&blinds, &inputs, &answers, &proof, &server.public_key())
            .map(|out| out.len())
    };
    assert_eq!(finalize(64, 64, 64), Ok(64));
    for (blinds, inputs, answers) in [
        (64, 63, 64),
        (64, 64, 63),
        (63, 64, 64),
        (64, 63, 63),
        (0, 0, 0),
        (65, 65, 65),
    ] {
        let refused = finalize(blinds, inputs, answers);
        assert_eq!(
            refused,
            Err(OprfError::Input),
            "{blinds} {inputs} {answers}"
        );
    }
}

#[test]
fn pin_15_a_guard_with_another_key_is_told_from_a_wrong_pin() {
    let blind = oprf::blind(b"in", &bytes(BLIND)).unwrap();
    let good = key().evaluate(blind.element(), &bytes(R)).unwrap();
    let other = ServerKey::derive(&[1; 32], b"test key").unwrap();
    let finalize = |e: &Evaluation| blind.finalize(b"in", e, &key().public_key()).err();
    assert_eq!(finalize(&good), None);
    assert_eq!(
        finalize(&other.evaluate(blind.element(), &bytes(R)).unwrap()),
        Some(OprfError::Proof)
    );
    let echo = Evaluation {
        element: *blind.element(),
        proof: good.proof,
    };
    assert_eq!(finalize(&echo), Some(OprfError::Proof));
    let identity = Evaluation {
        element: [0; 33],
        proof: good.proof,
    };
    assert_eq!(finalize(&identity), Some(OprfError::Point));
    for proof in [[0; 64], [0xff; 64]] {
        assert_eq!(
            finalize(&Evaluation {
                element: good.element,
                proof
            }),
            Some(OprfError::Proof)
        );
    }
    let again = oprf::blind(b"in", &bytes(R)).unwrap();
    assert_eq!(
        again.finalize(b"in", &good, &key().public_key()).err(),
        Some(OprfError::Proof)
    );
}

#[test]
fn pin_03_elements_in_another_encoding_are_refused() {
    let good = *oprf::blind(b"in", &bytes(BLIND)).unwrap().element();
    let mut uncompressed_prefix = good;
    uncompressed_prefix[0] = 4;
    let off_curve = [&[2u8][..], &[0xff; 32]].concat();
    let long = [&good[..], &[0]].concat();
    let bad: [&[u8]; 6] = [
        &[],
        &[0],
        &good[..32],
        &long,
        &uncompressed_prefix,
        &off_curve,
    ];
    for element in bad {
        assert_eq!(key().evaluate(element, &bytes(R)), Err(OprfError::Point));
    }
    assert_eq!(key().evaluate(&good, &[0; 32]), Err(OprfError::Scalar));
    assert_eq!(
        oprf::blind(b"in", &[0xff; 32]).err(),
        Some(OprfError::Scalar)
    );
    assert_eq!(
        oprf::blind(&[0; 65_536], &bytes(R)).err(),
        Some(OprfError::Input)
    );
    assert!(key().evaluate_batch(&[], &bytes(R)).is_err());
}

/// SHA-256 in counter mode, for a crate of the older random-number traits.
struct Rng(u64);

impl Rng {
    fn draw(&mut self) -> [u8; 32] {
        self.0 += 1;
        Sha256::digest(self.0.to_be_bytes()).into()
    }
}

impl voprf_p256::elliptic_curve::rand_core::RngCore for Rng {
    fn next_u32(&mut self) -> u32 {
        self.next_u64() as u32
    }
    fn next_u64(&mut self) -> u64 {
        u64::from_be_bytes(self.draw()[..8].try_into().unwrap())
    }
    fn fill_bytes(&mut self, dest: &mut [u8]) {
        for chunk in dest.chunks_mut(32) {
            chunk.copy_from_slice(&self.draw()[..chunk.len()]);
        }
    }
    fn try_fill_bytes(
        &mut self,
        dest: &mut [u8],
    ) -> Result<(), voprf_p256::elliptic_curve::rand_core::Error> {
        self.fill_bytes(dest);
        Ok(())
    }
}

impl voprf_p256::elliptic_curve::rand_core::CryptoRng for Rng {}

/// Each run: our client with their server, and their client with our server; 1,000 in all.
#[test]
fn pin_02_agrees_with_the_voprf_crate_both_ways() {
    type Suite = voprf_p256::NistP256;
    let mut rng = Rng(0);
    for run in 0u32..500 {
        let (seed, input) = (rng.draw(), run.to_be_bytes());
        let ours = ServerKey::derive(&seed, b"pinv1").unwrap();
        let theirs = voprf::VoprfServer::<Suite>::new_from_seed(&seed, b"pinv1").unwrap();

        let blind = oprf::blind(&input, &rng.draw()).unwrap();
        let element = voprf::BlindedElement::<Suite>::deserialize(blind.element()).unwrap();
        let answer = theirs.blind_evaluate(&mut rng, &element);
        let evaluation = Evaluation {
            element: answer.message.serialize()[..].try_into().unwrap(),
            proof: answer.proof.serialize()[..].try_into().unwrap(),
        };
        let first = blind
            .finalize(&input, &evaluation, &ours.public_key())
            .unwrap();

        let client = voprf::VoprfClient::<Suite>::blind(&input, &mut rng).unwrap();
        let answer = ours
            .evaluate(&client.message.serialize(), &rng.draw())
            .unwrap();
        let element = voprf::EvaluationElement::<Suite>::deserialize(&answer.element).unwrap();
        let proof = voprf::Proof::<Suite>::deserialize(&answer.proof).unwrap();
        let second = client
            .state
            .finalize(&input, &element, &proof, theirs.get_public_key())
            .unwrap();
        assert_eq!(first[..], second[..]);
    }
}
