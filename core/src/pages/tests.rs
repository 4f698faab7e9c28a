use super::*;

/// One page of 200 × 100 points, black but for a white margin of 10 points.
fn sample(media_box: &str) -> Arc<Vec<u8>> {
    document(media_box, "", "0 g 10 10 180 80 re f")
}

fn document(media_box: &str, fonts: &str, content: &str) -> Arc<Vec<u8>> {
    let mut pdf = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    for body in [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[{media_box}]/Contents 4 0 R/Resources<<{fonts}>>>>"
        ),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
    ] {
        offsets.push(pdf.len());
        pdf.extend(format!("{} 0 obj\n{body}\nendobj\n", offsets.len()).bytes());
    }
    let xref = pdf.len();
    pdf.extend(b"xref\n0 5\n0000000000 65535 f \n");
    for offset in offsets {
        pdf.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    pdf.extend(format!("trailer<</Size 5/Root 1 0 R>>\nstartxref\n{xref}\n%%EOF\n").bytes());
    Arc::new(pdf)
}

fn pixel(image: &PageImage, x: u32, y: u32) -> [u8; 4] {
    let at = ((y * image.width + x) * 4) as usize;
    image.rgba[at..at + 4].try_into().unwrap()
}

#[test]
fn yqq_022_a_page_is_drawn_at_the_wanted_width() {
    let image = draw(&sample("0 0 200 100"), 0, 400).unwrap();
    assert_eq!((image.width, image.height), (400, 200));
    assert_eq!(pixel(&image, 200, 100), [0, 0, 0, 255]);
    assert_eq!(pixel(&image, 5, 5), [255, 255, 255, 255]);
    assert_eq!(&image.to_png().unwrap()[1..4], b"PNG");
}

#[test]
fn yqq_022_text_in_a_standard_font_that_is_not_embedded_is_drawn() {
    let fonts = "/Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>";
    let page = document("0 0 200 100", fonts, "BT /F1 60 Tf 20 20 Td (HHH) Tj ET");
    let image = draw(&page, 0, 400).unwrap();
    let dark = image.rgba.chunks(4).filter(|pixel| pixel[0] < 64).count();
    assert!(dark > 1000, "{dark} dark pixels of {}", 400 * 200);
}

#[test]
fn a_page_that_is_not_there_and_a_width_out_of_bounds_are_refused() {
    let pdf = sample("0 0 200 100");
    assert_eq!(draw(&pdf, 1, 400).err(), Some(PageError::NoSuchPage));
    assert_eq!(draw(&pdf, 0, 0).err(), Some(PageError::Size));
    assert_eq!(draw(&pdf, 0, MAX_PIXELS + 1).err(), Some(PageError::Size));
}

#[test]
fn boxes_out_of_all_proportion_are_refused_before_anything_is_allocated() {
    assert_eq!(
        draw(&sample("0 0 2000000 100"), 0, 400).err(),
        Some(PageError::Size)
    );
    assert_eq!(
        draw(&sample("0 0 10 14000"), 0, 400).err(),
        Some(PageError::Size)
    );
}

#[test]
fn a_page_that_holds_too_much_is_refused_before_it_is_drawn() {
    let picture = "BI /W 30000 /H 30000 /BPC 8 /CS /G ID x EI";
    assert_eq!(
        draw(&document("0 0 200 100", "", picture), 0, 400).err(),
        Some(PageError::TooMuch)
    );
}

#[test]
fn what_is_no_pdf_is_refused() {
    assert_eq!(
        draw(&Arc::new(b"hello".to_vec()), 0, 100).err(),
        Some(PageError::Document)
    );
}
