//! What the journeys share: judges that are not ours, and material for them.

pub mod judges;
pub mod material;
