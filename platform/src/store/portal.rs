//! Rows of the portal. A visitor sees only what is the visitor's: every statement filters by it.

use super::{StoreError, Tx};
use kapok_protocol::ids::{BatchId, DocumentId, SessionId};
use sqlx::SqlitePool;

/// SHA-256 of a visitor's cookie.
pub type VisitorKey = [u8; 32];

/// A stored document.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct DocumentRow {
    /// Its number.
    pub id: Vec<u8>,
    /// File name.
    pub name: String,
    /// Bytes.
    pub size: i64,
    /// Pages.
    pub pages: i64,
    /// When it was signed.
    pub signed_at: Option<i64>,
    /// SHA-256 of the CMS.
    pub signed_by: Option<Vec<u8>>,
    /// Which prepared file was signed.
    pub prepared: Option<Vec<u8>>,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SessionRow {
    /// When it was opened.
    pub created_at: i64,
    /// Channel binding.
    pub binding: Option<Vec<u8>>,
    /// When it ended.
    pub ended_at: Option<i64>,
}

/// A document made ready for a certificate and a seal.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct PreparedRow {
    /// Its number.
    pub id: Vec<u8>,
    /// Whose.
    pub doc: Vec<u8>,
    /// DER of the signer's certificate.
    pub certificate: Vec<u8>,
    /// esID of the seal.
    pub es_id: Option<String>,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of the file.
    pub digest: Vec<u8>,
    /// SHA-256 of the byte range.
    pub signed_digest: Vec<u8>,
}

/// What is to be kept of a document made ready.
pub struct NewPrepared {
    /// The row.
    pub row: PreparedRow,
    /// SHA-256 of the certificate.
    pub certificate_hash: [u8; 32],
    /// SHA-256 of the seal, zeros without one.
    pub seal_hash: [u8; 32],
}

/// Stores a document's row.
pub async fn put_document(
    tx: &mut Tx,
    visitor: VisitorKey,
    row: &DocumentRow,
    now: i64,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO portal_documents (id, visitor, name, size, pages, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(&row.id)
        .bind(visitor.as_slice())
        .bind(&row.name)
        .bind(row.size)
        .bind(row.pages)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// How many documents a visitor has.
pub async fn count_documents(reader: &SqlitePool, visitor: &VisitorKey) -> Result<i64, StoreError> {
    let query = "SELECT COUNT(*) FROM portal_documents WHERE visitor = $1";
    Ok(sqlx::query_scalar(query)
        .bind(visitor.as_slice())
        .fetch_one(reader)
        .await?)
}

/// A visitor's documents, oldest first.
pub async fn documents(
    reader: &SqlitePool,
    visitor: &VisitorKey,
) -> Result<Vec<DocumentRow>, StoreError> {
    let query = "SELECT id, name, size, pages, signed_at, signed_by, prepared FROM portal_documents \
                 WHERE visitor = $1 ORDER BY created_at, id";
    Ok(sqlx::query_as(query)
        .bind(visitor.as_slice())
        .fetch_all(reader)
        .await?)
}

/// One of a visitor's documents.
pub async fn document(
    reader: &SqlitePool,
    visitor: &VisitorKey,
    doc: &DocumentId,
) -> Result<Option<DocumentRow>, StoreError> {
    let query = "SELECT id, name, size, pages, signed_at, signed_by, prepared FROM portal_documents \
                 WHERE visitor = $1 AND id = $2";
    Ok(sqlx::query_as(query)
        .bind(visitor.as_slice())
        .bind(doc.as_bytes().as_slice())
        .fetch_optional(reader)
        .await?)
}

/// How many sessions a visitor has opened since a time.
pub async fn sessions_since(
    reader: &SqlitePool,
    visitor: &VisitorKey,
    since: i64,
) -> Result<i64, StoreError> {
    let query = "SELECT COUNT(*) FROM portal_sessions WHERE visitor = $1 AND created_at > $2";
    Ok(sqlx::query_scalar(query)
        .bind(visitor.as_slice())
        .bind(since)
        .fetch_one(reader)
        .await?)
}

/// Stores a session and its documents.
pub async fn put_session(
    tx: &mut Tx,
    visitor: VisitorKey,
    sid: SessionId,
    docs: &[DocumentId],
    now: i64,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO portal_sessions (sid, visitor, created_at) VALUES ($1, $2, $3)")
        .bind(sid.as_bytes().as_slice())
        .bind(visitor.as_slice())
        .bind(now)
        .execute(&mut *tx)
        .await?;
    for (position, doc) in (0i64..).zip(docs) {
        sqlx::query(
            "INSERT INTO portal_session_documents (sid, doc, position) VALUES ($1, $2, $3)",
        )
        .bind(sid.as_bytes().as_slice())
        .bind(doc.as_bytes().as_slice())
        .bind(position)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// One of a visitor's sessions.
pub async fn session(
    reader: &SqlitePool,
    visitor: &VisitorKey,
    sid: &SessionId,
) -> Result<Option<SessionRow>, StoreError> {
    let query =
        "SELECT created_at, binding, ended_at FROM portal_sessions WHERE visitor = $1 AND sid = $2";
    Ok(sqlx::query_as(query)
        .bind(visitor.as_slice())
        .bind(sid.as_bytes().as_slice())
        .fetch_optional(reader)
        .await?)
}

/// The documents that a session was opened for.
pub async fn session_documents(
    reader: &SqlitePool,
    sid: &SessionId,
) -> Result<Vec<DocumentId>, StoreError> {
    let query = "SELECT doc FROM portal_session_documents WHERE sid = $1 ORDER BY position";
    let rows: Vec<Vec<u8>> = sqlx::query_scalar(query)
        .bind(sid.as_bytes().as_slice())
        .fetch_all(reader)
        .await?;
    rows.iter()
        .map(|id| DocumentId::from_slice(id).map_err(|_| StoreError::Damaged("document id")))
        .collect()
}

/// Binds a session to its channel; false when it is bound to another one.
pub async fn bind_session(
    tx: &mut Tx,
    sid: SessionId,
    binding: [u8; 32],
) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE portal_sessions SET binding = $2 WHERE sid = $1 AND (binding IS NULL OR binding = $2)")
        .bind(sid.as_bytes().as_slice())
        .bind(binding.as_slice())
        .execute(&mut *tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends a session; a second time changes nothing.
pub async fn end_session(tx: &mut Tx, sid: SessionId, now: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE portal_sessions SET ended_at = $2 WHERE sid = $1 AND ended_at IS NULL")
        .bind(sid.as_bytes().as_slice())
        .bind(now)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Open sessions that documents were made ready in for a certificate.
pub async fn sessions_of_certificate(
    reader: &SqlitePool,
    certificate_hash: &[u8; 32],
) -> Result<Vec<SessionId>, StoreError> {
    let query = "SELECT DISTINCT b.sid FROM portal_prepared p \
                 JOIN portal_batch_documents d ON d.prepared = p.id JOIN portal_batches b ON b.id = d.batch \
                 JOIN portal_sessions s ON s.sid = b.sid WHERE p.certificate_hash = $1 AND s.ended_at IS NULL";
    let rows: Vec<Vec<u8>> = sqlx::query_scalar(query)
        .bind(certificate_hash.as_slice())
        .fetch_all(reader)
        .await?;
    rows.iter()
        .map(|id| SessionId::from_slice(id).map_err(|_| StoreError::Damaged("session id")))
        .collect()
}

/// A document that was already made ready for this certificate and seal.
pub async fn prepared_for(
    reader: &SqlitePool,
    doc: &DocumentId,
    certificate_hash: &[u8; 32],
    seal_hash: &[u8; 32],
) -> Result<Option<PreparedRow>, StoreError> {
    let query = "SELECT id, doc, certificate, es_id, size, digest, signed_digest FROM portal_prepared \
                 WHERE doc = $1 AND certificate_hash = $2 AND seal_hash = $3";
    Ok(sqlx::query_as(query)
        .bind(doc.as_bytes().as_slice())
        .bind(certificate_hash.as_slice())
        .bind(seal_hash.as_slice())
        .fetch_optional(reader)
        .await?)
}

/// Stores what was made ready; false when another call was first, whose row then stands.
pub async fn put_prepared(tx: &mut Tx, new: &NewPrepared, now: i64) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO portal_prepared (id, doc, certificate, certificate_hash, seal_hash, es_id, size, digest, signed_digest, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (doc, certificate_hash, seal_hash) DO NOTHING",
    )
    .bind(&new.row.id)
    .bind(&new.row.doc)
    .bind(&new.row.certificate)
    .bind(new.certificate_hash.as_slice())
    .bind(new.seal_hash.as_slice())
    .bind(&new.row.es_id)
    .bind(new.row.size)
    .bind(&new.row.digest)
    .bind(&new.row.signed_digest)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores a batch of prepared documents.
pub async fn put_batch(
    tx: &mut Tx,
    sid: SessionId,
    batch: BatchId,
    rows: &[PreparedRow],
    now: i64,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO portal_batches (id, sid, created_at) VALUES ($1, $2, $3)")
        .bind(batch.as_bytes().as_slice())
        .bind(sid.as_bytes().as_slice())
        .bind(now)
        .execute(&mut *tx)
        .await?;
    for (position, row) in (0i64..).zip(rows) {
        sqlx::query("INSERT INTO portal_batch_documents (batch, doc, position, prepared) VALUES ($1, $2, $3, $4)")
            .bind(batch.as_bytes().as_slice())
            .bind(&row.doc)
            .bind(position)
            .bind(&row.id)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

/// A document as it stands in a session's newest batch, or in the batch that is named.
pub async fn batch_document(
    reader: &SqlitePool,
    sid: &SessionId,
    doc: &DocumentId,
    batch: Option<&BatchId>,
) -> Result<Option<PreparedRow>, StoreError> {
    let query = "SELECT p.id, p.doc, p.certificate, p.es_id, p.size, p.digest, p.signed_digest FROM portal_batches b \
                 JOIN portal_batch_documents d ON d.batch = b.id JOIN portal_prepared p ON p.id = d.prepared \
                 WHERE b.sid = $1 AND d.doc = $2 AND ($3 IS NULL OR b.id = $3) ORDER BY b.created_at DESC, b.id LIMIT 1";
    Ok(sqlx::query_as(query)
        .bind(sid.as_bytes().as_slice())
        .bind(doc.as_bytes().as_slice())
        .bind(batch.map(|b| b.as_bytes().as_slice()))
        .fetch_optional(reader)
        .await?)
}

/// Takes a result: the document is signed by this CMS. False when another one was taken before.
pub async fn take_result(
    tx: &mut Tx,
    batch: BatchId,
    doc: DocumentId,
    prepared: Vec<u8>,
    cms_hash: [u8; 32],
    now: i64,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE portal_documents SET signed_at = COALESCE(signed_at, $2), signed_by = $3, prepared = $4 \
         WHERE id = $1 AND (signed_by IS NULL OR signed_by = $3)",
    )
    .bind(doc.as_bytes().as_slice())
    .bind(now)
    .bind(cms_hash.as_slice())
    .bind(&prepared)
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("UPDATE portal_batch_documents SET taken_at = COALESCE(taken_at, $3) WHERE batch = $1 AND doc = $2")
        .bind(batch.as_bytes().as_slice())
        .bind(doc.as_bytes().as_slice())
        .bind(now)
        .execute(&mut *tx)
        .await?;
    Ok(true)
}
