//! One call for every kind of number: whether it is one, its normal form, or why not.

use super::{
    IdDocument, IdKind, IdentityError, OrganisationCode, Phone, RegistrationNumber, ResidentId,
    Uscc,
};

/// Kinds of numbers, with the short names that lists of them use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberKind {
    /// `uscc`: 统一社会信用代码.
    Uscc,
    /// `ric`: 公民身份号码 of 18 characters.
    ResidentId18,
    /// `ric15`: its predecessor of 15 digits.
    ResidentId15,
    /// `orgcode`: 组织机构代码.
    OrganisationCode,
    /// `regno`: 工商注册号.
    RegistrationNumber,
    /// `hkmt`: 港澳居民居住证 and 台湾居民居住证.
    ResidencePermit,
    /// `hmpermit`: 港澳居民来往内地通行证.
    HkMacaoPermit,
    /// `twpermit`: 台湾居民来往大陆通行证.
    TaiwanPermit,
    /// `pr18`: 外国人永久居留身份证 since 2023-12-01.
    PermanentResidence18,
    /// `pr15`: 外国人永久居留身份证 before.
    PermanentResidence15,
    /// `passport`: 中国护照.
    Passport,
    /// `mobile`: 手机号.
    Mobile,
}

impl NumberKind {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Uscc,
        Self::ResidentId18,
        Self::ResidentId15,
        Self::OrganisationCode,
        Self::RegistrationNumber,
        Self::ResidencePermit,
        Self::HkMacaoPermit,
        Self::TaiwanPermit,
        Self::PermanentResidence18,
        Self::PermanentResidence15,
        Self::Passport,
        Self::Mobile,
    ];

    /// The short name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Uscc => "uscc",
            Self::ResidentId18 => "ric",
            Self::ResidentId15 => "ric15",
            Self::OrganisationCode => "orgcode",
            Self::RegistrationNumber => "regno",
            Self::ResidencePermit => "hkmt",
            Self::HkMacaoPermit => "hmpermit",
            Self::TaiwanPermit => "twpermit",
            Self::PermanentResidence18 => "pr18",
            Self::PermanentResidence15 => "pr15",
            Self::Passport => "passport",
            Self::Mobile => "mobile",
        }
    }

    /// The kind of a short name.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The only length of the kind's normal form, where a document has several forms.
    const fn length(self) -> Option<usize> {
        match self {
            Self::ResidentId18 | Self::PermanentResidence18 => Some(18),
            Self::ResidentId15 | Self::PermanentResidence15 => Some(15),
            _ => None,
        }
    }

    /// Reads a number of this kind as a person types it; gives its normal form.
    ///
    /// # Errors
    /// [`IdentityError`]: which rule it breaks, with the character and its place where there is one.
    pub fn check(self, text: &str) -> Result<String, IdentityError> {
        let document = |kind| IdDocument::parse(kind, text).map(|d| d.number().to_owned());
        let number = match self {
            Self::Uscc => Uscc::parse(text)?.into(),
            Self::ResidentId18 | Self::ResidentId15 => ResidentId::parse(text)?.into(),
            Self::OrganisationCode => OrganisationCode::parse(text)?.into(),
            Self::RegistrationNumber => RegistrationNumber::parse(text)?.into(),
            Self::ResidencePermit => document(IdKind::ResidencePermit)?,
            Self::HkMacaoPermit => document(IdKind::HkMacaoPermit)?,
            Self::TaiwanPermit => document(IdKind::TaiwanPermit)?,
            Self::PermanentResidence18 | Self::PermanentResidence15 => {
                document(IdKind::PermanentResidence)?
            }
            Self::Passport => document(IdKind::Passport)?,
            Self::Mobile => Phone::parse(text)?.into(),
        };
        match self.length() {
            Some(length) if number.len() != length => Err(IdentityError::Length {
                field: self.word(),
                found: number.len(),
            }),
            _ => Ok(number),
        }
    }

    /// What is odd about a valid number and no reason to refuse it.
    pub fn remark(self, number: &str) -> Option<Remark> {
        let inner = self == Self::Uscc
            && Uscc::parse(number).is_ok_and(|code| code.organisation_code().is_none());
        inner.then_some(Remark::InnerCheck)
    }
}

/// A remark on a valid number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// Characters 9 to 17 of a USCC do not satisfy GB 11714. Real codes of this kind exist.
    InnerCheck,
}
