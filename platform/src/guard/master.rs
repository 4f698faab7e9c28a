//! Versions of the OPRF master key. New epochs use the newest one; an epoch of an older one lives until its
//! phone stages anew, which STATE asks it to do.

use crate::config::StartError;
use crate::kms::{KeyKind, Kms, SecretKey};
use crate::role_keys::{ROLES, RoleKeys};

/// All versions, oldest first; never empty.
pub(super) struct Masters {
    first: Box<dyn SecretKey>,
    later: Vec<Box<dyn SecretKey>>,
}

fn name(version: usize) -> String {
    match version {
        1 => "guard-master".to_owned(),
        later => format!("guard-master-{later}"),
    }
}

impl Masters {
    /// Opens all versions.
    pub(super) fn open(kms: &dyn Kms) -> Result<Self, StartError> {
        let first = kms.secret(&name(1))?;
        let mut later = Vec::new();
        while kms.has(KeyKind::Secret, &name(later.len() + 2))? {
            later.push(kms.secret(&name(later.len() + 2))?);
        }
        Ok(Self { first, later })
    }

    /// The version that new epochs use.
    pub(super) fn newest(&self) -> u32 {
        u32::try_from(self.later.len() + 1).unwrap_or(u32::MAX)
    }

    /// A version's key.
    pub(super) fn get(&self, version: u32) -> Option<&dyn SecretKey> {
        match version {
            0 => None,
            1 => Some(&*self.first),
            later => {
                let key = self.later.get(usize::try_from(later).ok()? - 2);
                key.map(|key| &**key)
            }
        }
    }
}

/// Makes the next version of the master key: its number. A guard takes it up at its next start.
pub fn rotate_master(kms: &dyn Kms) -> Result<u32, StartError> {
    let next = Masters::open(kms)?.newest() + 1;
    let version = usize::try_from(next).unwrap_or(usize::MAX);
    kms.make(KeyKind::Secret, &name(version))?;
    Ok(next)
}

/// Makes the keys of guard and face service that are missing.
pub fn make_keys(kms: &dyn Kms) -> Result<(), StartError> {
    kms.make(KeyKind::Secret, &name(1))?;
    ROLES.iter().try_for_each(|role| RoleKeys::make(kms, role))
}
