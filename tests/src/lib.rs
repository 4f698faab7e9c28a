//! What the journeys share: rules of the house, judges that are not ours, and material for them.

pub mod architecture;
pub mod judges;
pub mod lives;
pub mod material;
pub mod memory;
pub mod pki;
pub mod postgres;
pub mod services;
pub mod terminal;
pub mod wire;
pub mod world;
