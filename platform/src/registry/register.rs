//! The market register: exact matches by code and name, and the public search (YST-024, YST-055, YST-056).

use crate::identity::persons::reason;
use crate::platform::Platform;
use crate::server::{Answer, Failure, Principal};
use crate::store::text::array;
use axum::Json;
use axum::extract::{Query, State};
use kapok_formats::identity::{EnterpriseName, RegistrationNumber, Uscc};
use kapok_protocol::api::registry::RegistryHit;
use kapok_protocol::error::{ApiError, ErrorCode};
use serde::Deserialize;
use sqlx::{Executor, Sqlite};
use std::sync::Arc;

/// Most hits that a search answers.
const MAX_HITS: i64 = 20;
/// Longest text that is searched for, in characters.
const MAX_QUERY: usize = 64;

/// A row of the register.
pub struct Entry {
    /// 统一社会信用代码.
    pub uscc: String,
    /// Registered name; a 个体工商户 may have none.
    pub name: Option<String>,
    /// Person key of the legal representative.
    pub rep_mac: [u8; 32],
}

/// Reads a code that a person typed. A 工商注册号 is told apart: its owner must go to the hall first (YST-015).
pub fn parse_uscc(text: &str) -> Result<Uscc, Failure> {
    Uscc::parse(text).map_err(|error| {
        if RegistrationNumber::parse(text).is_ok() {
            return ErrorCode::EnterpriseNoUscc.into();
        }
        Failure::field("uscc", reason(&error))
    })
}

/// The entry of a code.
pub async fn by_uscc<'e, E>(executor: E, uscc: &Uscc) -> Result<Option<Entry>, Failure>
where
    E: Executor<'e, Database = Sqlite>,
{
    let row: Option<(String, Option<String>, Vec<u8>)> =
        sqlx::query_as("SELECT uscc, name, rep_mac FROM register WHERE uscc = $1")
            .bind(uscc.as_str().to_owned())
            .fetch_optional(executor)
            .await?;
    let entry = row.map(|(uscc, name, mac)| {
        Ok::<_, Failure>(Entry {
            uscc,
            name,
            rep_mac: array("register.rep_mac", &mac)?,
        })
    });
    entry.transpose()
}

/// 核验: the typed name must be the registered one; the first character that differs is pointed at.
pub fn check_name(entry: &Entry, typed: &str) -> Result<(), Failure> {
    let registered = entry
        .name
        .as_deref()
        .and_then(|name| EnterpriseName::parse(name).ok())
        .ok_or(ErrorCode::EnterpriseNotFound)?;
    registered.compare(typed).map_err(|difference| {
        Failure(ApiError {
            field: Some("name".into()),
            reason: Some(format!("character_{}", difference.position)),
            ..ApiError::new(ErrorCode::EnterpriseNotFound)
        })
    })
}

/// `q` of a search.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

/// `GET /v1/registry/search?q=`: by code, or by a part of the name.
pub async fn search(
    State(platform): State<Arc<Platform>>,
    _: Principal,
    Query(asked): Query<Asked>,
) -> Answer<Vec<RegistryHit>> {
    let text = asked.q.trim();
    let length = text.chars().count();
    if !(2..=MAX_QUERY).contains(&length) {
        return Err(Failure::field("q", "length"));
    }
    let code = Uscc::parse(text).map_or_else(|_| String::new(), |uscc| uscc.as_str().to_owned());
    let rows: Vec<(String, String, bool)> = sqlx::query_as(
        "SELECT r.name, r.uscc, coalesce(e.level = 'authenticated', 0)
         FROM register r LEFT JOIN enterprises e ON e.uscc = r.uscc
         WHERE r.name IS NOT NULL AND (r.uscc = $1 OR instr(r.lookup, $2) > 0)
         ORDER BY r.uscc LIMIT $3",
    )
    .bind(code)
    .bind(EnterpriseName::lookup_key(text))
    .bind(MAX_HITS)
    .fetch_all(platform.db.reader())
    .await?;
    let hits = rows
        .into_iter()
        .map(|(name, uscc, authenticated)| RegistryHit {
            name,
            uscc,
            authenticated,
        });
    Ok(Json(hits.collect()))
}
