use super::*;
use kapok_protocol::qr::VERSION;
use qrcode::{EcLevel, QrCode};

fn payload() -> QrPayload {
    let pc_key = kapok_protocol::point::public_of(&[7; 32]).unwrap();
    QrPayload {
        version: VERSION,
        relay: 0,
        sid: [1; 16],
        pc_key,
        secret: [2; 16],
        frame: 3,
        mac: [4; 8],
    }
}

fn pixels(text: &str) -> (Vec<u8>, usize) {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
    let side = (code.width() + 8) * 6;
    let colors = code.to_colors();
    let dark = |x: usize, y: usize| {
        let (x, y) = ((x / 6).wrapping_sub(4), (y / 6).wrapping_sub(4));
        x < code.width() && y < code.width() && colors[y * code.width() + x] == qrcode::Color::Dark
    };
    let gray = (0..side * side)
        .map(|i| if dark(i % side, i / side) { 0 } else { 255 })
        .collect();
    (gray, side)
}

fn scanned(text: &str, source: Source) -> Scanned {
    let (gray, side) = pixels(text);
    frame(GrayFrame::new(&gray, side, side, side).unwrap(), source)
}

#[test]
fn yqq_019_the_payload_of_a_code_on_the_screen_is_read_from_pixels() {
    let Scanned::Code(found) = scanned(&payload().to_text("KAPOK.TEST"), Source::Camera) else {
        panic!("no code")
    };
    assert!(found.payload == payload());
    assert_eq!(found.host, "kapok.test");
}

#[test]
fn pin_29_t8_a_code_from_a_picture_is_refused() {
    let text = payload().to_text("KAPOK.TEST");
    assert!(matches!(
        scanned(&text, Source::Picture),
        Scanned::Refused(ErrorCode::QrImported)
    ));
}

#[test]
fn yqq_019_another_code_is_refused_with_its_reason_and_none_is_no_error() {
    assert!(matches!(
        scanned("https://example.org/", Source::Camera),
        Scanned::Refused(ErrorCode::QrFormat)
    ));
    let blank = vec![255; 100 * 100];
    assert!(matches!(
        frame(
            GrayFrame::new(&blank, 100, 100, 100).unwrap(),
            Source::Camera
        ),
        Scanned::Nothing
    ));
}
