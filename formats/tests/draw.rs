//! Drawn seals, judged by their pixels and by mutool.

#![cfg(feature = "draw")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{DAY, Kind, NOW, enterprise, issue, key, pki, request};
use kapok_formats::draw::{
    DrawError, NameSealDesign, Picture, SealDesign, company_seal, company_seal_svg, name_seal,
    name_seal_svg,
};
use kapok_formats::seal::{LARGEST_SEAL, PictureKind, SealInfo, seal, seal_info};
use kapok_formats::x509::Profile;
use png::{Decoder, Transformations};
use std::io::Cursor;
use std::process::Command;

/// Opacity of every pixel.
struct Pixels {
    side: usize,
    alpha: Vec<u8>,
}

impl Pixels {
    fn of(picture: &Picture) -> Self {
        let mut decoder = Decoder::new(Cursor::new(&picture.png));
        decoder.set_transformations(Transformations::EXPAND | Transformations::ALPHA);
        let mut reader = decoder.read_info().unwrap();
        let dots = reader.info().pixel_dims.map(|dots| (dots.xppu, dots.yppu));
        assert_eq!(dots, Some((11811, 11811)), "300 dots per inch");
        let mut rgba = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut rgba).unwrap();
        assert!(
            rgba.chunks(4)
                .all(|p| p[3] == 0 || p[..3] == [0xE6, 0x00, 0x12]),
            "red and nothing else"
        );
        let side = usize::try_from(frame.width).unwrap();
        assert_eq!(frame.width, frame.height);
        Self {
            side,
            alpha: rgba.chunks(4).map(|p| p[3]).collect(),
        }
    }

    /// Whether anything is drawn on the circle of this radius (mm), between two angles (degrees, clockwise from top).
    fn ink_on(&self, millimetres: f64, from: u32, to: u32) -> bool {
        (from * 4..to * 4).any(|quarter| {
            let angle = f64::from(quarter).to_radians() / 4.0;
            let middle = self.side as f64 / 2.0;
            let radius = millimetres * 300.0 / 25.4;
            let (x, y) = (middle + radius * angle.sin(), middle - radius * angle.cos());
            self.alpha[y as usize * self.side + x as usize] > 40
        })
    }
}

fn name_of(count: usize) -> String {
    "广东木棉国际电子商务数据信息技术开发与应用服务集团股份有限责任公司深圳南山粤海分"
        .chars()
        .cycle()
        .take(count)
        .collect()
}

#[test]
fn every_length_of_name_keeps_clear_of_border_star_and_bottom() {
    for count in 4..=40 {
        let picture = company_seal(&SealDesign::company(&name_of(count))).unwrap();
        assert_eq!((picture.width_mm, picture.height_mm), (40, 40));
        let pixels = Pixels::of(&picture);
        assert_eq!(pixels.side, 472);
        assert!(pixels.ink_on(19.5, 0, 360), "border");
        assert!(
            !pixels.ink_on(18.6, 0, 360),
            "{count} characters touch the border"
        );
        assert!(pixels.ink_on(16.0, 0, 360), "{count} characters are there");
        for radius in [8.0, 9.0, 10.0, 11.0, 12.0] {
            assert!(
                !pixels.ink_on(radius, 0, 360),
                "{count} characters reach in to {radius} mm"
            );
        }
        assert!(
            !pixels.ink_on(16.5, 156, 204),
            "{count} characters run into the bottom"
        );
        assert_eq!(pixels.alpha[0], 0, "transparent outside");
    }
}

#[test]
fn a_title_and_a_code_stand_in_the_free_part() {
    for count in [6, 12, 20, 33, 40] {
        let design = SealDesign {
            title: Some("合同专用章".into()),
            code: Some("4403051234567".into()),
            ..SealDesign::company(&name_of(count))
        };
        let pixels = Pixels::of(&company_seal(&design).unwrap());
        assert!(
            !pixels.ink_on(16.0, 132, 228),
            "{count} characters run into the title"
        );
        assert!(
            pixels.ink_on(17.5, 150, 210),
            "the code is along the bottom"
        );
        let row = &pixels.alpha[pixels.side * 356..pixels.side * 357];
        assert!(
            row[140..330].iter().any(|alpha| *alpha > 200),
            "the title is below the star"
        );
    }
}

#[test]
fn the_outer_edge_is_the_nominal_size() {
    for diameter_mm in [38, 40, 42] {
        let picture = company_seal(&SealDesign {
            diameter_mm,
            ..SealDesign::company(&name_of(12))
        })
        .unwrap();
        let pixels = Pixels::of(&picture);
        let middle = pixels.side / 2;
        assert!(
            pixels.alpha[middle] > 100 && pixels.alpha[pixels.side * middle] > 100,
            "{diameter_mm}"
        );
        assert_eq!(
            pixels.side,
            (f64::from(diameter_mm) * 300.0 / 25.4).round() as usize
        );
    }
}

#[test]
fn name_seals_of_two_to_sixteen_characters() {
    for name in [
        "张伟",
        "欧阳娜",
        "欧阳建国",
        "阿里木·买买提",
        "买买提依明江·阿卜杜热合曼卡迪",
    ] {
        let picture = name_seal(&NameSealDesign::person(name)).unwrap();
        assert_eq!((picture.width_mm, picture.height_mm), (20, 20));
        let pixels = Pixels::of(&picture);
        assert!(
            pixels.alpha[0] > 200 && pixels.alpha[pixels.alpha.len() - 1] > 200,
            "square border"
        );
        let inside = |line: usize| {
            let row = &pixels.alpha[pixels.side * line + 14..pixels.side * (line + 1) - 14];
            row.iter().any(|alpha| *alpha > 200)
        };
        assert!(
            !inside(13) && !inside(pixels.side - 14),
            "{name} touches the border"
        );
        assert!(
            inside(pixels.side / 4) && inside(pixels.side * 3 / 4),
            "{name}"
        );
    }
}

#[test]
fn missing_characters_are_named_by_code_point() {
    let design = SealDesign::company("广东\u{1F600}木棉\u{3A9}公司\u{1F600}");
    let error = company_seal(&design).unwrap_err();
    assert_eq!(
        error,
        DrawError::MissingGlyphs {
            code_points: vec![0x1F600, 0x3A9]
        }
    );
    assert_eq!(
        error.to_string(),
        "the font has no glyph for U+1F600, U+03A9"
    );
    assert!(name_seal(&NameSealDesign::person("张\u{E000}")).is_err());
}

#[test]
fn rare_name_characters_are_there() {
    let tested: Vec<char> = "䶮㛃堃喆焜頔𬬭𫖯彧翀昉禤犇骉淼".chars().collect();
    for pair in tested.chunks(2) {
        let name: String = pair.iter().collect::<String>() + "明";
        assert!(name_seal(&NameSealDesign::person(&name)).is_ok(), "{name}");
    }
}

#[test]
fn what_cannot_be_drawn_is_refused_by_field() {
    let field = |design: &SealDesign| match company_seal(design) {
        Err(DrawError::Field { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    let good = SealDesign::company("广东木棉科技有限公司");
    assert_eq!(field(&SealDesign::company("木棉行")), "name");
    assert_eq!(field(&SealDesign::company(&name_of(41))), "name");
    assert_eq!(
        field(&SealDesign {
            title: Some("木".repeat(10)),
            ..good.clone()
        }),
        "title"
    );
    for code in [
        "440305123456",
        "440305123456x",
        "0403051234567",
        "４403051234567",
    ] {
        assert_eq!(
            field(&SealDesign {
                code: Some(code.into()),
                ..good.clone()
            }),
            "code"
        );
    }
    assert_eq!(
        field(&SealDesign {
            diameter_mm: 60,
            ..good.clone()
        }),
        "diameter_mm"
    );
    assert_eq!(
        field(&SealDesign {
            border_tenth_mm: 0,
            ..good
        }),
        "border_tenth_mm"
    );
    for (name, side_mm, wrong) in [("张", 20, "name"), ("张伟", 17, "side_mm")] {
        let refused = name_seal(&NameSealDesign {
            side_mm,
            ..NameSealDesign::person(name)
        });
        assert!(matches!(refused, Err(DrawError::Field { field, .. }) if field == wrong));
    }
}

#[test]
fn brackets_of_both_widths_and_all_dots_look_the_same() {
    let full = company_seal(&SealDesign::company("木棉（广州）商行·总店")).unwrap();
    for typed in [
        "木棉(广州)商行·总店",
        "木棉（广州） 商行\u{30FB}总店\u{200B}",
    ] {
        assert_eq!(company_seal(&SealDesign::company(typed)).unwrap(), full);
    }
}

#[test]
fn another_renderer_sees_the_same_in_the_svg() {
    let design = SealDesign::company("广东木棉（深圳）科技有限公司");
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("seal.svg"),
        company_seal_svg(&design).unwrap(),
    )
    .unwrap();
    let arguments = [
        "draw", "-q", "-r", "300", "-c", "gray", "-o", "seal.png", "seal.svg",
    ];
    let status = Command::new("mutool")
        .args(arguments)
        .current_dir(dir.path())
        .status()
        .unwrap();
    assert!(status.success());
    let file = std::fs::read(dir.path().join("seal.png")).unwrap();
    let mut reader = Decoder::new(Cursor::new(file)).read_info().unwrap();
    let mut theirs = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut theirs).unwrap();
    let ours = Pixels::of(&company_seal(&design).unwrap());
    let darkest = theirs.iter().min().copied().unwrap();
    let width = frame.line_size;
    let different = (0..ours.side * ours.side)
        .filter(|at| {
            let gray = theirs[at / ours.side * width + at % ours.side];
            let ink = f64::from(255 - gray) / f64::from(255 - darkest);
            (ink - f64::from(ours.alpha[*at]) / 255.0).abs() > 0.6
        })
        .count();
    assert!(
        different < ours.alpha.len() / 100,
        "{different} pixels differ"
    );
    assert!(
        name_seal_svg(&NameSealDesign::person("张伟"))
            .unwrap()
            .contains("viewBox=\"-10 -10 20 20\"")
    );
}

#[test]
fn a_whole_seal_with_its_picture_stays_under_the_limit() {
    let pki = pki(Kind::Sm2, Profile::SealMaker);
    let spki = key(Kind::Sm2, 8).spki_der().unwrap();
    let signer = [issue(
        &request(
            Profile::Employee,
            &[8; 16],
            Some(&pki.ca),
            enterprise(),
            &spki,
        ),
        &*pki.ca_key,
    )];
    let design = SealDesign {
        title: Some("合同业务专用章".into()),
        code: Some("4403051234567".into()),
        diameter_mm: 42,
        ..SealDesign::company(&name_of(40))
    };
    let picture = company_seal(&design).unwrap();
    let info = SealInfo {
        es_id: "1",
        seal_type: 1,
        name: "合同业务专用章",
        signers: &signer,
        created: NOW,
        valid_from: NOW,
        valid_to: NOW + DAY,
        picture: kapok_formats::seal::Picture {
            kind: PictureKind::Png,
            data: &picture.png,
            width_mm: picture.width_mm,
            height_mm: picture.height_mm,
        },
    };
    let der = seal(&seal_info(&info).unwrap(), &pki.leaf, &*pki.leaf_key).unwrap();
    assert!(der.len() < LARGEST_SEAL / 2, "{} bytes", der.len());
}
