use super::fields::{Field, FieldKeys};
use super::*;
use kapok_protocol::ids::RequestId;
use proptest::prelude::*;

const KEY: [u8; 32] = [7; 32];

fn store(dir: &tempfile::TempDir) -> Store {
    Store::open(&dir.path().join("kapok.db"), &KEY).unwrap()
}

#[tokio::test]
async fn a_cell_survives_a_restart_and_stands_nowhere_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let first = store(&dir);
    first.set("session", "canary-token").await.unwrap();
    first.pause().await.unwrap();
    let bytes = std::fs::read(dir.path().join("kapok.db")).unwrap();
    assert!(!bytes.windows(6).any(|w| w == b"canary"));
    assert_eq!(&bytes[..15], b"SQLite format 3", "the header stays plain");
    let again = store(&dir);
    assert_eq!(
        again.get::<String>("session").await.unwrap().as_deref(),
        Some("canary-token")
    );
    again.remove("session").await.unwrap();
    assert_eq!(again.get::<String>("session").await.unwrap(), None);
}

#[tokio::test]
async fn a_value_moved_to_another_row_does_not_open() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    store.set("one", 1).await.unwrap();
    store.set("two", 2).await.unwrap();
    store
        .write_now(|unit| {
            let swap = "UPDATE cell SET value = (SELECT value FROM cell WHERE name = 'two') WHERE name = 'one'";
            Ok(unit.tx.execute(swap, [])?)
        })
        .unwrap();
    assert!(matches!(
        store.get::<i32>("one").await,
        Err(StoreError::Sealed)
    ));
    assert_eq!(store.get::<i32>("two").await.unwrap(), Some(2));
}

#[tokio::test]
async fn a_failed_unit_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    let failed: Result<(), _> = store
        .write(|unit| {
            unit.set_cell("a", &1)?;
            Err(StoreError::Malformed)
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(store.get::<i32>("a").await.unwrap(), None);
}

#[tokio::test]
async fn a_file_of_a_newer_app_opens_read_only() {
    let dir = tempfile::tempdir().unwrap();
    let old = store(&dir);
    old.set("a", 1).await.unwrap();
    old.write_now(|unit| {
        Ok(unit
            .tx
            .pragma_update(None, "user_version", migrations::current() + 1)?)
    })
    .unwrap();
    drop(old);
    let store = store(&dir);
    assert!(store.read_only());
    assert_eq!(store.get::<i32>("a").await.unwrap(), Some(1));
    assert!(matches!(store.set("a", 2).await, Err(StoreError::Newer)));
    store.pause().await.unwrap();
    store.resume().await.unwrap();
    assert_eq!(store.get::<i32>("a").await.unwrap(), Some(1));
}

#[tokio::test]
async fn pause_leaves_no_log_and_resume_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    store.set("a", 1).await.unwrap();
    store.pause().await.unwrap();
    let wal = dir.path().join("kapok.db-wal");
    assert!(!wal.exists() || wal.metadata().unwrap().len() == 0);
    assert!(matches!(
        store.get::<i32>("a").await,
        Err(StoreError::Paused)
    ));
    store.resume().await.unwrap();
    assert_eq!(store.get::<i32>("a").await.unwrap(), Some(1));
}

#[test]
fn an_effect_keeps_its_key_until_its_answer_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    let id = |n| RequestId([n; 16]);
    let ask = |body: &'static [u8], n, now| {
        store
            .write_now(|unit| unit.request_id("POST /v1/x", body, id(n), now))
            .unwrap()
    };
    assert_eq!(ask(b"a", 1, 10), id(1));
    assert_eq!(
        ask(b"a", 2, 20),
        id(1),
        "a repetition goes out under the same key"
    );
    assert_eq!(ask(b"b", 3, 20), id(3), "another body is another effect");
    store
        .write_now(|unit| unit.request_done("POST /v1/x", b"a"))
        .unwrap();
    assert_eq!(ask(b"a", 4, 30), id(4));
    assert_eq!(
        ask(b"a", 5, 31 + requests::LIFE_MS),
        id(5),
        "too old to be remembered"
    );
}

proptest! {
    #[test]
    fn a_sealed_value_opens_in_its_own_place_only(
        value in proptest::collection::vec(any::<u8>(), 0..200),
        row in proptest::collection::vec(any::<u8>(), 0..20),
        other in proptest::collection::vec(any::<u8>(), 0..20),
        flip in any::<prop::sample::Index>(),
    ) {
        let keys = FieldKeys::derive(&KEY);
        let field = Field { table: "t", column: "c", schema: 1 };
        let sealed = keys.seal(&field, &row, &value).unwrap();
        let opened = keys.open(&field, &row, &sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), value.as_slice());
        if other != row {
            prop_assert!(keys.open(&field, &other, &sealed).is_err());
        }
        for moved in [
            Field { table: "u", ..field },
            Field { column: "d", ..field },
            Field { schema: 2, ..field },
        ] {
            prop_assert!(keys.open(&moved, &row, &sealed).is_err());
        }
        let mut broken = sealed.clone();
        broken[flip.index(sealed.len())] ^= 1;
        prop_assert!(keys.open(&field, &row, &broken).is_err());
        prop_assert!(FieldKeys::derive(&[8; 32]).open(&field, &row, &sealed).is_err());
    }
}
