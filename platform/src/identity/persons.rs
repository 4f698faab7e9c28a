//! Persons: told apart by a keyed hash of document kind and number; names lie sealed.

use crate::clock::Clock;
use crate::platform::Platform;
use crate::server::Failure;
use crate::store::text::{array, word};
use crate::store::{StoreError, Tx};
use kapok_formats::identity::{IdDocument, IdKind, IdentityError};
use kapok_protocol::api::identity::{DocumentKind, TypedIdentity};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::AccountId;

const NAME: &str = "persons.name";
/// Longest name that a register holds, in characters.
const MAX_NAME: usize = 64;

/// A person as typed, in normal form.
pub struct Person {
    /// Name without outer blanks.
    pub name: String,
    /// Kind of document.
    pub document: DocumentKind,
    /// HMAC(pepper, kind ‖ normalised number): a plain hash of a resident id can be guessed.
    pub mac: [u8; 32],
}

impl Platform {
    /// Reads a typed identity; the error names the field under `at`.
    pub fn person(&self, at: &str, typed: &TypedIdentity) -> Result<Person, Failure> {
        let name = typed.name.trim();
        let length = name.chars().count();
        if length == 0 || length > MAX_NAME || name.chars().any(char::is_control) {
            return Err(Failure::field(format!("{at}.name"), "length"));
        }
        let kind = id_kind(typed.document)
            .ok_or_else(|| Failure::field(format!("{at}.document"), "unknown"))?;
        let document = IdDocument::parse(kind, &typed.number)
            .map_err(|e| Failure::field(format!("{at}.number"), reason(&e)))?;
        Ok(Person {
            name: name.to_owned(),
            document: typed.document,
            mac: self.person_mac(typed.document, document.number())?,
        })
    }

    /// The key under which a person is known. `number` is in normal form.
    pub fn person_mac(&self, document: DocumentKind, number: &str) -> Result<[u8; 32], StoreError> {
        let kind = word(&document)?;
        Ok(self
            .keys
            .mac("person", &[kind.as_bytes(), number.as_bytes()]))
    }

    /// Verified name of an account's person; nothing for an enterprise account.
    pub async fn name_of(&self, account: AccountId) -> Result<Option<String>, StoreError> {
        let sealed: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT name FROM persons WHERE account = $1")
                .bind(account.0.to_vec())
                .fetch_optional(self.db.reader())
                .await?;
        sealed
            .map(|name| self.sealer.open_text(NAME, &account.0, &name))
            .transpose()
    }

    /// The person key of an account; nothing for an enterprise account.
    pub async fn mac_of(&self, account: AccountId) -> Result<Option<[u8; 32]>, StoreError> {
        let mac: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT id_mac FROM persons WHERE account = $1")
                .bind(account.0.to_vec())
                .fetch_optional(self.db.reader())
                .await?;
        mac.map(|mac| array("persons.id_mac", &mac)).transpose()
    }
}

/// The account of a verified person, made at the first login.
pub async fn account_for(
    tx: &mut Tx,
    platform: &Platform,
    mac: [u8; 32],
    name: &str,
    document: DocumentKind,
) -> Result<AccountId, StoreError> {
    let known: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT account FROM persons WHERE id_mac = $1")
            .bind(mac.to_vec())
            .fetch_optional(&mut *tx)
            .await?;
    if let Some(id) = known {
        return Ok(AccountId(array("persons.account", &id)?));
    }
    let account = AccountId(new_id(platform.clock.as_ref()));
    add_account(tx, account, "person", platform.now()).await?;
    sqlx::query("INSERT INTO persons VALUES ($1, $2, $3, $4)")
        .bind(account.0.to_vec())
        .bind(mac.to_vec())
        .bind(word(&document)?)
        .bind(platform.sealer.seal(NAME, &account.0, name.as_bytes())?)
        .execute(&mut *tx)
        .await?;
    Ok(account)
}

/// Adds an account row.
pub async fn add_account(
    tx: &mut Tx,
    account: AccountId,
    kind: &'static str,
    now: i64,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO accounts VALUES ($1, $2, $3)")
        .bind(account.0.to_vec())
        .bind(kind)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// A UUIDv7 of the platform's time: sorts by age, is no capability.
pub fn new_id(clock: &dyn Clock) -> [u8; 16] {
    let millis = u64::try_from(clock.micros() / 1000).unwrap_or(0);
    *uuid::Builder::from_unix_timestamp_millis(millis, &rand::random())
        .into_uuid()
        .as_bytes()
}

/// 张*: the first character only.
pub fn masked(name: &str) -> String {
    let mut characters = name.chars();
    let first: String = characters.next().into_iter().collect();
    format!("{first}{}", "*".repeat(characters.count().clamp(1, 3)))
}

/// The format of a kind's number; nothing for a kind that this version does not know.
pub const fn id_kind(kind: DocumentKind) -> Option<IdKind> {
    Some(match kind {
        DocumentKind::ResidentId => IdKind::ResidentId,
        DocumentKind::HkMacaoPermit => IdKind::HkMacaoPermit,
        DocumentKind::TaiwanPermit => IdKind::TaiwanPermit,
        DocumentKind::ResidencePermit => IdKind::ResidencePermit,
        DocumentKind::PermanentResidence => IdKind::PermanentResidence,
        DocumentKind::Passport => IdKind::Passport,
        DocumentKind::Unknown => return None,
    })
}

/// A lower-case word for why a number is refused; never the number.
pub fn reason(error: &IdentityError) -> String {
    match error {
        IdentityError::Length { .. } => "length".into(),
        IdentityError::Character { position, .. } => format!("character_{position}"),
        IdentityError::CheckDigit { .. } => "check_digit".into(),
        IdentityError::Date { .. } => "date".into(),
        IdentityError::Region { .. } => "region".into(),
        _ => "invalid".into(),
    }
}

/// An account must be a person's to do this.
pub fn person_required(mac: Option<[u8; 32]>) -> Result<[u8; 32], Failure> {
    mac.ok_or_else(|| ErrorCode::NotAllowed.into())
}
