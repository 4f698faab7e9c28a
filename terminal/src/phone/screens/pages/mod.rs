//! The screens, one file a capability: state, keys, and what is shown.

pub mod agents;
pub mod certificates;
pub mod enterprises;
pub mod home;
pub mod invite;
pub mod login;
pub mod phones;
pub mod scan;
pub mod seals;
pub mod session;
pub mod session_rows;
