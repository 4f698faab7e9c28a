//! What every role is given: store, clock, settings and keys.

use crate::clock::Clock;
use crate::config::{Config, StartError};
use crate::face::Results;
use crate::face_results::FaceResults;
use crate::guard::Guard;
use crate::identity::FaceProvider;
use crate::keys::Keys;
use crate::kms::{Kms, Token};
use crate::pki::{Authority, Pki};
use crate::portal::Portal;
use crate::relay::LocalBus;
use crate::role_keys::RoleKeys;
use crate::server::Proofs;
use crate::simulators::{NoProvider, People, SimulatedProvider, SmsInbox, seed};
use crate::store::sealed::Sealer;
use crate::store::{self, Database};
use kapok_protocol::api::profile::PinnedKeys;
use kapok_protocol::ids::Bytes;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// One platform. Handlers get it as `State<Arc<Platform>>`.
pub struct Platform {
    /// Settings.
    pub config: Config,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The main database.
    pub db: Database,
    /// Face results: a file of its own.
    pub face_db: Arc<Database>,
    /// The face service's results.
    pub face: Arc<dyn FaceResults>,
    /// Who checks faces.
    pub provider: Arc<dyn FaceProvider>,
    /// The simulated camera behind `provider`.
    pub simulated_camera: Arc<SimulatedProvider>,
    /// Simulated people; of use in development only.
    pub people: People,
    /// Simulated short messages.
    pub sms: SmsInbox,
    /// The face service's own keys.
    pub face_keys: RoleKeys,
    /// The PIN guard.
    pub guard: Arc<Guard>,
    /// Key files.
    pub keys: Keys,
    /// Seals personal data of the main database.
    pub sealer: Sealer,
    /// DPoP proofs that were seen.
    pub proofs: Proofs,
    /// Public keys of the roles.
    pub pinned: PinnedKeys,
    /// Certificate and seal authorities.
    pub pki: Pki,
    /// Sessions between PC pages and phones.
    pub relay: Arc<LocalBus>,
    /// The demonstration portal.
    pub portal: Portal,
    /// Base address of the phone's side, such as `https://127.0.0.1:8443`; what a DPoP proof must name.
    pub https_url: String,
    /// Base address of the browser's side.
    pub http_url: String,
    /// Cancelled when the platform shuts down; long-lived sockets watch it.
    pub stop: CancellationToken,
}

impl Platform {
    /// Opens the folder: keys, databases and their migrations. The addresses are those that the listeners got.
    pub async fn open(
        config: Config,
        https_url: String,
        http_url: String,
    ) -> Result<Arc<Self>, StartError> {
        std::fs::create_dir_all(&config.dir)
            .map_err(|e| StartError::Io("making the platform's folder", e))?;
        let keys = Keys::open(&config.dir)?;
        let now = config.clock.seconds();
        let pki = Pki::open(&keys, now, &config.pki_base)?;
        let db = Database::open(&config.dir.join("platform.db"), &store::MAIN).await?;
        let face_db = Arc::new(Database::open(&config.dir.join("face.db"), &store::FACE).await?);
        face_db.shred_deleted().await?;
        let token = config.token.as_ref().map(Token::open).transpose()?;
        let kms: &dyn Kms = token.as_ref().map_or(&keys, |token| token);
        let face_keys = RoleKeys::open(kms, "face")?;
        let (clock, face) = (Arc::clone(&config.clock), *face_keys.sign_public());
        let guard = config.guard.decided(config.development);
        if guard.copies == Some(1) {
            tracing::warn!("the guard's database is in one place only: with it all PINs are lost");
        }
        let guard = Guard::open(&config.dir, &guard, kms, clock, face).await?;
        let at = (http_url.as_str(), config.clock.micros());
        let portal = Portal::open(&config.dir, &keys, &pki, &db, at).await?;
        let (clock, stop) = (Arc::clone(&config.clock), CancellationToken::new());
        let millis = move || u64::try_from(clock.micros() / 1000).unwrap_or(0);
        let relay = Arc::new(LocalBus::new(Arc::new(millis)));
        tokio::spawn(crate::relay::run(Arc::clone(&relay), stop.clone()));
        let development = config.development;
        let simulated_camera = Arc::new(SimulatedProvider::default());
        let provider: Arc<dyn FaceProvider> = if development {
            Arc::clone(&simulated_camera) as _
        } else {
            Arc::new(NoProvider)
        };
        let platform = Arc::new(Self {
            clock: Arc::clone(&config.clock),
            config,
            db,
            face: Arc::new(Results::new(Arc::clone(&face_db), &keys)),
            face_db,
            provider,
            simulated_camera,
            people: People::built_in()?,
            sms: SmsInbox::default(),
            sealer: Sealer::new(&keys.derive("main/seal")),
            pinned: pinned(&pki, &guard, &face_keys),
            face_keys,
            guard,
            keys,
            proofs: Proofs::default(),
            pki,
            relay,
            portal,
            https_url,
            http_url,
            stop,
        });
        platform.portal.ask(Box::new(crate::ca::Status));
        tokio::spawn(crate::guard::follow(Arc::clone(&platform)));
        if development {
            tracing::warn!(
                "development: the simulators under /sim are on, and so are their people and accounts"
            );
            seed(&platform).await?;
        }
        Ok(platform)
    }

    /// Microseconds since the epoch.
    pub fn now(&self) -> i64 {
        self.clock.micros()
    }

    /// Waits for the writers, folds the write-ahead logs back and closes the files.
    pub async fn close(&self) {
        self.stop.cancel();
        self.db.close().await;
        self.face_db.close().await;
        self.guard.close().await;
    }
}

fn pinned(pki: &Pki, guard: &Guard, face: &RoleKeys) -> PinnedKeys {
    let der = |authority: &Authority| Bytes::from(authority.certificate.der());
    PinnedKeys {
        guard_sign: Bytes::from(*guard.sign_public()),
        guard_delivery: Bytes::from(*guard.delivery_public()),
        face_sign: Bytes::from(*face.sign_public()),
        face_delivery: Bytes::from(*face.delivery_public()),
        ca_root: der(&pki.root),
        seal_root: der(&pki.seal_root),
        rp_root: der(&pki.rp_root),
    }
}
