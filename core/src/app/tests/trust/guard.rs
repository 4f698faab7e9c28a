//! The guard's answers.

use super::*;

impl Trust {
    pub(super) fn guard(&self, name: &str, body: &serde_json::Value) -> Reply {
        let body: SignedBody = serde_json::from_value(body.clone()).unwrap();
        let signed = Signed::try_from(body).unwrap();
        let hash = signed.hash();
        let mut inner = self.inner();
        if let Some(kept) = inner.answers.get(&hash) {
            return json(&SignedBody::from(kept.clone()));
        }
        inner.log_n += 1;
        let key = inner.device_key.unwrap();
        let answered = match name {
            "state" => self.state(&mut inner, signed.open(&key).unwrap(), hash),
            "nonce" => nonce(&mut inner, signed.open(&key).unwrap(), hash, self.now),
            "eval" => eval(&mut inner, signed.open(&key).unwrap(), hash, &signed.body),
            "confirm" => self.confirm(&mut inner, signed.open(&key).unwrap(), hash),
            "stage" => self.stage(&mut inner, signed.open(&key).unwrap(), hash),
            "eval_staged" => eval_staged(&mut inner, signed.open(&key).unwrap(), hash),
            "commit" => self.commit(&mut inner, signed.open(&key).unwrap(), hash),
            "pick" => pick(&mut inner, signed.open(&key).unwrap(), hash),
            "receipt" => self.receipt(&mut inner, signed.open(&key).unwrap(), hash),
            _ => Err(inner.stranger),
        };
        let answer = answered.unwrap_or_else(|code| {
            sign(
                &GUARD,
                &Refusal {
                    suite: Suite::P256,
                    request: hash,
                    code,
                    tries_left: None,
                    wait_seconds: (code == ErrorCode::PinWait).then_some(60),
                    time: self.now,
                },
            )
        });
        inner.answers.insert(hash, answer.clone());
        json(&SignedBody::from(answer))
    }

    fn state(&self, inner: &mut Inner, request: StateRequest, hash: [u8; 32]) -> Answered {
        assert_eq!(request.account, account().account_id);
        if let Some(code) = inner.unknown {
            return Err(code);
        }
        Ok(sign(
            &GUARD,
            &StateAnswer {
                suite: Suite::P256,
                request: hash,
                epoch: inner.epoch,
                slot_hash: inner.slot_hash,
                state: GuardState::Ok,
                tries_left: 10 - inner.fails,
                wait_seconds: 0,
                log_n: inner.log_n,
                log_head: [0; 32],
                time: self.now,
                renew: false,
            },
        ))
    }

    fn stage(&self, inner: &mut Inner, request: StageRequest, hash: [u8; 32]) -> Answered {
        let Authority::FirstSet(ticket) = &request.authority else {
            return Err(ErrorCode::GuardRefused);
        };
        let ticket: FirstSetTicket = ticket.open(&public(&FACE)).unwrap();
        assert_eq!(DeviceId::of_key(&ticket.device_key), request.device);
        if inner.epoch != 0 {
            return Err(ErrorCode::PinAlreadySet);
        }
        let (stage, salt) = (inner.id(), inner.fresh());
        inner.stage = Some((stage, salt));
        let key = guard_oprf_key(&MASTER, &salt, request.account, request.epoch).unwrap();
        Ok(sign(
            &GUARD,
            &StageAnswer {
                suite: Suite::P256,
                request: hash,
                stage,
                epoch: request.epoch,
                oprf_pk: key.public_key(),
                ends: self.now + 600,
            },
        ))
    }

    fn commit(&self, inner: &mut Inner, request: CommitRequest, hash: [u8; 32]) -> Answered {
        let (stage, salt) = inner.stage.ok_or(ErrorCode::GuardStale)?;
        request.verify_possession().unwrap();
        let ticket: StagingTicket = request.face_ticket.open(&public(&FACE)).unwrap();
        if stage != request.stage || ticket.stage != stage {
            return Err(ErrorCode::GuardStale);
        }
        let context = ShareContext {
            account: request.account,
            device: request.device,
            kind: ShareKind::Guard { epoch: 1 },
        };
        let share = open_share(&context, &GUARD_DELIVERY, &request.share).unwrap();
        inner.s_g = Some(*share);
        inner.epoch = 1;
        inner.row_salt = salt;
        inner.stage = None;
        inner.pk_auth = Some(request.pk_auth);
        inner.slot_hash = Some(request.slot_hash);
        let mut answer = CommitAnswer {
            suite: Suite::P256,
            request: hash,
            account: request.account,
            device: request.device,
            epoch: 1,
            slot_hash: request.slot_hash,
            log_n: inner.log_n,
            log_head: [0; 32],
            time: self.now,
        };
        match inner.tamper {
            Tamper::CommitAccount => answer.account.0[0] ^= 1,
            Tamper::CommitSlot => answer.slot_hash[0] ^= 1,
            _ => {}
        }
        Ok(sign(&GUARD, &answer))
    }

    fn confirm(&self, inner: &mut Inner, request: ConfirmRequest, hash: [u8; 32]) -> Answered {
        let (attempt, transcript, meant) = inner.eval.ok_or(ErrorCode::GuardRefused)?;
        assert_eq!(attempt, request.attempt);
        let statement = PinConfirm {
            suite: Suite::P256,
            account: request.account,
            device: request.device,
            epoch: inner.epoch,
            attempt,
            transcript,
            intent: meant,
        };
        let pk_auth = inner.pk_auth.unwrap();
        statement.verify(&pk_auth, &request.pin_signature).unwrap();
        assert_eq!(
            intent(request.kind, request.count, &request.h).unwrap(),
            meant
        );
        assert!(request.kind.allows(request.count));
        inner.fails = 0;
        for added in &request.added {
            let context = ShareContext {
                account: request.account,
                device: request.device,
                kind: ShareKind::Cert {
                    cert_id: added.cert_id,
                },
            };
            let share = open_share(&context, &GUARD_DELIVERY, &added.share).unwrap();
            inner
                .certs
                .insert(added.cert_id, (added.public_key, *share));
        }
        let lease = request.lease_key.map(|key| Lease {
            id: LeaseId(inner.id()),
            key,
            count: request.count,
            n: 0,
            picked: None,
        });
        inner.lease = lease.clone();
        let proof_id = inner.id();
        let mut proof = PinProof {
            suite: Suite::P256,
            account: request.account,
            device: request.device,
            kind: request.kind,
            intent: meant,
            proof_id,
            time: self.now,
        };
        match inner.tamper {
            Tamper::ProofAccount => proof.account.0[0] ^= 1,
            Tamper::ProofKind => proof.kind = PinKind::Object,
            _ => {}
        }
        let pin_proof = sign(&GUARD, &proof);
        Ok(sign(
            &GUARD,
            &ConfirmAnswer {
                suite: Suite::P256,
                request: hash,
                shares: vec![],
                withheld: vec![],
                lease: lease.map(|lease| LeaseGrant {
                    lease: lease.id,
                    count: lease.count,
                    ends: self.now + LEASE_SECONDS,
                }),
                pin_proof,
                time: self.now,
            },
        ))
    }

    fn receipt(&self, inner: &mut Inner, request: ReceiptRequest, hash: [u8; 32]) -> Answered {
        let lease = inner.lease.clone().ok_or(ErrorCode::LeaseOver)?;
        let item = &request.items[0];
        if item.n != lease.n + 1 || item.n > lease.count || lease.picked != Some(item.cert_id) {
            return Err(ErrorCode::LeaseOver);
        }
        inner.lease.as_mut().unwrap().n = item.n;
        let receipt = Receipt {
            suite: Suite::P256,
            lease: lease.id,
            n: item.n,
            cert_id: item.cert_id,
            digest: item.digest,
            signature_hash: Receipt::hash_signature(&item.signature),
            time: self.now,
            reset_at: None,
        };
        let receipts = vec![sign(&GUARD, &receipt)];
        Ok(sign(
            &GUARD,
            &ReceiptAnswer {
                suite: Suite::P256,
                request: hash,
                receipts,
            },
        ))
    }
}

fn nonce(inner: &mut Inner, request: NonceRequest, hash: [u8; 32], now: u64) -> Answered {
    let nonce = Nonce::issue(
        &MASTER,
        request.account,
        request.device,
        &inner.fresh(),
        now,
    );
    let answer = NonceAnswer {
        suite: Suite::P256,
        request: hash,
        nonce,
    };
    Ok(sign(&GUARD, &answer))
}

fn eval(inner: &mut Inner, request: EvalRequest, hash: [u8; 32], body: &[u8]) -> Answered {
    if request.epoch != inner.epoch {
        return Err(ErrorCode::GuardStale);
    }
    if inner.fails == 9 {
        return Err(ErrorCode::PinBlocked);
    }
    inner.fails += 1;
    let master = if inner.tamper == Tamper::OtherKey {
        [0; 32]
    } else {
        MASTER
    };
    let key = guard_oprf_key(&master, &inner.row_salt, request.account, request.epoch).unwrap();
    let mut evaluation = key.evaluate(&request.blinded, &inner.fresh()).unwrap();
    let mut signer = GUARD;
    let mut named = hash;
    match inner.tamper {
        Tamper::ProofBit => evaluation.proof[40] ^= 1,
        Tamper::Echo => evaluation.element = request.blinded.array().unwrap(),
        Tamper::OtherSigner => signer = FACE,
        Tamper::OtherRequest => named[0] ^= 1,
        _ => {}
    }
    let attempt = inner.id();
    let transcript = eval_transcript(body, &evaluation.element);
    inner.eval = Some((attempt, transcript, request.intent));
    Ok(sign(
        &signer,
        &EvalAnswer {
            suite: Suite::P256,
            request: named,
            attempt,
            evaluated: evaluation.element,
            proof: evaluation.proof,
            tries_left: 10 - inner.fails,
            wait_seconds: if inner.fails > 3 { 60 } else { 0 },
        },
    ))
}

fn eval_staged(inner: &mut Inner, request: EvalStagedRequest, hash: [u8; 32]) -> Answered {
    let (stage, salt) = inner.stage.ok_or(ErrorCode::GuardStale)?;
    if stage != request.stage {
        return Err(ErrorCode::GuardStale);
    }
    let key = guard_oprf_key(&MASTER, &salt, request.account, 1).unwrap();
    let evaluation = key.evaluate(&request.blinded, &inner.fresh()).unwrap();
    Ok(sign(
        &GUARD,
        &EvalStagedAnswer {
            suite: Suite::P256,
            request: hash,
            evaluated: evaluation.element,
            proof: evaluation.proof,
        },
    ))
}

fn pick(inner: &mut Inner, request: PickRequest, hash: [u8; 32]) -> Answered {
    let lease = inner.lease.clone().ok_or(ErrorCode::LeaseOver)?;
    request
        .pick()
        .verify(&lease.key, &request.lease_signature)
        .unwrap();
    if lease.picked.is_some() {
        return Err(ErrorCode::GuardRefused);
    }
    let (_, share) = *inner
        .certs
        .get(&request.cert_id)
        .ok_or(ErrorCode::NotFound)?;
    inner.lease.as_mut().unwrap().picked = Some(request.cert_id);
    let context = ShareContext {
        account: request.account,
        device: request.device,
        kind: ShareKind::Cert {
            cert_id: request.cert_id,
        },
    };
    let share = seal_share(
        &context,
        &request.ephemeral,
        &inner.fresh(),
        &[7; 24],
        &share,
    );
    let answer = PickAnswer {
        suite: Suite::P256,
        request: hash,
        share: share.unwrap(),
    };
    Ok(sign(&GUARD, &answer))
}
