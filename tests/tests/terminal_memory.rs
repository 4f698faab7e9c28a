//! What the terminal phone's process holds once it has signed: neither the PIN nor the certificate's key.

use kapok_formats::x509::Certificate;
use kapok_formats::{pdf, sample};
use kapok_tests::memory::search;
use kapok_tests::terminal::kapok;
use kapok_tests::world::{World, first};
use p256::elliptic_curve::Generate;
use p256::pkcs8::DecodePublicKey;
use p256::{PublicKey, SecretKey};
use std::fs::File;
use std::hint::black_box;
use std::io::{BufRead, BufReader, BufWriter, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

const DIGITS: [u8; 6] = [8, 3, 9, 0, 6, 1];
/// Pixels of one module of the code, and modules of its quiet zone.
const SCALE: usize = 6;
const QUIET: usize = 4;

/// A started `kapok phone --auto`; ended with this value.
struct Phone {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Phone {
    fn start(world: &World, more: &[&Path]) -> Self {
        let root = world.dir.path().join("root.pem");
        std::fs::write(&root, &world.running.tls_root_pem).unwrap();
        let mut child = Command::new(kapok())
            .args(["phone", "--auto", "--pin-stdin", "--hold", "--dir"])
            .arg(world.dir.path().join("phone"))
            .args(["--platform", &world.running.https_url, "--root"])
            .arg(root)
            .args(["--simulators", &world.running.http_url])
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // The pipe stays open: the phone holds until it ends.
        let digits = DIGITS.map(|digit| digit + b'0');
        child.stdin.as_mut().unwrap().write_all(&digits).unwrap();
        child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Reads events until the phone holds.
    fn hold(&mut self) {
        for line in &mut self.lines {
            if line.unwrap() == "holding" {
                return;
            }
        }
        panic!("the phone ended: {:?}", self.child.wait());
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn draw(text: &str, path: &Path) {
    let code = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::M).unwrap();
    let (modules, colors) = (code.width(), code.to_colors());
    let side = (modules + 2 * QUIET) * SCALE;
    let light = |place: usize| {
        let x = (place % side / SCALE).wrapping_sub(QUIET);
        let y = (place / side / SCALE).wrapping_sub(QUIET);
        x >= modules || y >= modules || colors[y * modules + x] == qrcode::Color::Light
    };
    let gray: Vec<u8> = (0..side * side)
        .map(|at| u8::from(light(at)) * 255)
        .collect();
    let side = u32::try_from(side).unwrap();
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path).unwrap()), side, side);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&gray).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pin_20_after_signing_the_terminal_holds_neither_the_pin_nor_the_key() {
    let world = World::start().await;
    Phone::start(&world, &[]).hold();
    let (pc, text) = world.pc("合同.pdf", &sample::contract().unwrap()).await;
    let code = world.dir.path().join("code.png");
    draw(&text, &code);
    let serving = tokio::spawn(pc.serve(first));
    let mut phone = Phone::start(&world, &["--scan".as_ref(), &code]);
    let phone = tokio::task::spawn_blocking(move || {
        phone.hold();
        phone
    });
    let phone = phone.await.unwrap();
    let signed = serving.await.unwrap().unwrap();
    let view = pdf::signatures(&signed[0].pdf).unwrap().remove(0);
    let verified = pdf::verify_signature(&signed[0].pdf, &view).unwrap();
    let signer = Certificate::parse(&verified.signer_certificate).unwrap();
    let public = PublicKey::from_public_key_der(signer.spki_der()).unwrap();
    let found = search(phone.child.id(), DIGITS, &public).unwrap();
    assert!(found.read > 1 << 20, "{found:?}");
    assert_eq!((found.pins, found.keys), (0, 0), "{found:?}");
    world.running.shutdown().await;
}

#[test]
fn pin_20_the_search_finds_a_pin_and_a_key_that_are_there() {
    let secret = SecretKey::generate();
    let held = black_box(Box::new((
        DIGITS.map(|digit| digit + b'0'),
        secret.to_bytes(),
    )));
    let found = search(std::process::id(), DIGITS, &secret.public_key()).unwrap();
    assert!(found.pins > 0 && found.keys > 0, "{found:?}");
    black_box(held);
}
