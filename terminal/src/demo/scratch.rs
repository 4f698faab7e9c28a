//! The folder in which platform and phones live while the demo runs.

use crate::exit::{Failure, codes};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use tempfile::TempDir;

/// Removals that are tried: a task that was still writing may put a file behind the back of the first.
const REMOVALS: usize = 20;

/// A folder that is gone, with all in it, when this is dropped.
pub struct Scratch(TempDir);

impl Scratch {
    /// Makes the folder where the system keeps its temporary files.
    pub fn new() -> Result<Self, Failure> {
        let made = tempfile::Builder::new().prefix("kapok-").tempdir();
        made.map(Self)
            .map_err(|error| Failure::io(codes::OUTPUT, &std::env::temp_dir(), &error))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        for _ in 0..REMOVALS {
            match fs::remove_dir_all(self.0.path()) {
                Err(error) if error.kind() != ErrorKind::NotFound => std::thread::yield_now(),
                _ => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn the_folder_goes_even_while_someone_writes_into_it() {
        let scratch = Scratch::new().unwrap();
        let path = scratch.path().to_owned();
        let begun = Arc::new(AtomicBool::new(false));
        let writer = std::thread::spawn({
            let (path, begun) = (path.clone(), Arc::clone(&begun));
            move || {
                for number in 0.. {
                    if fs::write(path.join(number.to_string()), b"x").is_err() {
                        return;
                    }
                    begun.store(true, Ordering::Release);
                }
            }
        });
        while !begun.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
        drop(scratch);
        writer.join().unwrap();
        assert!(!path.exists());
    }
}
