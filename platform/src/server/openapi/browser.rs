//! What a browser calls.

use super::call::{Call, Who, get, post};
use kapok_protocol::api::portal::{
    AskBatch, AskRequest, BatchMade, DocumentList, NewSession, RequestMade, ResultTaken,
    SessionMade, Uploaded,
};
use kapok_protocol::message::SignResult;

const PORTAL: &str = "portal";
const PAGE: &str = "page";
const HTML: &str = "text/html";
const PDF: &str = "application/pdf";
const JSON: &str = "application/json";

/// All calls of the browser's side but the simulators', which exist in development only.
pub fn calls() -> Vec<Call> {
    let mut all = super::phone::shared();
    all.extend(pages());
    all.extend(portal());
    all
}

fn pages() -> Vec<Call> {
    vec![
        get(PAGE, "/", "The PC page.").gives_file(HTML),
        get(
            PAGE,
            "/assets/{version}/{name}",
            "A file of the page, kept for ever.",
        )
        .gives_file("*/*"),
        get(
            PAGE,
            "/sign.json",
            "Address and integrity hashes of the module `sign.js`.",
        )
        .gives_file(JSON),
        get("ca", "/crl/{file}", "A revocation list: `NAME.crl`.")
            .gives_file("application/pkix-crl"),
        get(
            "ca",
            "/ca/{file}",
            "An authority's certificate: `NAME.cer`.",
        )
        .gives_file("application/pkix-cert"),
    ]
}

fn portal() -> Vec<Call> {
    vec![
        get(
            PORTAL,
            "/portal/api/documents",
            "What this browser has uploaded.",
        )
        .gives::<DocumentList>(),
        post(
            PORTAL,
            "/portal/api/documents",
            "Stores a PDF that can be signed; a new browser gets its cookie.",
        )
        .query("name", "File name, without a path.")
        .takes_file(PDF)
        .gives::<Uploaded>(),
        get(
            PORTAL,
            "/portal/api/documents/{doc}/signed.pdf",
            "The signed file.",
        )
        .by(Who::Visitor)
        .gives_file(PDF),
        post(
            PORTAL,
            "/portal/api/sessions",
            "Opens a signing session for documents.",
        )
        .by(Who::Visitor)
        .takes::<NewSession>()
        .gives::<SessionMade>(),
        post(
            PORTAL,
            "/portal/api/sessions/{sid}/request",
            "The portal's signed request for this phone and channel.",
        )
        .by(Who::Visitor)
        .takes::<AskRequest>()
        .gives::<RequestMade>(),
        post(
            PORTAL,
            "/portal/api/sessions/{sid}/batch",
            "Makes documents ready for a certificate and a seal.",
        )
        .by(Who::Visitor)
        .takes::<AskBatch>()
        .gives::<BatchMade>(),
        get(
            PORTAL,
            "/portal/api/sessions/{sid}/documents/{doc}",
            "A prepared file, whole or in parts (`Range`).",
        )
        .by(Who::Visitor)
        .gives_file(PDF),
        post(
            PORTAL,
            "/portal/api/sessions/{sid}/results",
            "Takes a signature, once, if everything about it holds.",
        )
        .by(Who::Visitor)
        .takes::<SignResult>()
        .gives::<ResultTaken>(),
        post(PORTAL, "/portal/api/sessions/{sid}/end", "Ends a session.")
            .by(Who::Visitor)
            .takes_file(JSON),
    ]
}
