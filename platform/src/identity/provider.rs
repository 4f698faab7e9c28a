//! The face provider: the backend opens an order there and fetches the result itself, never from the mini program.

use super::persons::Person;
use crate::face_results::Liveness;
use crate::server::Failure;
use crate::store::BoxFuture;
use kapok_protocol::api::identity::DocumentKind;

/// Names one check at the provider: 128 random bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Order(pub [u8; 16]);

/// The person whose face it was.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedPerson {
    /// The person's key.
    pub mac: [u8; 32],
    /// Name, as the provider's source has it.
    pub name: String,
    /// Kind of document.
    pub document: DocumentKind,
    /// How sure the provider is.
    pub liveness: Liveness,
}

/// What the provider says of an order.
#[derive(Clone, PartialEq, Eq)]
pub enum Provided {
    /// Nobody has looked into the camera yet.
    Waiting,
    /// The face is that of the person of the order.
    Passed(VerifiedPerson),
    /// It is not, or nobody alive was seen.
    Failed,
}

/// A provider of face checks.
pub trait FaceProvider: Send + Sync {
    /// Opens an order for a person.
    fn open<'a>(&'a self, order: Order, person: &'a Person) -> BoxFuture<'a, Result<(), Failure>>;

    /// Fetches the result.
    fn fetch(&self, order: Order) -> BoxFuture<'_, Result<Provided, Failure>>;
}
