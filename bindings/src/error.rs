//! The one error of the facade.

use kapok_core::{AppError, ErrorCode};

pub use kapok_core::NextStep;

/// What the person can do now.
#[uniffi::remote(Enum)]
pub enum NextStep {
    FixInput,
    Retry,
    AgreePrivacy,
    LogIn,
    SelectEnterprise,
    AskAuthentication,
    SetPin,
    FaceCheck,
    ScanAgain,
    AskAdmin,
    GoOnline,
    Update,
    AskService,
}

/// What every call ends in that does not end well. The shell shows its own words for `code`. Holds no personal data and no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum KapokError {
    /// The call has changed nothing, unless its documentation says otherwise.
    #[error("{code}")]
    Failed {
        /// Stable, such as `PIN_WRONG`; docs/errors.md lists all.
        code: String,
        /// What the person can do now.
        next_step: NextStep,
        /// The input that is not valid, by its name in the call.
        field: Option<String>,
        /// Why, one lower-case word such as `check_digit`.
        reason: Option<String>,
        /// Tries left before the next wait or block.
        tries_left: Option<u32>,
        /// Seconds until the same act is possible again.
        wait_seconds: Option<u32>,
    },
}

impl KapokError {
    /// `INTERNAL` with a reason.
    pub(crate) fn internal(reason: &str) -> Self {
        AppError {
            reason: Some(reason.to_owned()),
            ..AppError::new(ErrorCode::Internal)
        }
        .into()
    }
}

impl From<AppError> for KapokError {
    fn from(error: AppError) -> Self {
        let next_step = error.next();
        let AppError {
            code,
            field,
            reason,
            tries_left,
            wait_seconds,
        } = error;
        Self::Failed {
            code: code.as_str().to_owned(),
            next_step,
            field,
            reason,
            tries_left,
            wait_seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_keeps_every_field() {
        let error = AppError {
            tries_left: Some(2),
            wait_seconds: Some(60),
            ..AppError::field("uscc", "check_digit")
        };
        let expected = KapokError::Failed {
            code: "INPUT_INVALID".into(),
            next_step: NextStep::FixInput,
            field: Some("uscc".into()),
            reason: Some("check_digit".into()),
            tries_left: Some(2),
            wait_seconds: Some(60),
        };
        assert_eq!(KapokError::from(error), expected);
    }
}
