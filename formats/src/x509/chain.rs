//! Building and checking a path from a certificate to an anchor (RFC 5280 section 6, without policies).

use super::{Certificate, Crl};
use const_oid::{AssociatedOid, ObjectIdentifier};
use thiserror::Error;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName};

/// Certificates between leaf and anchor at most, and candidates tried at most: hostile bundles end early.
const LONGEST_PATH: usize = 6;
const MOST_TRIES: usize = 64;
const UNDERSTOOD: [ObjectIdentifier; 4] = [
    BasicConstraints::OID,
    KeyUsage::OID,
    ExtendedKeyUsage::OID,
    SubjectAltName::OID,
];

/// Why a certificate is not trusted. `depth` is 0 for the leaf, 1 for its issuer, and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChainError {
    /// No path to an anchor.
    #[error("no path from the certificate to a trusted root")]
    Untrusted,
    /// Not valid yet at the given time.
    #[error("certificate at depth {depth} is not valid yet")]
    NotYetValid {
        /// Which.
        depth: usize,
    },
    /// No longer valid at the given time.
    #[error("certificate at depth {depth} has expired")]
    Expired {
        /// Which.
        depth: usize,
    },
    /// A signature does not verify.
    #[error("the signature of the certificate at depth {depth} is wrong")]
    Signature {
        /// Which.
        depth: usize,
    },
    /// An issuer is no CA, or may not sign certificates, or its path length is exceeded.
    #[error("certificate at depth {depth} may not issue this one")]
    NotAnIssuer {
        /// Which.
        depth: usize,
    },
    /// A critical extension that is not understood.
    #[error("certificate at depth {depth} has a critical extension that is not understood")]
    CriticalExtension {
        /// Which.
        depth: usize,
    },
    /// Revoked at or before the given time.
    #[error("certificate at depth {depth} is revoked")]
    Revoked {
        /// Which.
        depth: usize,
        /// Since when, Unix seconds.
        revoked_at: u64,
    },
    /// The issuer's CRL that was handed over is out of date at the given time, or its signature is wrong.
    #[error("the revocation list for the certificate at depth {depth} cannot be used")]
    RevocationList {
        /// Which.
        depth: usize,
    },
}

/// Checks `leaf` at `at` (Unix seconds) against `roots`, by way of `intermediates` in any order.
///
/// Checked for every certificate of the path, the anchor included: dates, critical extensions, signature over the
/// bytes as received (the anchor's by itself); for issuers: CA, keyCertSign, path length. A certificate is checked
/// against every CRL in `crls` that its issuer signed; without one its revocation is not known and not an error. A
/// CRL made after `at` serves too: an entry counts when its date is not after `at`.
///
/// # Errors
/// [`ChainError`]: of several candidate paths the failure of the one that came furthest.
pub fn verify_chain(
    leaf: &Certificate,
    intermediates: &[Certificate],
    roots: &[Certificate],
    at: u64,
    crls: &[Crl],
) -> Result<(), ChainError> {
    let mut search = Search {
        intermediates,
        roots,
        at,
        crls,
        tries: MOST_TRIES,
    };
    check_alone(leaf, 0, at)?;
    if roots.iter().any(|root| root.der() == leaf.der()) {
        return check_self_signed(leaf, 0);
    }
    search.climb(leaf, 0, 0)
}

struct Search<'a> {
    intermediates: &'a [Certificate],
    roots: &'a [Certificate],
    at: u64,
    crls: &'a [Crl],
    tries: usize,
}

impl Search<'_> {
    /// Finds an issuer for `child`; `cas_below` counts the CA certificates already under that issuer.
    fn climb(
        &mut self,
        child: &Certificate,
        depth: usize,
        cas_below: usize,
    ) -> Result<(), ChainError> {
        let mut failure = ChainError::Untrusted;
        if depth >= LONGEST_PATH {
            return Err(failure);
        }
        let (roots, intermediates) = (self.roots, self.intermediates);
        let anchors = roots.iter().map(|root| (root, true));
        let others = intermediates.iter().map(|between| (between, false));
        for (issuer, is_anchor) in anchors
            .chain(others)
            .filter(|(issuer, _)| may_be_issuer(issuer, child))
        {
            self.tries = self.tries.checked_sub(1).ok_or(failure)?;
            let result = self.step(child, issuer, is_anchor, depth, cas_below);
            match result {
                Ok(()) => return Ok(()),
                Err(ChainError::Untrusted) => {}
                Err(reason) => failure = reason,
            }
        }
        Err(failure)
    }

    fn step(
        &mut self,
        child: &Certificate,
        issuer: &Certificate,
        is_anchor: bool,
        depth: usize,
        cas_below: usize,
    ) -> Result<(), ChainError> {
        let key = issuer
            .public_key()
            .map_err(|_| ChainError::Signature { depth })?;
        child
            .is_signed_by(&key)
            .map_err(|_| ChainError::Signature { depth })?;
        check_alone(issuer, depth + 1, self.at)?;
        check_issuer(issuer, depth + 1, cas_below)?;
        self.check_revocation(child, issuer, depth)?;
        if is_anchor {
            return check_self_signed(issuer, depth + 1);
        }
        self.climb(issuer, depth + 1, cas_below + 1)
    }

    fn check_revocation(
        &self,
        child: &Certificate,
        issuer: &Certificate,
        depth: usize,
    ) -> Result<(), ChainError> {
        let lists = self
            .crls
            .iter()
            .filter(|crl| crl.issuer().der == issuer.subject().der);
        let mut found = false;
        let mut usable = false;
        for crl in lists {
            found = true;
            if crl.is_signed_by(issuer).is_err() {
                continue;
            }
            let revoked = crl
                .entry(child.serial())
                .filter(|entry| entry.revoked_at <= self.at);
            if let Some(entry) = revoked {
                return Err(ChainError::Revoked {
                    depth,
                    revoked_at: entry.revoked_at,
                });
            }
            usable |= crl.next_update().is_none_or(|next| next >= self.at);
        }
        if found && !usable {
            return Err(ChainError::RevocationList { depth });
        }
        Ok(())
    }
}

fn may_be_issuer(issuer: &Certificate, child: &Certificate) -> bool {
    let names_fit = issuer.subject().der == child.issuer().der;
    let keys_fit = match (issuer.subject_key_id(), child.authority_key_id()) {
        (Some(own), Some(named)) => own == named,
        _ => true,
    };
    names_fit && keys_fit
}

fn check_alone(certificate: &Certificate, depth: usize, at: u64) -> Result<(), ChainError> {
    if at < certificate.not_before() {
        return Err(ChainError::NotYetValid { depth });
    }
    if at > certificate.not_after() {
        return Err(ChainError::Expired { depth });
    }
    if certificate
        .critical_extensions()
        .any(|oid| !UNDERSTOOD.contains(&oid))
    {
        return Err(ChainError::CriticalExtension { depth });
    }
    Ok(())
}

fn check_issuer(issuer: &Certificate, depth: usize, cas_below: usize) -> Result<(), ChainError> {
    let refused = Err(ChainError::NotAnIssuer { depth });
    let Some(constraints) = issuer
        .basic_constraints()
        .filter(|constraints| constraints.ca)
    else {
        return refused;
    };
    if constraints
        .path_len_constraint
        .is_some_and(|longest| cas_below > usize::from(longest))
    {
        return refused;
    }
    if issuer
        .key_usage()
        .is_some_and(|usage| !usage.key_cert_sign())
    {
        return refused;
    }
    Ok(())
}

/// Chain builders elsewhere check neither the anchor's own signature nor its dates: a damaged anchor goes unseen.
fn check_self_signed(root: &Certificate, depth: usize) -> Result<(), ChainError> {
    let key = root
        .public_key()
        .map_err(|_| ChainError::Signature { depth })?;
    root.is_signed_by(&key)
        .map_err(|_| ChainError::Signature { depth })
}
