//! Files of the journey: written aside first, moved into place together at the end, so that an interrupted run leaves nothing.

use crate::exit::{Failure, codes};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Files that wait beside the output folder.
pub struct Outputs {
    folder: PathBuf,
    aside: tempfile::TempDir,
    names: Vec<String>,
}

impl Outputs {
    /// Prepares a folder beside `folder`, on the same disk, so that moving is a rename.
    pub fn beside(folder: &Path) -> Result<Self, Failure> {
        let parent = match folder.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let fail = |error: std::io::Error| Failure::io(codes::OUTPUT, parent, &error);
        if folder.exists() && !folder.is_dir() {
            let taken = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
            return Err(Failure::io(codes::OUTPUT, folder, &taken));
        }
        fs::create_dir_all(parent).map_err(fail)?;
        let aside = tempfile::Builder::new()
            .prefix(".kapok-demo-")
            .tempdir_in(parent)
            .map_err(fail)?;
        Ok(Self {
            folder: folder.to_owned(),
            aside,
            names: Vec::new(),
        })
    }

    /// Writes one file aside.
    pub fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.aside.path().join(name);
        let write = || -> std::io::Result<()> {
            let mut file = fs::File::create(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(|error| Failure::io(codes::OUTPUT, &self.folder.join(name), &error))?;
        self.names.push(name.to_owned());
        Ok(())
    }

    /// Names of what was put so far.
    pub fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    /// Moves everything into the output folder.
    pub fn publish(self) -> Result<(), Failure> {
        let fail = |error: std::io::Error| Failure::io(codes::OUTPUT, &self.folder, &error);
        fs::create_dir_all(&self.folder).map_err(fail)?;
        for name in &self.names {
            fs::rename(self.aside.path().join(name), self.folder.join(name)).map_err(fail)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_in_place_before_publish_and_nothing_is_left_aside_without_it() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("out");
        let mut outputs = Outputs::beside(&folder).unwrap();
        outputs.put("a.txt", b"a").unwrap();
        assert!(!folder.exists());
        drop(outputs);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }

    #[test]
    fn publish_moves_all_and_replaces_an_earlier_run() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("out");
        for text in [b"1", b"2"] {
            let mut outputs = Outputs::beside(&folder).unwrap();
            outputs.put("a.txt", text).unwrap();
            outputs.publish().unwrap();
            assert_eq!(fs::read(folder.join("a.txt")).unwrap(), text);
        }
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("out");
        fs::write(&folder, b"mine").unwrap();
        assert!(Outputs::beside(&folder).is_err());
        assert_eq!(fs::read(&folder).unwrap(), b"mine");
    }
}
