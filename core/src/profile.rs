//! The system that the app talks to: its privacy text, which is built in, and its profile, which the platform serves.

use kapok_protocol::api::profile::Profile;
use kapok_protocol::error::ErrorCode;

/// Version of the privacy texts built into this app.
pub const PRIVACY_VERSION: &str = "2026-01";

/// The text that a person must agree to before the app goes online.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivacyNotice {
    /// To be named in the agreement.
    pub version: String,
    /// Plain text; the first line is the title.
    pub text: String,
    /// It was agreed to on this phone.
    pub agreed: bool,
}

/// The built-in privacy text of a locale: `zh-CN`, `zh-HK` or `en`; any other shows zh-CN.
pub fn privacy_text(locale: &str) -> &'static str {
    match locale {
        "zh-HK" => include_str!("../texts/privacy.zh-HK.txt"),
        "en" => include_str!("../texts/privacy.en.txt"),
        _ => include_str!("../texts/privacy.zh-CN.txt"),
    }
}

/// Takes a profile in place of an earlier one: the keys stay those of first use, so that no answer can swap them.
pub fn accept(earlier: Option<&Profile>, served: Profile) -> Result<Profile, ErrorCode> {
    match earlier {
        Some(earlier) if earlier.keys != served.keys => Err(ErrorCode::GuardTampered),
        _ => Ok(served),
    }
}

/// The app is older than the oldest version that the platform serves (YJT-016).
pub fn too_old(app_version: &str, min_app: &str) -> bool {
    match (numbers(app_version), numbers(min_app)) {
        (Some(app), Some(min)) => app < min,
        // A minimum that does not read binds nobody; an own version that does not read cannot be served.
        (app, min) => app.is_none() && min.is_some(),
    }
}

/// `1.2.3` and shorter; what follows `-` or `+` does not count.
fn numbers(version: &str) -> Option<[u32; 3]> {
    let core = version.split(['-', '+']).next()?;
    let mut numbers = [0; 3];
    let mut parts = core.split('.');
    for (place, part) in numbers.iter_mut().zip(parts.by_ref()) {
        *place = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yjt_016_an_app_below_the_minimum_is_too_old() {
        assert!(too_old("0.9.9", "1.0.0"));
        assert!(too_old("1.9.0", "1.10"));
        assert!(!too_old("1.10.0-beta", "1.10.0"));
        assert!(!too_old("2", "1.99.99"));
        assert!(!too_old("1.0.0", "soon"));
        assert!(too_old("dev", "1.0.0"));
        assert!(too_old("1.2.3.4", "1.0.0"));
    }

    #[test]
    fn every_locale_has_its_privacy_text() {
        for (locale, word) in [
            ("zh-CN", "隐私"),
            ("zh-HK", "私隱"),
            ("en", "Privacy"),
            ("fr", "隐私"),
        ] {
            assert!(privacy_text(locale).contains(word), "{locale}");
        }
    }
}
