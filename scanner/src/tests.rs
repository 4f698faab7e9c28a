use super::*;
use proptest::prelude::*;
use qrcode::{EcLevel, QrCode, Version};

/// Draws a code with `scale` pixels a module and the quiet zone of four modules.
fn drawn(text: &str, scale: usize, dark: u8, light: u8) -> (Vec<u8>, usize) {
    let code = QrCode::with_version(text, Version::Normal(6), EcLevel::M).unwrap();
    let modules = code.width();
    let side = (modules + 8) * scale;
    let colors = code.to_colors();
    let mut pixels = vec![light; side * side];
    for (i, color) in colors.iter().enumerate() {
        if *color == qrcode::Color::Dark {
            let (left, top) = ((i % modules + 4) * scale, (i / modules + 4) * scale);
            for y in top..top + scale {
                pixels[y * side + left..y * side + left + scale].fill(dark);
            }
        }
    }
    (pixels, side)
}

const TEXT: &str = "HTTPS://KAPOK.TEST/#0123456789012345678901234567890123456789";

#[test]
fn yqq_019_a_code_on_a_screen_is_read_with_version_level_and_corners() {
    let (pixels, side) = drawn(TEXT, 6, 0, 255);
    let found = read(
        GrayFrame::new(&pixels, side, side, side).unwrap(),
        Effort::Quick,
    );
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].text.as_str(), found[0].version, found[0].level),
        (TEXT, 6, Level::M)
    );
    let (x, y) = found[0].corners[0];
    assert!(
        (x - 24.0).abs() <= 6.0 && (y - 24.0).abs() <= 6.0,
        "top left at {x},{y}"
    );
}

#[test]
fn a_padded_row_is_read_by_its_stride() {
    let (pixels, side) = drawn(TEXT, 4, 20, 230);
    let stride = side + 13;
    let padded: Vec<u8> = pixels
        .chunks(side)
        .flat_map(|row| row.iter().copied().chain([7; 13]))
        .collect();
    let found = read(
        GrayFrame::new(&padded, side, side, stride).unwrap(),
        Effort::Quick,
    );
    assert_eq!(found.first().map(|r| r.text.as_str()), Some(TEXT));
}

#[test]
fn an_inverted_code_is_read_with_effort_only() {
    let (pixels, side) = drawn(TEXT, 6, 255, 0);
    let frame = GrayFrame::new(&pixels, side, side, side).unwrap();
    assert!(read(frame, Effort::Quick).is_empty());
    assert_eq!(
        read(frame, Effort::Thorough)
            .first()
            .map(|r| r.text.as_str()),
        Some(TEXT)
    );
}

#[test]
fn a_picture_without_a_code_gives_nothing() {
    let pixels = vec![128; 300 * 200];
    assert!(
        read(
            GrayFrame::new(&pixels, 300, 200, 300).unwrap(),
            Effort::Thorough
        )
        .is_empty()
    );
}

#[test]
fn bytes_that_are_no_frame_are_refused_by_name() {
    assert_eq!(GrayFrame::new(&[], 0, 1, 0).err(), Some(FrameError::Size));
    assert_eq!(
        GrayFrame::new(&[0; 8], 9000, 1, 9000).err(),
        Some(FrameError::Size)
    );
    assert_eq!(
        GrayFrame::new(&[0; 8], 4, 2, 3).err(),
        Some(FrameError::Stride)
    );
    assert_eq!(
        GrayFrame::new(&[0; 7], 4, 2, 4).err(),
        Some(FrameError::Short)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_picture_panics(width in 1usize..90, height in 1usize..90, seed in proptest::collection::vec(any::<u8>(), 1..600)) {
        let pixels: Vec<u8> = seed.iter().copied().cycle().take(width * height).collect();
        let frame = GrayFrame::new(&pixels, width, height, width).unwrap();
        read(frame, Effort::Thorough);
    }

    #[test]
    fn a_damaged_code_never_reads_as_another_text(spots in proptest::collection::vec((0usize..294, 0usize..294), 0..60)) {
        let (mut pixels, side) = drawn(TEXT, 6, 0, 255);
        for (x, y) in spots {
            for dy in 0..9 { for dx in 0..9 {
                if let Some(p) = pixels.get_mut((y + dy) * side + x + dx) { *p = 255 - *p; }
            } }
        }
        for reading in read(GrayFrame::new(&pixels, side, side, side).unwrap(), Effort::Thorough) {
            prop_assert_eq!(reading.text, TEXT);
        }
    }
}
