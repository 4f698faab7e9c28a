//! What every public call of the core fails with. The one place where inner errors become codes.

use crate::certificates::check::CertificateError;
use crate::client::Failure;
use crate::login::transitions::Illegal;
use crate::ports::PortError;
use crate::store::StoreError;
use crate::vault::keys::VaultError;
use kapok_formats::identity::IdentityError;
use kapok_protocol::error::{ApiError, ErrorCode, NextStep};

/// A stable code and the few typed fields that a person needs; the shell owns the words. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}")]
pub struct AppError {
    /// What went wrong.
    pub code: ErrorCode,
    /// The input that is not valid, by its name in the call, such as `number`.
    pub field: Option<String>,
    /// Why it is refused, one lower-case word such as `check_digit`.
    pub reason: Option<String>,
    /// Tries left before the next wait or block.
    pub tries_left: Option<u32>,
    /// Seconds until the same act is possible again.
    pub wait_seconds: Option<u32>,
}

impl AppError {
    /// An error that needs no more than its code.
    pub const fn new(code: ErrorCode) -> Self {
        Self {
            code,
            field: None,
            reason: None,
            tries_left: None,
            wait_seconds: None,
        }
    }

    /// `INPUT_INVALID` at a field, with the reason in one lower-case word.
    pub fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            field: Some(field.into()),
            reason: Some(reason.into()),
            ..Self::new(ErrorCode::InputInvalid)
        }
    }

    /// What the user can do now.
    pub const fn next(&self) -> NextStep {
        self.code.next()
    }
}

impl From<ErrorCode> for AppError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl From<ApiError> for AppError {
    fn from(error: ApiError) -> Self {
        let ApiError {
            code,
            field,
            reason,
            tries_left,
            wait_seconds,
        } = error;
        Self {
            code,
            field,
            reason,
            tries_left,
            wait_seconds,
        }
    }
}

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        let AppError {
            code,
            field,
            reason,
            tries_left,
            wait_seconds,
        } = error;
        Self {
            code,
            field,
            reason,
            tries_left,
            wait_seconds,
        }
    }
}

impl From<PortError> for AppError {
    fn from(error: PortError) -> Self {
        let reason = match error {
            PortError::KeyMissing => "key_missing",
            PortError::Unavailable => "unavailable",
            PortError::Malformed => "malformed",
        };
        Self {
            reason: Some(reason.into()),
            ..Self::new(ErrorCode::HardwareKey)
        }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        let (code, reason) = match error {
            StoreError::Newer => (ErrorCode::StoreNewer, None),
            StoreError::Paused => (ErrorCode::StateWrong, Some("paused")),
            StoreError::Sql(_) => (ErrorCode::Internal, Some("store")),
            StoreError::Sealed | StoreError::Malformed => {
                (ErrorCode::Internal, Some("stored_value"))
            }
            StoreError::Worker => (ErrorCode::Internal, Some("worker")),
        };
        Self {
            reason: reason.map(Into::into),
            ..Self::new(code)
        }
    }
}

impl From<Failure> for AppError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Status {
                error: Some(error), ..
            } => (*error).into(),
            Failure::Status {
                status,
                error: None,
            } => crate::client::retry::code_of(status).into(),
            Failure::NotSent | Failure::NoAnswer => Self::new(ErrorCode::Offline),
            Failure::Malformed => Self {
                reason: Some("answer".into()),
                ..Self::new(ErrorCode::Internal)
            },
        }
    }
}

impl From<Illegal> for AppError {
    fn from(_: Illegal) -> Self {
        Self::new(ErrorCode::StateWrong)
    }
}

impl From<VaultError> for AppError {
    fn from(error: VaultError) -> Self {
        let (code, reason) = match error {
            VaultError::WrongPin => (ErrorCode::PinWrong, None),
            VaultError::Tampered => (ErrorCode::GuardTampered, None),
            VaultError::Damaged => (ErrorCode::Internal, Some("vault")),
            VaultError::Scalar => (ErrorCode::Internal, Some("random")),
        };
        Self {
            reason: reason.map(Into::into),
            ..Self::new(code)
        }
    }
}

impl From<CertificateError> for AppError {
    fn from(error: CertificateError) -> Self {
        let (code, reason) = match error {
            CertificateError::Request => (ErrorCode::Internal, "csr"),
            CertificateError::Chain => (ErrorCode::CertEvidence, "chain"),
            CertificateError::Other => (ErrorCode::CertEvidence, "other"),
        };
        Self {
            reason: Some(reason.into()),
            ..Self::new(code)
        }
    }
}

/// Why a number is refused, in one word; the number itself stays out.
pub(crate) fn identity_reason(error: &IdentityError) -> &'static str {
    match error {
        IdentityError::Length { .. } => "length",
        IdentityError::Character { .. } => "character",
        IdentityError::CheckDigit { .. } => "check_digit",
        IdentityError::Date { .. } => "date",
        IdentityError::Region { .. } => "region",
        _ => "format",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_error_keeps_every_field_both_ways() {
        let error = ApiError {
            tries_left: Some(2),
            wait_seconds: Some(60),
            ..ApiError::field("declared.number", "check_digit")
        };
        assert_eq!(ApiError::from(AppError::from(error.clone())), error);
    }
}
