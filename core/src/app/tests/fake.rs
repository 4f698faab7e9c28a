//! A loopback server with a script: real TLS and HTTP under the app, answers chosen by the test.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

pub const ROOT: &str = include_str!("../../../testdata/root.pem");

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method and path.
    pub route: String,
    pub headers: HashMap<String, String>,
    pub body: serde_json::Value,
}

pub enum Reply {
    /// Status and JSON body.
    Json(u16, serde_json::Value),
    /// The connection breaks after the request was taken.
    Lost,
}

type Script = dyn Fn(&Request, usize) -> Reply + Send + Sync;

pub struct Fake {
    pub url: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Fake {
    /// `script` gets each request and how many of the same route came before.
    pub async fn start(script: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(serve(listener, seen.clone(), Arc::new(script)));
        Self { url, seen }
    }

    pub fn all(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    pub fn seen(&self, route: &str) -> Vec<Request> {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|r| r.route == route).cloned().collect()
    }
}

async fn serve(listener: TcpListener, seen: Arc<Mutex<Vec<Request>>>, script: Arc<Script>) {
    let acceptor = TlsAcceptor::from(Arc::new(config()));
    while let Ok((socket, _)) = listener.accept().await {
        tokio::spawn(connection(
            acceptor.clone(),
            socket,
            seen.clone(),
            script.clone(),
        ));
    }
}

fn config() -> rustls::ServerConfig {
    let chain = CertificateDer::pem_slice_iter(include_bytes!("../../../testdata/server.pem"));
    let chain = chain.map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../../../testdata/server.key.pem"));
    rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key.unwrap())
        .unwrap()
}

async fn connection(
    acceptor: TlsAcceptor,
    socket: TcpStream,
    seen: Arc<Mutex<Vec<Request>>>,
    script: Arc<Script>,
) {
    let Ok(mut stream) = acceptor.accept(socket).await else {
        return;
    };
    let mut bytes = Vec::new();
    let request = loop {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(n) if n > 0 => bytes.extend_from_slice(&chunk[..n]),
            _ => return,
        }
        if let Some(request) = parse(&bytes) {
            break request;
        }
    };
    let before = {
        let mut seen = seen.lock().unwrap();
        let before = seen.iter().filter(|r| r.route == request.route).count();
        seen.push(request.clone());
        before
    };
    let Reply::Json(status, body) = script(&request, before) else {
        return;
    };
    let body = if status == 204 {
        String::new()
    } else {
        body.to_string()
    };
    let answer = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// Nothing until the whole request is there.
fn parse(bytes: &[u8]) -> Option<Request> {
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let route = lines.next()?.rsplit_once(' ')?.0.to_owned();
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .get("content-length")
        .map_or(0, |n| n.parse().unwrap());
    let body = bytes.get(end + 4..end + 4 + length)?;
    let body = serde_json::from_slice(body).unwrap_or_default();
    Some(Request {
        route,
        headers,
        body,
    })
}
