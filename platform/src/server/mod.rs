//! The two listeners and what every answer has in common.
//!
//! Triggered by [`start`]. Outcome: [`Running`]. Ends with [`Running::shutdown`], which lets open requests finish.

mod input;
mod layers;
mod listen;
mod openapi;
mod principal;
mod respond;
pub mod tls;

pub use input::{Input, json_of};
pub use principal::{Acr, DeviceProof, IdempotencyKey, Principal, Proofs};
pub use respond::{Answer, Failure};

use crate::config::{Config, StartError};
use crate::platform::Platform;
use axum::Router;
use axum::routing::get;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

/// A started platform.
pub struct Running {
    /// Where the phone's side listens.
    pub https_at: SocketAddr,
    /// The phone's side, TLS under [`Running::tls_root_pem`].
    pub https_url: String,
    /// The browser's side, this machine only.
    pub http_url: String,
    /// The platform's TLS root, PEM: what the phone trusts.
    pub tls_root_pem: String,
    platform: Arc<Platform>,
    connections: TaskTracker,
}

impl Running {
    /// Where the simulators' pages are, in development.
    pub fn simulators_url(&self) -> Option<String> {
        let on = self.platform.config.development;
        on.then(|| format!("{}/sim", self.http_url))
    }

    /// What the roles work on.
    pub const fn platform(&self) -> &Arc<Platform> {
        &self.platform
    }

    /// Stops accepting, lets open requests finish for up to ten seconds, then closes the files.
    pub async fn shutdown(self) {
        self.platform.stop.cancel();
        self.connections.close();
        if tokio::time::timeout(listen::DRAIN, self.connections.wait())
            .await
            .is_err()
        {
            tracing::warn!("connections were still open at the end of the drain");
        }
        self.platform.close().await;
    }
}

/// Binds both listeners, opens the folder and serves every role.
pub async fn start(config: Config) -> Result<Running, StartError> {
    start_behind(config, None).await
}

/// As [`start`], where phones come through something that passes TLS on, such as a balancer: `https_url` is the address that they
/// know, and what their proofs must name.
pub async fn start_behind(
    config: Config,
    https_url: Option<String>,
) -> Result<Running, StartError> {
    if !config.http.ip().is_loopback() {
        return Err(StartError::HttpNotLoopback);
    }
    let bind = |e| StartError::Io("binding a listener", e);
    let https = TcpListener::bind(config.https).await.map_err(bind)?;
    let http = TcpListener::bind(config.http).await.map_err(bind)?;
    let https_at = https.local_addr().map_err(bind)?;
    let https_url = https_url.unwrap_or_else(|| format!("https://{https_at}"));
    let http_url = format!("http://{}", http.local_addr().map_err(bind)?);
    let ip = config.https.ip();

    let platform = Platform::open(config, https_url.clone(), http_url.clone()).await?;
    let identity = tls::identity(&platform.pki, ip)?;
    let connections = TaskTracker::new();
    let stop = platform.stop.clone();
    connections.spawn(listen::tls(
        https,
        identity.server,
        phone_router(&platform),
        connections.clone(),
        stop.clone(),
    ));
    connections.spawn(listen::plain(
        http,
        browser_router(&platform),
        connections.clone(),
        stop,
    ));
    Ok(Running {
        https_at,
        https_url,
        http_url,
        tls_root_pem: identity.root_pem,
        platform,
        connections,
    })
}

/// Everything that a phone calls: `/v1/…`, served on TLS. A role adds a line, and its calls to [`openapi`].
pub fn phone_router(platform: &Arc<Platform>) -> Router {
    let roles = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .merge(openapi::phone_routes())
        .merge(crate::profile::routes())
        .merge(crate::identity::routes())
        .merge(crate::registry::routes())
        .merge(crate::agents::routes())
        .merge(crate::simulators::public_routes())
        .merge(crate::face::routes())
        .merge(crate::guard::routes())
        .merge(crate::relay::routes())
        .merge(crate::portal::phone_routes())
        .merge(crate::ca::routes())
        .merge(crate::seals::routes());
    layers::phone(roles, Arc::clone(&platform.clock)).with_state(Arc::clone(platform))
}

/// Everything that a browser calls: pages, simulators, the portal, CRLs and the relay, served on loopback. A role adds
/// a line.
pub fn browser_router(platform: &Arc<Platform>) -> Router {
    let simulators = if platform.config.development {
        crate::simulators::routes()
    } else {
        Router::new()
    };
    let roles = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .merge(openapi::browser_routes())
        .merge(simulators)
        .merge(crate::simulators::public_routes())
        .merge(crate::relay::routes())
        .merge(crate::portal::browser_routes())
        .merge(crate::ca::public_routes());
    layers::browser(roles).with_state(Arc::clone(platform))
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
