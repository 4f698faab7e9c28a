//! A person with a phone, a PIN and the enterprise of the demonstration; and orders with all their evidence.

use crate::guard::tests::client;
use crate::keys::Keys;
use crate::role_keys::RoleKeys;
use crate::testing::{Phone, Reply, World};
use kapok_formats::signer::P256Key;
use kapok_formats::x509::{Subject, build_csr};
use kapok_protocol::api::certificates::{CertificateIssued, CertificateKind, OrderCertificate};
use kapok_protocol::api::guard::SignedBody;
use kapok_protocol::guard::{IssueStatement, Suite, intent_object};
use kapok_protocol::ids::{AccountId, Bytes, CertId, EnterpriseId, HandoffId, OrderId};
use kapok_protocol::point;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::Arc;

const SALT: [u8; 32] = [0x5a; 32];
pub const COMPANY: &str = "广东木棉科技有限公司";

/// A person with a phone, a PIN and the enterprise of the demonstration.
pub struct Holder {
    pub phone: Phone,
    pub enterprise: EnterpriseId,
    pub pin: client::Phone,
    handoff: HandoffId,
}

impl Holder {
    pub async fn new(world: &World, person: &str) -> Self {
        let phone = world.logged_in(person).await;
        let (_, me) = phone.get(world, "/v1/me").await;
        let account: AccountId = me["account_id"].as_str().unwrap().parse().unwrap();
        let key = point::compressed(&phone.key.public_key());
        let handoff: Vec<u8> =
            sqlx::query_scalar("SELECT handoff FROM sessions WHERE device_key = $1")
                .bind(key.to_vec())
                .fetch_one(world.platform.db.reader())
                .await
                .unwrap();
        let enterprise: Vec<u8> = sqlx::query_scalar(
            "SELECT e.id FROM enterprises e JOIN register r ON r.uscc = e.uscc WHERE r.name = $1",
        )
        .bind(COMPANY)
        .fetch_one(world.platform.db.reader())
        .await
        .unwrap();
        let keys = Keys::open(&world.platform.config.dir).unwrap();
        let face = Arc::new(RoleKeys::open(&keys, "face").unwrap());
        let guard = Arc::clone(&world.platform.guard);
        let mut pin = client::Phone::of(guard, face, account, phone.key.to_bytes().into());
        pin.face = world.platform.mac_of(account).await.unwrap().unwrap();
        pin.set_first(&client::PIN, world.platform.clock.seconds())
            .await;
        Self {
            enterprise: EnterpriseId::from_slice(&enterprise).unwrap(),
            phone,
            pin,
            handoff: HandoffId::from_slice(&handoff).unwrap(),
        }
    }

    pub const fn handoff_id(&self) -> HandoffId {
        self.handoff
    }

    pub const fn account(&self) -> AccountId {
        self.pin.account
    }

    pub async fn statement(
        &self,
        world: &World,
        purpose: &str,
        reference: &[u8; 16],
    ) -> SignedBody {
        let ask = json!({
            "handoff_id": self.handoff, "purpose": purpose, "reference": Bytes::from(*reference),
        });
        let (status, body) = self.phone.post(world, "/v1/face/assertions", ask).await;
        assert_eq!(status, 200, "{body}");
        serde_json::from_value(body).unwrap()
    }

    /// An order with all its evidence; `cert` makes key, certificate id and order id.
    pub async fn order(
        &mut self,
        world: &World,
        cert: u8,
        kind: CertificateKind,
    ) -> OrderCertificate {
        let key = P256Key::from_scalar(&[cert; 32]).unwrap();
        // The name in the request is the requester's wish and nothing more.
        let wish = Subject {
            common_name: "别人".to_owned(),
            ..Subject::default()
        };
        let csr = build_csr(&key, &wish).unwrap();
        let csr_hash: [u8; 32] = Sha256::digest(&csr).into();
        self.pin.h = intent_object(&SALT, &csr_hash, None, None).unwrap();
        let confirm = self.pin.install(&client::PIN, cert).await;
        let order_id = OrderId([cert; 16]);
        let statement = IssueStatement {
            suite: Suite::P256,
            order: order_id,
            csr_hash,
        };
        let signature = client::sign(&self.pin.key, &statement.signing_input().unwrap());
        OrderCertificate {
            order_id,
            enterprise_id: self.enterprise,
            kind,
            cert_id: CertId([cert; 16]),
            csr: csr.into(),
            face: self.statement(world, "certificate", &order_id.0).await,
            device_signature: signature.into(),
            device_key: point::public_of(&self.pin.key).unwrap().into(),
            pin_proof: confirm.pin_proof.into(),
            intent_salt: SALT.into(),
        }
    }

    pub async fn send(&self, world: &World, order: &OrderCertificate) -> Reply {
        let body = serde_json::to_value(order).unwrap();
        self.phone.post(world, "/v1/certificates", body).await
    }

    pub async fn install(&mut self, world: &World, cert: u8) -> CertificateIssued {
        let order = self.order(world, cert, CertificateKind::Organisation).await;
        issued(&self.send(world, &order).await)
    }
}

pub fn issued((status, body): &Reply) -> CertificateIssued {
    assert_eq!(*status, 200, "{body}");
    serde_json::from_value(body.clone()).unwrap()
}
