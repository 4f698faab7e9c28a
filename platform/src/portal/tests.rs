//! Every call of the portal, right and wrong, over its real router, store and files.

mod assets;
mod documents;
mod fixture;
mod holder;
mod results;
mod sessions;
