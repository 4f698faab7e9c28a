//! The terminal phone as a program.

use std::path::PathBuf;

/// `kapok`, built beside the test that asks.
pub fn kapok() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.ancestors().nth(2).unwrap().join("kapok");
    assert!(
        program.is_file(),
        "`cargo build` makes {}",
        program.display()
    );
    program
}
