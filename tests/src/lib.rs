//! What the journeys share: rules of the house, judges that are not ours, and material for them.

pub mod architecture;
pub mod judges;
pub mod material;
pub mod world;
