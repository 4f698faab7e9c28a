//! Simulated people, the market register's rows and enterprise accounts, from `simulators/persons.toml`.

use crate::config::StartError;
use crate::identity::persons::{add_account, new_id};
use crate::identity::{add_login, hash_password};
use crate::platform::Platform;
use crate::registry::{ensure, join};
use crate::server::Failure;
use crate::store::{StoreError, Tx};
use kapok_formats::identity::{EnterpriseName, Phone, Uscc};
use kapok_protocol::api::identity::{DocumentKind, TypedIdentity};
use kapok_protocol::api::registry::Role;
use kapok_protocol::ids::AccountId;
use serde::Deserialize;
use std::sync::Arc;

/// A person who can stand before the simulated camera.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimulatedPerson {
    /// Name.
    pub name: String,
    /// Kind of document.
    pub document: DocumentKind,
    /// Its number.
    pub number: String,
    /// Mobile number, as the identity system has it.
    pub phone: Option<String>,
}

impl SimulatedPerson {
    /// As the person types it.
    pub fn typed(&self) -> TypedIdentity {
        TypedIdentity {
            name: self.name.clone(),
            document: self.document,
            number: self.number.clone(),
        }
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SimulatedEnterprise {
    pub(super) uscc: String,
    pub(super) name: Option<String>,
    pub(super) legal_rep: String,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SimulatedLogin {
    uscc: String,
    login: String,
    password: String,
}

/// All simulated data.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// Who can stand before the camera.
    pub persons: Vec<SimulatedPerson>,
    pub(super) enterprises: Vec<SimulatedEnterprise>,
    logins: Vec<SimulatedLogin>,
}

impl People {
    /// The built-in people.
    pub fn built_in() -> Result<Self, StartError> {
        toml::from_str(include_str!("../../simulators/persons.toml"))
            .map_err(|e| StartError::Profile(e.to_string()))
    }

    /// A person by name.
    pub fn named(&self, name: &str) -> Option<&SimulatedPerson> {
        self.persons.iter().find(|p| p.name == name)
    }
}

impl Platform {
    /// The mobile number that the simulated identity system has of an account's person.
    pub async fn number_of(&self, account: AccountId) -> Result<Option<Phone>, Failure> {
        let Some(mac) = self.mac_of(account).await? else {
            return Ok(None);
        };
        for person in &self.people.persons {
            if self.person("person", &person.typed())?.mac == mac {
                let number = person.phone.as_deref();
                return Ok(number.and_then(|number| Phone::parse(number).ok()));
            }
        }
        Ok(None)
    }
}

struct Row {
    uscc: String,
    name: Option<String>,
    lookup: String,
    rep_mac: [u8; 32],
    rep_name: Vec<u8>,
}

/// Writes the register's rows and the enterprise accounts; what is there already stays as it is.
pub async fn seed(platform: &Arc<Platform>) -> Result<(), StartError> {
    let bad = |what: &'static str| move |_| StartError::Profile(format!("simulators: {what}"));
    let people = &platform.people;
    let mut rows = Vec::new();
    for enterprise in &people.enterprises {
        rows.push(row(platform, people, enterprise).map_err(bad("an enterprise does not read"))?);
    }
    let mut logins = Vec::new();
    for login in &people.logins {
        let known: Option<i64> = sqlx::query_scalar("SELECT 1 FROM logins WHERE login = $1")
            .bind(login.login.clone())
            .fetch_optional(platform.db.reader())
            .await
            .map_err(StoreError::from)?;
        if known.is_some() {
            continue;
        }
        let salt: [u8; 16] = rand::random();
        let hash = hash_password(&login.password, &salt)?;
        logins.push((login.clone(), salt, hash));
    }
    let roles = Arc::clone(platform);
    platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                for row in rows {
                    insert(tx, row).await?;
                }
                for (login, salt, hash) in logins {
                    enterprise_login(tx, &roles, login, salt, hash).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .await?;
    Ok(())
}

fn row(
    platform: &Platform,
    people: &People,
    enterprise: &SimulatedEnterprise,
) -> Result<Row, Failure> {
    let uscc = Uscc::parse(&enterprise.uscc).map_err(|_| Failure::field("uscc", "invalid"))?;
    let representative = people
        .named(&enterprise.legal_rep)
        .ok_or_else(|| Failure::field("legal_rep", "unknown"))?;
    let person = platform.person("persons", &representative.typed())?;
    let rep_name = platform.sealer.seal(
        "register.rep_name",
        uscc.as_str().as_bytes(),
        person.name.as_bytes(),
    )?;
    Ok(Row {
        lookup: enterprise
            .name
            .as_deref()
            .map(EnterpriseName::lookup_key)
            .unwrap_or_default(),
        uscc: uscc.as_str().to_owned(),
        name: enterprise.name.clone(),
        rep_mac: person.mac,
        rep_name,
    })
}

async fn insert(tx: &mut Tx, row: Row) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO register VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING")
        .bind(row.uscc)
        .bind(row.name)
        .bind(row.lookup)
        .bind(row.rep_mac.to_vec())
        .bind(row.rep_name)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// 法人账号 of an enterprise that was authenticated outside the app.
async fn enterprise_login(
    tx: &mut Tx,
    platform: &Platform,
    login: SimulatedLogin,
    salt: [u8; 16],
    hash: [u8; 32],
) -> Result<(), StoreError> {
    let account = AccountId(new_id(platform.clock.as_ref()));
    add_account(tx, account, "enterprise", platform.now()).await?;
    let enterprise = ensure(tx, platform, &login.uscc, Some(account)).await?;
    sqlx::query("UPDATE enterprises SET level = 'authenticated' WHERE id = $1")
        .bind(enterprise.0.to_vec())
        .execute(&mut *tx)
        .await?;
    join(tx, platform, account, enterprise, Role::Owner).await?;
    add_login(tx, account, login.login, salt, hash).await
}
