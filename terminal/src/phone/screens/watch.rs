//! `--watch DIR`: new pictures in a folder, found by looking at its listing once a second.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Between two looks.
pub const PERIOD: Duration = Duration::from_secs(1);

/// What was seen in the folder.
pub struct Folder {
    path: PathBuf,
    /// Size at the last look, and whether the picture was given out.
    seen: HashMap<PathBuf, (u64, bool)>,
}

impl Folder {
    /// Pictures that are there already are not new.
    pub fn new(path: &Path) -> Self {
        let seen = pictures(path)
            .into_iter()
            .map(|(path, size)| (path, (size, true)))
            .collect();
        Self {
            path: path.to_owned(),
            seen,
        }
    }

    /// Pictures that have come since. One that is still growing is given out when its size has stood still between two looks.
    pub fn look(&mut self) -> Vec<PathBuf> {
        let mut complete = Vec::new();
        let mut now = HashMap::new();
        for (path, size) in pictures(&self.path) {
            let (before, given) = self.seen.get(&path).copied().unwrap_or((u64::MAX, false));
            let grown = size > 0 && before == size;
            if grown && !given {
                complete.push(path.clone());
            }
            now.insert(path, (size, given || grown));
        }
        self.seen = now;
        complete.sort();
        complete
    }
}

fn pictures(folder: &Path) -> Vec<(PathBuf, u64)> {
    // A folder that cannot be read now holds nothing now.
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let sized = |entry: std::fs::DirEntry| Some((entry.path(), entry.metadata().ok()?.len()));
    entries
        .filter_map(Result::ok)
        .filter_map(sized)
        .filter(|(path, _)| is_picture(path))
        .collect()
}

fn is_picture(path: &Path) -> bool {
    let end = path
        .extension()
        .and_then(|end| end.to_str())
        .map(str::to_ascii_lowercase);
    matches!(end.as_deref(), Some("png" | "jpg" | "jpeg"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn only_new_pictures_that_are_complete_are_given_out_and_only_once() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("old.png"), b"old").unwrap();
        let mut folder = Folder::new(home.path());
        assert!(folder.look().is_empty(), "an old picture is not new");

        let new = home.path().join("new.PNG");
        fs::write(&new, b"").unwrap();
        fs::write(home.path().join("notes.txt"), b"text").unwrap();
        assert!(
            folder.look().is_empty() && folder.look().is_empty(),
            "an empty file is not complete"
        );
        fs::write(&new, b"half").unwrap();
        assert!(folder.look().is_empty(), "it still grows");
        fs::write(&new, b"half and half").unwrap();
        assert!(folder.look().is_empty(), "it still grows");
        assert_eq!(folder.look(), std::slice::from_ref(&new));
        assert!(folder.look().is_empty(), "once only");

        fs::remove_file(&new).unwrap();
        assert!(folder.look().is_empty());
        fs::write(&new, b"again").unwrap();
        assert!(folder.look().is_empty());
        assert_eq!(folder.look(), [new], "the same name again is a new picture");
    }
}
