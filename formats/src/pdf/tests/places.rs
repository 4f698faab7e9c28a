//! Where the seal stands.

use super::*;

/// The newest seal's rectangle: the last `/Rect` of the file.
fn rectangle(bytes: &[u8]) -> [f64; 4] {
    let text = String::from_utf8_lossy(bytes);
    let rest = text.rsplit_once("/Rect [").unwrap().1;
    let numbers: Vec<f64> = rest
        .split(']')
        .next()
        .unwrap()
        .split(' ')
        .map(|n| n.parse().unwrap())
        .collect();
    numbers.try_into().unwrap()
}

fn disjoint(one: &[f64; 4], other: &[f64; 4]) -> bool {
    one[2] < other[0] || other[2] < one[0] || one[3] < other[1] || other[3] < one[1]
}

/// The rectangles of `count` seals, each at the default place of what the last one left.
fn sealed(mut bytes: Vec<u8>, count: usize) -> Vec<[f64; 4]> {
    (0..count)
        .map(|_| {
            bytes = prepare(&bytes, &plan(0)).unwrap().bytes;
            rectangle(&bytes)
        })
        .collect()
}

#[test]
fn seals_at_the_default_place_stand_side_by_side_from_the_right_then_above() {
    for (name, along) in [("chromium", 0), ("landscape", 0), ("rotated", 1)] {
        let seals = sealed(file(name), 6);
        for (index, seal) in seals.iter().enumerate() {
            for other in &seals[index + 1..] {
                assert!(disjoint(seal, other), "{name}: {seals:?}");
            }
        }
        let [first, second] = [seals[0], seals[1]];
        let across = 1 - along;
        assert_eq!(first[across], second[across], "{name}: the same row");
        let step = (first[along] - second[along]).abs();
        assert!((step - 42.0 * 72.0 / 25.4).abs() < 0.01, "{name}: {step}");
    }
}

#[test]
fn a_page_without_a_free_place_is_sealed_at_the_default_place() {
    // 612 × 792 pt have room for 4 × 5 seals of 40 mm with their gaps.
    let seals = sealed(file("chromium"), 21);
    let (last, others) = seals.split_last().unwrap();
    for (index, seal) in others.iter().enumerate() {
        assert!(others[..index].iter().all(|other| disjoint(seal, other)));
    }
    assert_eq!(last, &seals[0]);
}

#[test]
fn what_is_hidden_takes_no_place_and_a_form_field_does() {
    let free = rectangle(&prepare(&file("chromium"), &plan(0)).unwrap().bytes);
    for (kind, same) in [
        ("/Subtype/Widget/FT/Tx/T(a)", false),
        ("/Subtype/Widget/FT/Tx/T(a)/F 2", true),
        ("/Subtype/Text/F 32", true),
        ("/Subtype/Popup", true),
    ] {
        let [x, y, ..] = free;
        let bytes = annotated(&format!("<<{kind}/Rect[{x} {y} {} {}]>>", x + 9.0, y + 9.0));
        let seal = rectangle(&prepare(&bytes, &plan(0)).unwrap().bytes);
        assert_eq!(seal == free, same, "{kind}: {seal:?}");
    }
}

/// A page of the size of "chromium" with one annotation.
fn annotated(annotation: &str) -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Annots[{annotation}]>>"),
    ];
    let mut text = "%PDF-1.7\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (index, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", text.len()));
        text.push_str(&format!("{} 0 obj\n{object}\nendobj\n", index + 1));
    }
    let start = text.len();
    text.push_str(&format!(
        "xref\n0 4\n{table}trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    ));
    text.into_bytes()
}

#[test]
fn the_seal_stands_at_its_millimetres_on_every_rotation() {
    // Page 0 of "rotated": 842 × 595 pt as seen, turned by 90 degrees, origin (100, 200).
    let position = Position::TopLeft {
        x_mm: 10.0,
        y_mm: 20.0,
    };
    let prepared = prepare(
        &file("rotated"),
        &FieldPlan {
            position,
            ..plan(0)
        },
    )
    .unwrap()
    .bytes;
    let numbers = rectangle(&prepared);
    let pt = 72.0 / 25.4;
    let expected = [
        100.0 + 20.0 * pt,
        200.0 + 10.0 * pt,
        100.0 + 60.0 * pt,
        200.0 + 50.0 * pt,
    ];
    for (found, expected) in numbers.iter().zip(expected) {
        assert!((found - expected).abs() < 0.001, "{numbers:?}");
    }
    let text = String::from_utf8_lossy(&prepared);
    assert!(text.contains("/Matrix [0 1 -1 0 113.3858 0]"), "upright");
    let page = Document::open(&file("rotated"))
        .unwrap()
        .page_box(0)
        .unwrap();
    assert_eq!(page.rotation, 90);
    assert!(
        (page.width_mm - 842.0 / pt).abs() < 0.01 && (page.height_mm - 595.0 / pt).abs() < 0.01
    );
}
