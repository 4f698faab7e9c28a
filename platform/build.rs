//! Makes cargo notice a new migration file: `sqlx::migrate!` alone watches only those that it has seen.
fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
