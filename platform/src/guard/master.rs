//! Versions of the OPRF master key, each in a file of its own. New epochs use the newest one; an epoch of an older one lives until its
//! phone stages anew, which STATE asks it to do.

use crate::config::StartError;
use crate::keys::Keys;
use crate::role_keys::secret;
use std::path::Path;
use zeroize::Zeroizing;

/// All versions, oldest first; never empty.
pub(super) struct Masters {
    first: Zeroizing<[u8; 32]>,
    later: Vec<Zeroizing<[u8; 32]>>,
}

fn name(version: usize) -> String {
    match version {
        1 => "guard-master.secret".to_owned(),
        later => format!("guard-master-{later}.secret"),
    }
}

impl Masters {
    /// Reads all versions; makes the first one at first start.
    pub(super) fn open(keys: &Keys) -> Result<Self, StartError> {
        let first = secret(keys, &name(1))?;
        let mut later = Vec::new();
        while keys.has(&name(later.len() + 2)) {
            later.push(secret(keys, &name(later.len() + 2))?);
        }
        Ok(Self { first, later })
    }

    /// The version that new epochs use.
    pub(super) fn newest(&self) -> u32 {
        u32::try_from(self.later.len() + 1).unwrap_or(u32::MAX)
    }

    /// A version's key.
    pub(super) fn get(&self, version: u32) -> Option<&[u8; 32]> {
        match version {
            0 => None,
            1 => Some(&self.first),
            later => {
                let key = self.later.get(usize::try_from(later).ok()? - 2);
                key.map(|key| &**key)
            }
        }
    }
}

/// Makes the next version of the master key in the guard's folder: its number. A guard takes it up at its next start.
pub fn rotate_master(dir: &Path) -> Result<u32, StartError> {
    let keys = Keys::open(dir)?;
    let next = Masters::open(&keys)?.newest() + 1;
    secret(&keys, &name(usize::try_from(next).unwrap_or(usize::MAX)))?;
    Ok(next)
}
