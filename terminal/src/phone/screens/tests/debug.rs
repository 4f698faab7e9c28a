//! Nothing that is typed or shown can be printed by a state's Debug.

use super::*;

#[test]
fn the_debug_of_a_state_holds_names_of_screens_only() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench.choose("我的").key(Key::Esc);
    bench
        .session(State::Approve {
            peer: peer(),
            rp: rp(),
        })
        .typed("193827");
    assert_eq!(format!("{:?}", bench.phone()), r#"["Home", "Session"]"#);
}

#[test]
fn a_pin_and_a_password_are_dots_on_the_screen() {
    let mut bench = Bench::ready(Lang::ZhCn);
    bench
        .session(State::Approve {
            peer: peer(),
            rp: rp(),
        })
        .typed("193");
    let shown = bench.text();
    assert!(
        shown.contains("●  ●  ●  ○  ○  ○") && !shown.contains("193"),
        "{shown}"
    );

    let mut bench = Bench::new(Lang::ZhCn);
    bench
        .reply(Reply::Started(Box::new(start(true))))
        .choose("请登录")
        .choose("账号密码登录");
    bench
        .typed("gdmm")
        .key(Key::Enter)
        .typed("canary-pass")
        .key(Key::Enter);
    assert!(
        matches!(bench.asked(), Effect::Password(login, word) if login == "gdmm" && *word == "canary-pass")
    );
    bench.shows(&["gdmm", "•••••••••••"]);
    assert!(!bench.text().contains("canary"));
}
