//! The simulated face provider: an order waits until somebody on the mini program's page stands before the camera.

use crate::face_results::Liveness;
use crate::identity::persons::Person;
use crate::identity::{FaceProvider, Order, Provided, VerifiedPerson};
use crate::server::Failure;
use crate::store::BoxFuture;
use kapok_protocol::api::identity::DocumentKind;
use kapok_protocol::error::ErrorCode;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Whether the camera sees the person of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It does.
    Pass,
    /// It does not.
    Fail,
}

struct Waiting {
    mac: [u8; 32],
    name: String,
    document: DocumentKind,
    outcome: Option<Outcome>,
}

/// Orders in memory: a provider's own business.
#[derive(Default)]
pub struct SimulatedProvider(Mutex<HashMap<Order, Waiting>>);

impl SimulatedProvider {
    /// Orders that are kept; beyond it the provider starts anew.
    const ROOM: usize = 10_000;

    /// Somebody stands before the camera.
    pub fn look(&self, order: Order, outcome: Outcome) {
        let mut orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = orders.get_mut(&order) {
            waiting.outcome = Some(outcome);
        }
    }
}

impl FaceProvider for SimulatedProvider {
    fn open<'a>(&'a self, order: Order, person: &'a Person) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let mut orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if orders.len() >= Self::ROOM {
                orders.clear();
            }
            let waiting = Waiting {
                mac: person.mac,
                name: person.name.clone(),
                document: person.document,
                outcome: None,
            };
            orders.insert(order, waiting);
            Ok(())
        })
    }

    fn fetch(&self, order: Order) -> BoxFuture<'_, Result<Provided, Failure>> {
        Box::pin(async move {
            let orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(waiting) = orders.get(&order) else {
                return Ok(Provided::Failed);
            };
            Ok(match waiting.outcome {
                None => Provided::Waiting,
                Some(Outcome::Fail) => Provided::Failed,
                Some(Outcome::Pass) => Provided::Passed(VerifiedPerson {
                    mac: waiting.mac,
                    name: waiting.name.clone(),
                    document: waiting.document,
                    liveness: Liveness::High,
                }),
            })
        })
    }
}

/// Outside development, until a real provider stands in its place: no face check starts.
pub struct NoProvider;

impl FaceProvider for NoProvider {
    fn open<'a>(&'a self, _: Order, _: &'a Person) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async { Err(ErrorCode::ServiceDown.into()) })
    }

    fn fetch(&self, _: Order) -> BoxFuture<'_, Result<Provided, Failure>> {
        Box::pin(async { Err(ErrorCode::ServiceDown.into()) })
    }
}
