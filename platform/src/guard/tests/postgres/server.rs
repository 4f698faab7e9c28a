//! What only a server does: several guards at once, a schema beside SQLite's, a database put back.

use super::client::{PIN, WRONG};
use super::*;
use kapok_protocol::guard::PinKind;
use std::collections::BTreeSet;

async fn execute(bench: &Bench, text: &'static str) {
    let done = sql(text).execute(bench.guard.db.reader()).await;
    done.unwrap();
}

#[tokio::test]
async fn pin_08_a_server_put_back_from_a_copy_is_not_served() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    let before = phone.state().await.log_n;
    phone.try_pin(&WRONG, PinKind::Pin, 0).await.unwrap();
    phone.try_pin(&WRONG, PinKind::Pin, 0).await.unwrap();
    let open = || bench.at(bench.dir.path());
    // The other guard has moved on: this one's witness is older, and it is served.
    open().await.unwrap();
    execute(&bench, "DELETE FROM attempts").await;
    let put_back = sql("DELETE FROM log WHERE n > $1");
    put_back
        .bind(crate::store::guard::int(before))
        .execute(bench.guard.db.reader())
        .await
        .unwrap();
    assert!(matches!(open().await, Err(StartError::GuardRolledBack)));
    // Lines that are as many, but others, are another history.
    let mut other = phone.clone();
    other.account = kapok_protocol::ids::AccountId([2; 16]);
    other.epoch = 0;
    other.set_first(&PIN, bench.now()).await;
    assert!(matches!(open().await, Err(StartError::GuardRolledBack)));
}

#[tokio::test]
async fn pin_08_each_guard_of_a_folder_has_a_witness_and_all_are_asked() {
    let bench = new_bench().await;
    let mut phone = bench.phone().await;
    phone.guard = bench.second().await;
    phone.try_pin(&WRONG, PinKind::Pin, 0).await.unwrap();
    let files = ["guard.witness", "guard-2.witness"].map(|name| bench.dir.path().join(name));
    assert!(files.iter().all(|file| file.exists()));
    execute(&bench, "DELETE FROM attempts").await;
    execute(&bench, "DELETE FROM log WHERE event = 'eval'").await;
    // Only the second one has seen the try.
    let refused = bench.at(bench.dir.path()).await;
    assert!(matches!(refused, Err(StartError::GuardRolledBack)));
    std::fs::remove_file(&files[1]).unwrap();
    bench.at(bench.dir.path()).await.unwrap();
}

/// Lets the server ask for a transaction to be run again, as `text` says.
async fn ask_again(bench: &Bench, text: &'static str) {
    for text in [
        "CREATE SEQUENCE IF NOT EXISTS runs",
        text,
        "CREATE OR REPLACE TRIGGER again BEFORE INSERT ON attempts FOR EACH ROW EXECUTE FUNCTION again()",
    ] {
        execute(bench, text).await;
    }
}

async fn runs(bench: &Bench) -> i64 {
    let row = sql("SELECT last_value FROM runs").fetch_one(bench.guard.db.reader());
    let (runs,): (i64,) = row.await.unwrap();
    runs
}

#[tokio::test]
async fn pin_07_a_transaction_is_run_again_five_times_when_the_server_asks_for_it() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    ask_again(
        &bench,
        "CREATE OR REPLACE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           IF nextval('runs') < 6 THEN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END IF;
           RETURN new; END $$",
    )
    .await;
    let before = phone.state().await.log_n;
    phone.try_pin(&WRONG, PinKind::Pin, 0).await.unwrap();
    let state = phone.state().await;
    assert_eq!((state.log_n, state.tries_left), (before + 1, 9));
    assert_eq!(runs(&bench).await, 6);
    // Asked for once more than that, nothing is written.
    ask_again(
        &bench,
        "CREATE OR REPLACE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           PERFORM nextval('runs'); RAISE EXCEPTION 'again' USING ERRCODE = '40P01'; END $$",
    )
    .await;
    let (_, request) = phone.eval_request(&PIN, PinKind::Pin, 0).await;
    let signed = phone.signed(&request);
    let failed = bench.guard.answer("eval", signed.clone()).await;
    assert_eq!(failed.unwrap_err().0.code, ErrorCode::Internal);
    assert_eq!(runs(&bench).await, 12);
    assert_eq!(phone.state().await.tries_left, 9);
    execute(&bench, "DROP TRIGGER again ON attempts").await;
    phone.send::<EvalRequest>(signed).await.unwrap();
    assert_eq!(phone.state().await.tries_left, 8);
}

/// Tables with their columns as `table.column type null`, and the sets of columns that are unique.
type Schema = (BTreeSet<String>, BTreeSet<String>);

fn shape(rows: Vec<(String, String, String, bool)>) -> BTreeSet<String> {
    let engine = |kind: &str| match kind {
        "BLOB" | "bytea" => "bytes",
        "INTEGER" | "bigint" => "number",
        // SQLite has no type for them.
        "boolean" => "number",
        "TEXT" | "text" => "text",
        other => panic!("{other}"),
    };
    let line = |(table, column, kind, null): (String, String, String, bool)| {
        format!("{table}.{column} {} null={null}", engine(&kind))
    };
    rows.into_iter().map(line).collect()
}

async fn sqlite_schema() -> Schema {
    let bench = super::super::sqlite::new_bench().await;
    let reader = bench.guard.db.reader();
    let columns = sql(
        "SELECT t.name, c.name, c.type, c.\"notnull\" = 0 AND c.pk = 0
         FROM sqlite_schema t JOIN pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE '\\_%' ESCAPE '\\'",
    );
    let unique = sql(
        "SELECT t.name || ' ' || (SELECT group_concat(name, ',') FROM
             (SELECT name FROM pragma_index_info(i.name) ORDER BY name))
         FROM sqlite_schema t JOIN pragma_index_list(t.name) i
         WHERE t.type = 'table' AND i.\"unique\" AND t.name NOT LIKE '\\_%' ESCAPE '\\'
         UNION SELECT t.name || ' ' || c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c
         WHERE t.type = 'table' AND c.pk = 1 AND c.type = 'INTEGER' AND t.name NOT LIKE '\\_%' ESCAPE '\\'",
    );
    let columns = columns.fetch_all(reader).await.unwrap();
    let unique: Vec<(String,)> = unique.fetch_all(reader).await.unwrap();
    (
        shape(columns),
        unique.into_iter().map(|row| row.0).collect(),
    )
}

async fn postgres_schema() -> Schema {
    let bench = new_bench().await;
    let reader = bench.guard.db.reader();
    let columns = sql(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES'
         FROM information_schema.columns
         WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_%'",
    );
    let unique = sql(
        "SELECT t.relname || ' ' || string_agg(a.attname, ',' ORDER BY a.attname COLLATE \"C\")
         FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (i.indkey)
         WHERE i.indisunique AND t.relnamespace = current_schema()::regnamespace
           AND t.relname NOT LIKE '\\_%'
         GROUP BY i.indexrelid, t.relname",
    );
    let columns = columns.fetch_all(reader).await.unwrap();
    let unique: Vec<(String,)> = unique.fetch_all(reader).await.unwrap();
    (
        shape(columns),
        unique.into_iter().map(|row| row.0).collect(),
    )
}

#[tokio::test]
async fn both_engines_have_the_same_columns_and_unique_sets() {
    let (sqlite, postgres) = (sqlite_schema().await, postgres_schema().await);
    assert_eq!(sqlite, postgres);
    assert!(sqlite.0.len() > 70 && sqlite.1.len() > 10, "{sqlite:?}");
}

#[test]
fn both_engines_have_the_same_migrations() {
    let names = |migrator: &sqlx::migrate::Migrator| {
        let migrations = migrator.iter();
        let named = migrations.map(|one| (one.version, one.description.to_string()));
        named.collect::<Vec<_>>()
    };
    let both = &store::guard::MIGRATIONS;
    assert_eq!(names(both.sqlite), names(both.postgres));
    assert!(both.sqlite.iter().count() > 3);
}
