//! Single values by name: sealed JSON in the table `cell`.

use super::fields::Field;
use super::{Store, StoreError, Unit};
use rusqlite::OptionalExtension;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

const VALUE: Field = Field {
    table: "cell",
    column: "value",
    schema: 1,
};

impl Unit<'_> {
    /// The value of a name, or nothing.
    pub fn cell<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let sealed: Option<Vec<u8>> = self
            .tx
            .query_row("SELECT value FROM cell WHERE name = ?1", [name], |row| {
                row.get(0)
            })
            .optional()?;
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let json = self.keys.open(&VALUE, name.as_bytes(), &sealed)?;
        serde_json::from_slice(&json)
            .map(Some)
            .map_err(|_| StoreError::Malformed)
    }

    /// Puts a value in place of an earlier one.
    pub fn set_cell<T: Serialize>(&self, name: &str, value: &T) -> Result<(), StoreError> {
        let json = Zeroizing::new(serde_json::to_vec(value).map_err(|_| StoreError::Malformed)?);
        let sealed = self.keys.seal(&VALUE, name.as_bytes(), &json)?;
        self.tx.execute(
            "INSERT INTO cell (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, sealed),
        )?;
        Ok(())
    }

    /// Forgets a value; a name that is not there is no error.
    pub fn remove_cell(&self, name: &str) -> Result<(), StoreError> {
        self.tx
            .execute("DELETE FROM cell WHERE name = ?1", [name])?;
        Ok(())
    }
}

impl Store {
    /// [`Unit::cell`] in a transaction of its own.
    pub async fn get<T>(&self, name: impl Into<String>) -> Result<Option<T>, StoreError>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let name = name.into();
        self.read(move |unit| unit.cell(&name)).await
    }

    /// [`Unit::set_cell`] in a transaction of its own.
    pub async fn set<T>(&self, name: impl Into<String>, value: T) -> Result<(), StoreError>
    where
        T: Serialize + Send + 'static,
    {
        let name = name.into();
        self.write(move |unit| unit.set_cell(&name, &value)).await
    }

    /// [`Unit::remove_cell`] in a transaction of its own.
    pub async fn remove(&self, name: impl Into<String>) -> Result<(), StoreError> {
        let name = name.into();
        self.write(move |unit| unit.remove_cell(&name)).await
    }
}
