//! A phone whose disk is full, as the kernel says it: a limit on the size of every file that its process writes.

use kapok_tests::terminal::kapok;
use kapok_tests::world::World;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const PIN: &[u8] = b"839061\n";
/// Bytes by which the limit grows: one page of the database.
const STEP: u64 = 4096;
/// Far more than a phone writes.
const ENOUGH: u64 = 64 << 20;

/// `kapok phone --auto` up to a certificate, with room for files of `limit` bytes.
fn live(world: &World, root: &Path, limit: u64) -> Output {
    // Ignored, the signal becomes an error of the write, as on a full disk.
    let script = format!("trap '' XFSZ; exec prlimit --fsize={limit} \"$0\" \"$@\"");
    let mut child = Command::new("sh")
        .args(["-c", &script])
        .arg(kapok())
        .args(["phone", "--auto", "--pin-stdin", "--lang", "en", "--dir"])
        .arg(world.dir.path().join("phone"))
        .args(["--platform", &world.running.https_url, "--root"])
        .arg(root)
        .args(["--simulators", &world.running.http_url])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A phone that cannot open its files ends before it reads.
    let _ = child.stdin.take().unwrap().write_all(PIN);
    child.wait_with_output().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pin_12_a_phone_with_a_full_disk_says_so_and_goes_on_when_there_is_room() {
    let world = World::start().await;
    let root = world.dir.path().join("root.pem");
    std::fs::write(&root, &world.running.tls_root_pem).unwrap();
    let mut refused = 0;
    for limit in (0..).map(|n| n * STEP) {
        let ended = tokio::task::block_in_place(|| live(&world, &root, limit));
        if ended.status.success() {
            break;
        }
        let error = String::from_utf8(ended.stderr).unwrap();
        let code = ended.status.code();
        assert!(
            code.is_some_and(|code| code != 101),
            "{limit}: {code:?} {error}"
        );
        assert!(!error.contains("panicked"), "{limit}: {error}");
        assert!(!error.trim().is_empty(), "{limit}: no word");
        refused += 1;
        assert!(refused < 200, "{limit}: {error}");
    }
    eprintln!("{refused} times refused");
    assert!(refused >= 10, "{refused} refusals");
    let after = tokio::task::block_in_place(|| live(&world, &root, ENOUGH));
    assert!(after.status.success(), "{after:?}");
    assert_eq!(world.count("guard", "SELECT count(*) FROM epochs"), 1);
    assert_eq!(world.count("guard", "SELECT sum(fails) FROM phones"), 0);
    world.running.shutdown().await;
}
