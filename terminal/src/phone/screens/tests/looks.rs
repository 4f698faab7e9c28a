//! What the screens look like, compared with texts beside this file. After a wanted change: `KAPOK_LOOKS=write cargo test -p
//! kapok-terminal looks`, and read the difference.

use super::*;
use crate::phone::screens::pages::seals;
use crate::phone::screens::pictures::Picture;
use kapok_core::types::{PreviewId, SealPreview};
use std::path::Path;

/// A picture for a page.
pub fn red() -> Picture {
    Picture::png(&red_png()).unwrap()
}

fn red_png() -> Vec<u8> {
    let picture = image::RgbaImage::from_pixel(60, 60, image::Rgba([200, 0, 0, 255]));
    let mut png = Vec::new();
    picture
        .write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png)
        .unwrap();
    png
}

fn compare(name: &str, bench: &Bench) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/phone/screens/tests/looks")
        .join(format!("{name}.txt"));
    let shown = bench.text();
    if std::env::var_os("KAPOK_LOOKS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &shown).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(shown, known, "{name} looks otherwise:\n{shown}");
}

#[test]
fn looks_of_the_way_in() {
    let mut bench = Bench::new(Lang::ZhCn);
    bench.reply(Reply::Started(Box::new(start(false))));
    compare("privacy", &bench);
    bench.reply(Reply::Agreed);
    compare("home-nobody", &bench);
    bench.choose("请登录");
    compare("login", &bench);
    bench.choose("先填写身份信息");
    compare("identity", &bench);
    bench.phone.as_mut().unwrap().cx.mini_program =
        Some(format!("pages/face?h={}", "03".repeat(16)));
    bench.reply(Reply::FaceOpened(handoff()));
    compare("face", &bench);
}

#[test]
fn looks_of_home_and_lists() {
    let mut bench = Bench::ready(Lang::ZhCn);
    compare("home", &bench);
    bench.choose("我的");
    compare("mine", &bench);
    bench
        .choose("切换企业")
        .reply(Reply::Enterprises(vec![enterprise()]));
    compare("enterprises", &bench);
    bench.typed("a");
    compare("add-enterprise", &bench);
    bench.key(Key::Esc).key(Key::Esc).choose("经办人管理");
    bench.reply(Reply::Agents(kapok_core::types::AgentList {
        agents: vec![],
        invites: vec![],
    }));
    compare("agents", &bench);
    bench.typed("a");
    compare("add-agent", &bench);
}

#[test]
fn looks_of_certificates_pin_and_seals() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench
        .choose("数字证书")
        .reply(Reply::Certificates(vec![certificate(
            CertificateState::Installable,
        )]));
    compare("certificates", &bench);
    bench.key(Key::Enter);
    compare("certificate", &bench);
    bench
        .reply(Reply::Pin(kapok_core::types::PinState::Unset))
        .typed("193");
    compare("pin-set", &bench);
    bench
        .key(Key::Esc)
        .reply(Reply::Pin(kapok_core::types::PinState::Blocked));
    compare("pin-menu", &bench);
    bench.choose("人脸识别重置PIN码");
    compare("pin-by-face", &bench);
    bench.key(Key::Esc).key(Key::Esc);
    let preview = SealPreview {
        preview_id: PreviewId([5; 16]),
        name: "广东木棉科技有限公司".into(),
        picture: red_png().into(),
        width_mm: 42,
        height_mm: 42,
    };
    bench.reply(Reply::Preview(seals::Preview::new(&preview)));
    compare("seal-preview", &bench);
}

#[test]
fn looks_of_a_session_in_english() {
    let mut bench = Bench::ready(Lang::En);
    let choices = vec!["https://a.example".into(), "http://127.0.0.1:8080".into()];
    bench.session(State::SiteCheck {
        peer: peer(),
        rp: rp(),
        choices,
    });
    compare("site-check", &bench);
    bench
        .session(State::Approve {
            peer: peer(),
            rp: rp(),
        })
        .typed("12");
    compare("pin-enter", &bench);
    bench.session(State::Connected {
        peer: peer(),
        rp: rp(),
        picked: None,
        last: None,
    });
    compare("connected", &bench);
}

#[test]
fn every_text_has_both_languages() {
    use crate::phone::screens::texts::Text;
    for text in Text::ALL {
        assert!(
            !text.of(Lang::ZhCn).is_empty() && !text.of(Lang::En).is_empty(),
            "{text:?}"
        );
        assert!(
            text.of(Lang::En).is_ascii() || text.of(Lang::En).contains(['…', '⚠']),
            "{text:?}"
        );
    }
}
