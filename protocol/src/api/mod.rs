//! Bodies of the HTTP interface `/v1`, JSON. Additive: unknown fields are ignored, unknown enum values read as `Unknown`.
//!
//! Every call but the public ones carries `Authorization: DPoP <access token>` and a `DPoP` proof (RFC 9449) by the phone's
//! hardware key. Calls with an effect carry `Idempotency-Key`: 32 hexadecimal digits, stored by the phone before the first send.

pub mod agents;
pub mod certificates;
pub mod guard;
pub mod identity;
pub mod portal;
pub mod profile;
pub mod registry;
pub mod seals;
