//! What an account is for an enterprise. Every role asks here; what is not found is 404, as if it were absent.

use crate::server::Failure;
use crate::store::StoreError;
use crate::store::text::{array, of_word};
use kapok_protocol::api::registry::{EnterpriseView, Role, TrustLevel};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{AccountId, EnterpriseId};
use sqlx::{Executor, Sqlite};

/// An account's place in an enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The enterprise.
    pub enterprise: EnterpriseId,
    /// Registered name; a 个体工商户 without one is shown by its code.
    pub name: String,
    /// 统一社会信用代码.
    pub uscc: String,
    /// 已认证 / 未认证.
    pub level: TrustLevel,
    /// What the account is for it.
    pub role: Role,
    /// The account is its certificate admin.
    pub admin: bool,
    /// Words of the grants that count now.
    pub scope: Vec<String>,
}

impl Member {
    /// May invite and remove agents: the legal representative and the admin (YST-018).
    pub const fn manages(&self) -> bool {
        matches!(self.role, Role::LegalRep) || self.admin
    }

    /// A grant of this word counts now, or the account needs none.
    pub fn may(&self, word: &str) -> bool {
        self.manages() || self.scope.iter().any(|w| w == word)
    }

    /// As the phone sees it.
    pub fn view(self, selected: Option<EnterpriseId>) -> EnterpriseView {
        EnterpriseView {
            selected: selected == Some(self.enterprise),
            enterprise_id: self.enterprise,
            name: self.name,
            uscc: self.uscc,
            level: self.level,
            role: self.role,
            certificate_admin: self.admin,
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Vec<u8>,
    uscc: String,
    name: Option<String>,
    level: String,
    admin: Option<Vec<u8>>,
    role: String,
    scopes: Option<String>,
}

/// All enterprises of an account; `only` narrows them to one.
async fn rows<'e, E>(
    executor: E,
    account: AccountId,
    only: Option<EnterpriseId>,
    now: i64,
) -> Result<Vec<Member>, StoreError>
where
    E: Executor<'e, Database = Sqlite>,
{
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT e.id, e.uscc, r.name, e.level, e.admin, m.role,
           (SELECT '[' || group_concat(g.scope) || ']' FROM grants g
            WHERE g.account = m.account AND g.enterprise = e.id AND g.state = 'active'
              AND g.valid_from <= $3 AND g.valid_to > $3) AS scopes
         FROM members m JOIN enterprises e ON e.id = m.enterprise JOIN register r ON r.uscc = e.uscc
         WHERE m.account = $1 AND ($2 IS NULL OR e.id = $2)
         ORDER BY m.since, e.uscc",
    )
    .bind(account.0.to_vec())
    .bind(only.map(|id| id.0.to_vec()))
    .bind(now)
    .fetch_all(executor)
    .await?;
    rows.into_iter()
        .map(|row| read(row, account))
        .filter_map(Result::transpose)
        .collect()
}

fn read(row: Row, account: AccountId) -> Result<Option<Member>, StoreError> {
    let granted = row.scopes.is_some();
    let scopes: Vec<Vec<String>> = row
        .scopes
        .map_or(Ok(Vec::new()), |json| serde_json::from_str(&json))
        .map_err(|_| StoreError::Damaged("grants.scope"))?;
    let stored: Role = of_word("members.role", &row.role)?;
    let role = match stored {
        // A grant that no longer counts leaves nothing behind.
        Role::Agent if !granted => return Ok(None),
        Role::Linked if granted => Role::Agent,
        other => other,
    };
    let mut scope: Vec<String> = scopes.into_iter().flatten().collect();
    scope.sort();
    scope.dedup();
    Ok(Some(Member {
        enterprise: EnterpriseId(array("enterprises.id", &row.id)?),
        name: row.name.unwrap_or_else(|| row.uscc.clone()),
        uscc: row.uscc,
        level: of_word("enterprises.level", &row.level)?,
        role,
        admin: row.admin.as_deref() == Some(account.0.as_slice()),
        scope,
    }))
}

/// The enterprises of an account, oldest membership first.
pub async fn all<'e, E>(
    executor: E,
    account: AccountId,
    now: i64,
) -> Result<Vec<Member>, StoreError>
where
    E: Executor<'e, Database = Sqlite>,
{
    rows(executor, account, None, now).await
}

/// The account's place in one enterprise; `NOT_FOUND` where it has none.
pub async fn of<'e, E>(
    executor: E,
    account: AccountId,
    enterprise: EnterpriseId,
    now: i64,
) -> Result<Member, Failure>
where
    E: Executor<'e, Database = Sqlite>,
{
    rows(executor, account, Some(enterprise), now)
        .await?
        .pop()
        .ok_or_else(|| ErrorCode::NotFound.into())
}

/// [`of`], for who may manage agents; `NOT_ALLOWED` for others of the enterprise.
pub async fn manager<'e, E>(
    executor: E,
    account: AccountId,
    enterprise: EnterpriseId,
    now: i64,
) -> Result<Member, Failure>
where
    E: Executor<'e, Database = Sqlite>,
{
    let member = of(executor, account, enterprise, now).await?;
    if member.manages() {
        return Ok(member);
    }
    Err(ErrorCode::NotAllowed.into())
}
