//! Reading a file that a person named.

use crate::exit::{Failure, codes};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The bytes of a file, of `max` at most: who takes fewer sees that there are too many.
pub fn read(path: &Path, max: u64) -> Result<Vec<u8>, Failure> {
    let failed = |error: io::Error| Failure::io(codes::FILE_UNREADABLE, path, &error);
    let about = std::fs::metadata(path).map_err(failed)?;
    // A pipe or a device may never end.
    if !about.is_file() {
        return Err(Failure::new(
            codes::FILE_UNREADABLE,
            format!("{} 不是普通文件。", path.display()),
            format!("{} is not a regular file.", path.display()),
        ));
    }
    let mut bytes = Vec::with_capacity(about.len().min(max) as usize);
    File::open(path)
        .and_then(|file| file.take(max).read_to_end(&mut bytes))
        .map_err(failed)?;
    Ok(bytes)
}
