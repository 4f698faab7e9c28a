//! The CA's answers.

use super::*;

impl Trust {
    pub(super) fn views(&self) -> Vec<CertificateView> {
        let inner = self.inner();
        let served = if inner.second { 2 } else { 1 };
        let view = |enterprise_id: EnterpriseId| {
            let order = inner
                .orders
                .iter()
                .find(|o| o.enterprise_id == enterprise_id);
            let issued = order.and_then(|order| {
                let mut all = inner.issued.values();
                all.find(|issued| issued.order_id == order.order_id)
            });
            CertificateView {
                enterprise_id,
                enterprise: "广东木棉科技有限公司".into(),
                kind: CertificateKind::Employee,
                state: match issued {
                    Some(_) => CertificateState::Active,
                    None => CertificateState::Installable,
                },
                serial: issued.map(|issued| issued.serial.clone()),
                not_after: issued.map(|_| self.now + YEAR),
                admin: false,
            }
        };
        [ENTERPRISE, SECOND]
            .into_iter()
            .take(served)
            .map(view)
            .collect()
    }

    /// Issues when the evidence is what the phone should send.
    pub(super) fn order(&self, order: OrderCertificate) -> Reply {
        let proof = Signed::try_from(order.pin_proof.clone()).unwrap();
        let proof: PinProof = proof.open(&public(&GUARD)).unwrap();
        let object: [u8; 32] = Sha256::digest(&*order.csr).into();
        let h = intent_object(&order.intent_salt.array().unwrap(), &object, None, None).unwrap();
        assert_eq!(proof.intent, intent(PinKind::Install, 0, &h).unwrap());
        let statement = IssueStatement {
            suite: Suite::P256,
            order: order.order_id,
            csr_hash: object,
        };
        let key = order.device_key.array().unwrap();
        let signature = order.device_signature.array().unwrap();
        statement.verify(&key, &signature).unwrap();
        let face = Signed::try_from(order.face.clone()).unwrap();
        let face: FaceAssertion = face.open(&public(&FACE)).unwrap();
        assert_eq!(face.reference, order.order_id.0);
        let csr = Csr::parse(&order.csr).unwrap();
        let serial: [u8; 8] = *self.inner().fresh().first_chunk().unwrap();
        let serial = serial.map(|byte| byte & 0x7f | 0x40);
        let tbs = x509::tbs(&IssueRequest {
            profile: x509::Profile::Employee,
            serial: &serial,
            issuer: Some(&self.root),
            subject: Subject {
                common_name: "张伟".into(),
                organization: Some("广东木棉科技有限公司".into()),
                ..Subject::default()
            },
            subject_spki_der: csr.spki_der(),
            not_before: self.now - 60,
            not_after: self.now + YEAR,
            crl_url: Some("http://localhost/crl/ca.crl"),
            ca_issuers_url: Some("http://localhost/ca/root.cer"),
            ocsp_url: None,
        });
        let der = x509::certificate(&tbs.unwrap(), &P256Key::from_scalar(&CA).unwrap()).unwrap();
        let issued = CertificateIssued {
            order_id: order.order_id,
            serial: hex::encode(serial),
            chain: vec![Bytes(der)],
        };
        let mut inner = self.inner();
        inner.issued.insert(hex::encode(object), issued.clone());
        inner.orders.push(order);
        json(&issued)
    }
}
