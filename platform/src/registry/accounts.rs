//! Enterprise accounts and who belongs to them. Idempotent: a second login creates nothing new (YST-010).

use crate::audit;
use crate::identity::persons::new_id;
use crate::platform::Platform;
use crate::store::text::{array, word};
use crate::store::{StoreError, Tx};
use kapok_protocol::api::registry::{Role, TrustLevel};
use kapok_protocol::ids::{AccountId, EnterpriseId};

/// Gives a legal representative the enterprises under the name: those with a registered name appear by themselves (YST-009,
/// YST-013).
pub async fn find_own(
    tx: &mut Tx,
    platform: &Platform,
    account: AccountId,
    person_mac: &[u8; 32],
) -> Result<(), StoreError> {
    let own: Vec<String> = sqlx::query_scalar(
        "SELECT uscc FROM register WHERE rep_mac = $1 AND name IS NOT NULL ORDER BY uscc",
    )
    .bind(person_mac.to_vec())
    .fetch_all(&mut *tx)
    .await?;
    for uscc in own {
        let known: Option<i64> = sqlx::query_scalar("SELECT 1 FROM enterprises WHERE uscc = $1")
            .bind(uscc.clone())
            .fetch_optional(&mut *tx)
            .await?;
        if known.is_none() {
            represent(tx, platform, account, &uscc).await?;
            continue;
        }
        // Somebody else registered it: logging in raises no level, agreeing or adding does (YST-029).
        let enterprise = ensure(tx, platform, &uscc, Some(account)).await?;
        join(tx, platform, account, enterprise, Role::LegalRep).await?;
    }
    Ok(())
}

/// Makes an account the legal representative of a registered enterprise: authenticated (YST-012), and its certificate admin
/// while there is none.
pub(super) async fn represent(
    tx: &mut Tx,
    platform: &Platform,
    account: AccountId,
    uscc: &str,
) -> Result<EnterpriseId, StoreError> {
    let enterprise = ensure(tx, platform, uscc, Some(account)).await?;
    authenticate(tx, platform, enterprise, account).await?;
    join(tx, platform, account, enterprise, Role::LegalRep).await?;
    Ok(enterprise)
}

/// Raises the level and names the first admin.
pub async fn authenticate(
    tx: &mut Tx,
    platform: &Platform,
    enterprise: EnterpriseId,
    legal_rep: AccountId,
) -> Result<(), StoreError> {
    let changed = sqlx::query(
        "UPDATE enterprises SET level = 'authenticated', admin = coalesce(admin, $1)
         WHERE id = $2 AND (level <> 'authenticated' OR admin IS NULL)",
    )
    .bind(legal_rep.0.to_vec())
    .bind(enterprise.0.to_vec())
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if changed == 0 {
        return Ok(());
    }
    let event = audit::Event {
        event: "enterprise.authenticated",
        account: Some(&legal_rep.0),
        enterprise: Some(&enterprise.0),
        ..audit::Event::default()
    };
    audit::note(tx, platform.now(), event).await
}

/// The enterprise account of a registered code, made when absent.
pub async fn ensure(
    tx: &mut Tx,
    platform: &Platform,
    uscc: &str,
    by: Option<AccountId>,
) -> Result<EnterpriseId, StoreError> {
    let known: Option<Vec<u8>> = sqlx::query_scalar("SELECT id FROM enterprises WHERE uscc = $1")
        .bind(uscc.to_owned())
        .fetch_optional(&mut *tx)
        .await?;
    if let Some(id) = known {
        return Ok(EnterpriseId(array("enterprises.id", &id)?));
    }
    let id = EnterpriseId(new_id(platform.clock.as_ref()));
    let now = platform.now();
    sqlx::query("INSERT INTO enterprises VALUES ($1, $2, $3, NULL, $4)")
        .bind(id.0.to_vec())
        .bind(uscc.to_owned())
        .bind(word(&TrustLevel::Unauthenticated)?)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    let event = audit::Event {
        event: "enterprise.created",
        account: by.as_ref().map(|a| a.0.as_slice()),
        enterprise: Some(&id.0),
        ..audit::Event::default()
    };
    audit::note(tx, now, event).await?;
    Ok(id)
}

/// Adds an account to an enterprise. A place that is worth more stays; a legal representative replaces any.
pub async fn join(
    tx: &mut Tx,
    platform: &Platform,
    account: AccountId,
    enterprise: EnterpriseId,
    role: Role,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO members VALUES ($1, $2, $3, $4)
         ON CONFLICT (account, enterprise) DO UPDATE SET role = excluded.role
         WHERE excluded.role = 'legal_rep' OR (members.role = 'agent' AND excluded.role <> 'agent')",
    )
    .bind(account.0.to_vec())
    .bind(enterprise.0.to_vec())
    .bind(word(&role)?)
    .bind(platform.now())
    .execute(&mut *tx)
    .await?;
    Ok(())
}
