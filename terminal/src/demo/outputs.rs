//! Files of the journey: written aside first, moved into place together at the end, so that an interrupted run leaves nothing.

use crate::exit::{Failure, codes};
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Where the files of an earlier run wait until the new ones are in place.
const EARLIER: &str = "earlier";

/// Files that wait beside the output folder.
pub struct Outputs {
    folder: PathBuf,
    aside: tempfile::TempDir,
    names: Vec<String>,
}

impl Outputs {
    /// Prepares a folder beside `folder`, on the same disk, so that moving is a rename. Refuses what could not be written at the
    /// end of the journey.
    pub fn beside(folder: &Path) -> Result<Self, Failure> {
        let fail = |error: io::Error| Failure::io(codes::OUTPUT, folder, &error);
        if folder.exists() {
            if !folder.is_dir() {
                return Err(fail(ErrorKind::NotADirectory.into()));
            }
            // Only trying tells whether the folder can be written; the file has no name and goes at once.
            tempfile::tempfile_in(folder).map_err(fail)?;
        }
        let aside = tempfile::Builder::new()
            .prefix(".kapok-demo-")
            .tempdir_in(nearest(folder))
            .map_err(fail)?;
        Ok(Self {
            folder: folder.to_owned(),
            aside,
            names: Vec::new(),
        })
    }

    /// Writes one file aside.
    pub fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let write = || -> io::Result<()> {
            let mut file = fs::File::create(self.aside.path().join(name))?;
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

    /// Moves everything into the output folder, in place of an earlier run's files; other files there stay. If one cannot be moved,
    /// the folder is again as it was.
    pub fn publish(self) -> Result<(), Failure> {
        let fail = |error: io::Error| Failure::io(codes::OUTPUT, &self.folder, &error);
        let earlier = self.aside.path().join(EARLIER);
        fs::create_dir(&earlier).map_err(fail)?;
        let made = !self.folder.exists();
        fs::create_dir_all(&self.folder).map_err(fail)?;
        let mut moved = Vec::new();
        for name in &self.names {
            let place = self.folder.join(name);
            let replaced = match fs::rename(&place, earlier.join(name)) {
                Ok(()) => true,
                Err(error) if error.kind() == ErrorKind::NotFound => false,
                Err(error) => return Err(self.take_back(&moved, made, error)),
            };
            moved.push((name, replaced));
            if let Err(error) = fs::rename(self.aside.path().join(name), &place) {
                return Err(self.take_back(&moved, made, error));
            }
        }
        Ok(())
    }

    /// Undoes what [`Self::publish`] did until `error`.
    fn take_back(&self, moved: &[(&String, bool)], made: bool, error: io::Error) -> Failure {
        for (name, replaced) in moved.iter().rev() {
            let place = self.folder.join(name);
            // Nothing more can be done about a file that cannot be moved back either; the sentence names the folder.
            let _ = if *replaced {
                fs::rename(self.aside.path().join(EARLIER).join(name), place)
            } else {
                fs::remove_file(place)
            };
        }
        if made {
            let _ = fs::remove_dir(&self.folder);
        }
        Failure::io(codes::OUTPUT, &self.folder, &error)
    }
}

/// The nearest folder above `folder` that exists.
fn nearest(folder: &Path) -> &Path {
    folder
        .ancestors()
        .skip(1)
        .find(|above| above.exists())
        .unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn nothing_is_in_place_before_publish_and_nothing_is_left_aside_without_it() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("several/levels/out");
        let mut outputs = Outputs::beside(&folder).unwrap();
        outputs.put("a.txt", b"a").unwrap();
        assert!(!home.path().join("several").exists());
        drop(outputs);
        assert_eq!(count(home.path()), 0);
    }

    #[test]
    fn publish_moves_all_and_replaces_an_earlier_run_but_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("new/out");
        for text in [b"1", b"2"] {
            let mut outputs = Outputs::beside(&folder).unwrap();
            outputs.put("a.txt", text).unwrap();
            outputs.publish().unwrap();
            assert_eq!(fs::read(folder.join("a.txt")).unwrap(), text);
            fs::write(folder.join("mine.txt"), b"mine").unwrap();
        }
        assert_eq!((count(home.path()), count(&folder)), (1, 2));
    }

    #[test]
    fn a_run_that_cannot_be_put_in_place_leaves_the_folder_as_it_was() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("out");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("a.txt"), b"earlier").unwrap();
        let mut outputs = Outputs::beside(&folder).unwrap();
        for name in ["a.txt", "b.txt", "c.txt"] {
            outputs.put(name, b"new").unwrap();
        }
        fs::remove_file(outputs.aside.path().join("c.txt")).unwrap();
        assert!(outputs.publish().is_err());
        assert_eq!(fs::read(folder.join("a.txt")).unwrap(), b"earlier");
        assert_eq!((count(home.path()), count(&folder)), (1, 1));
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("out");
        fs::write(&folder, b"mine").unwrap();
        assert!(Outputs::beside(&folder).is_err());
        assert!(Outputs::beside(&folder.join("below")).is_err());
        assert_eq!(fs::read(&folder).unwrap(), b"mine");
        assert_eq!(count(home.path()), 1);
    }
}
