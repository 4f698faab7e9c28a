//! The page's files as a browser gets them.

use super::fixture::{Browser, Fixture};
use axum::http::{Method, StatusCode, header};
use base64ct::{Base64, Encoding};
use flate2::read::GzDecoder;
use serde_json::Value;
use sha2::{Digest, Sha384};
use std::collections::BTreeMap;
use std::io::Read;

/// What the module and all that it imports may weigh on arrival, uncompressed.
const MODULE_BYTES: usize = 20 * 1024;

/// The module and everything that it imports, by address.
async fn module(browser: &Browser<'_>) -> BTreeMap<String, Vec<u8>> {
    let about: Value = browser.get("/sign.json").await.json();
    let mut open = vec![about["module"].as_str().unwrap().to_owned()];
    let mut found = BTreeMap::new();
    while let Some(path) = open.pop() {
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let text = String::from_utf8(answer.body.clone()).unwrap();
        let folder = path.rsplit_once('/').unwrap().0;
        let imports = text.split("from './").skip(1);
        let imports = imports.map(|rest| format!("{folder}/{}", rest.split('\'').next().unwrap()));
        open.extend(imports.filter(|import| !found.contains_key(import)));
        found.insert(path, answer.body);
    }
    found
}

#[tokio::test]
async fn the_module_weighs_at_most_20_kib_on_arrival() {
    let fixture = Fixture::new().await;
    let files = module(&fixture.browser()).await;
    assert_eq!(files.len(), 5, "{:?}", files.keys());
    let bytes: usize = files.values().map(Vec::len).sum();
    assert!(bytes <= MODULE_BYTES, "{bytes} bytes");
}

#[tokio::test]
async fn the_integrity_hashes_are_those_of_the_files() {
    let fixture = Fixture::new().await;
    let browser = fixture.browser();
    let about: Value = browser.get("/sign.json").await.json();
    let page = String::from_utf8(browser.get("/").await.body).unwrap();
    for (path, bytes) in module(&browser).await {
        let hash = format!("sha384-{}", Base64::encode_string(&Sha384::digest(&bytes)));
        let name = path.rsplit_once('/').unwrap().1;
        assert_eq!(about["integrity"][name], hash.as_str(), "{name}");
        assert!(
            page.contains(&format!("href=\"{path}\" integrity=\"{hash}\"")),
            "{name}"
        );
    }
}

#[tokio::test]
async fn every_file_of_the_page_is_there_compressed_and_for_ever() {
    let fixture = Fixture::new().await;
    let browser = fixture.browser();
    let page = String::from_utf8(browser.get("/").await.body).unwrap();
    let paths: Vec<_> = page
        .split("=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .filter(|value| value.starts_with("/assets/"))
        .collect();
    assert!(paths.len() >= 9, "{paths:?}");
    for path in paths {
        let plain = browser.get(path).await;
        assert_eq!(plain.status, StatusCode::OK, "{path}");
        assert!(plain.headers.get(header::CONTENT_ENCODING).is_none());
        let kept = plain.headers[header::CACHE_CONTROL].to_str().unwrap();
        assert!(kept.contains("immutable"), "{path}");
        let accepts = [("accept-encoding", "br, gzip;q=0.5")];
        let small = browser.call(Method::GET, path, &accepts, Vec::new()).await;
        assert_eq!(small.headers[header::CONTENT_ENCODING], "gzip", "{path}");
        assert!(small.body.len() < plain.body.len());
        let mut text = Vec::new();
        GzDecoder::new(small.body.as_slice())
            .read_to_end(&mut text)
            .unwrap();
        assert_eq!(text, plain.body);
        let refuses = [("accept-encoding", "gzip;q=0, identity")];
        let whole = browser.call(Method::GET, path, &refuses, Vec::new()).await;
        assert_eq!(whole.body, plain.body);
    }
}

#[tokio::test]
async fn what_the_browser_has_is_not_sent_again() {
    let fixture = Fixture::new().await;
    let browser = fixture.browser();
    let first = browser.get("/sign.json").await;
    let tag = first.headers[header::ETAG].to_str().unwrap();
    let again = [("if-none-match", tag)];
    let answer = browser
        .call(Method::GET, "/sign.json", &again, Vec::new())
        .await;
    assert_eq!(answer.status, StatusCode::NOT_MODIFIED);
    assert!(answer.body.is_empty());
    let other = [("if-none-match", "W/\"0000000000000000\"")];
    let answer = browser
        .call(Method::GET, "/sign.json", &other, Vec::new())
        .await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn another_versions_files_are_not_here() {
    let fixture = Fixture::new().await;
    let answer = fixture.browser().get("/assets/0.0.0-00/sign.js").await;
    assert_eq!(answer.why(), "NOT_FOUND ");
}
