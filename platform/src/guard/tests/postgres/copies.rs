//! Writes that are on two machines before they are answered.

use super::*;
use client::PIN;
use cluster::Cluster;
use kapok_protocol::guard::PinKind;
use sqlx::Connection;
use std::time::Duration;

/// One number from a server that is not the guard's own connection.
async fn number(url: &str, query: &'static str) -> i64 {
    let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
    sqlx::query_scalar(query)
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

async fn reaches(url: &str, query: &'static str, wanted: i64) {
    let wait = async {
        while number(url, query).await != wanted {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(30), wait).await;
    assert!(waited.is_ok(), "{query} is not {wanted}");
}

const WAITING: &str = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
const LINES: &str = "SELECT count(*) FROM log";
const STANDBYS: &str = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";

fn two(database: Option<String>) -> GuardSettings {
    GuardSettings {
        database,
        copies: Some(2),
    }
}

#[tokio::test]
async fn one_server_or_a_file_is_not_two_copies() {
    let bench = new_bench().await;
    for database in [Some(cluster::shared().schema()), None] {
        let opened = open(bench.dir.path(), &two(database), &bench.clock, &bench.face).await;
        assert!(matches!(opened, Err(StartError::OneCopy(2))));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_try_is_counted_on_two_machines_before_it_is_evaluated() {
    let cluster = Cluster::start(false);
    let url = cluster.schema();
    let standby = cluster.standby();
    reaches(&url, STANDBYS, 1).await;
    let bench = Bench::on(two(Some(url.clone()))).await;
    let phone = bench.phone().await;
    let lines = number(&url, LINES).await;
    assert_eq!(number(&standby.schema(&url), LINES).await, lines);

    standby.stop();
    let wrong = [0x42; 32];
    let trying = tokio::spawn({
        let phone = phone.clone();
        async move { phone.try_pin(&wrong, PinKind::Connect, 1).await.is_ok() }
    });
    reaches(&url, WAITING, 1).await;
    assert!(
        !trying.is_finished(),
        "evaluated, with one copy of its count"
    );
    standby.start();
    assert!(trying.await.unwrap());
    assert_eq!(number(&standby.schema(&url), LINES).await, lines + 1);

    // Without its standbys' names the server would answer from one copy.
    cluster.sql("ALTER SYSTEM RESET synchronous_standby_names");
    cluster.sql("SELECT pg_reload_conf()");
    let names = "SELECT length(current_setting('synchronous_standby_names'))::bigint";
    reaches(&url, names, 0).await;
    let (_, request) = phone.eval_request(&PIN, PinKind::Connect, 1).await;
    let failed = phone
        .guard
        .answer(EvalRequest::PATH, phone.signed(&request));
    assert_eq!(failed.await.unwrap_err(), ErrorCode::Internal.into());
    assert_eq!(number(&url, LINES).await, lines + 1, "nothing was written");
}
