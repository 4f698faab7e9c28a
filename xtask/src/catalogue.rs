//! The iOS shell's texts of the error codes, out of `docs/errors.md`, which is itself generated from the code.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value, json};
use std::fs;

use crate::context::Context;

const LIST: &str = "docs/errors.md";
const CATALOGUE: &str = "ios/Sources/KapokUI/Resources/Errors.xcstrings";

/// Writes the catalogue.
pub fn write(context: &Context) -> Result<()> {
    fs::write(context.path(CATALOGUE), text(context)?)
        .with_context(|| format!("cannot write {CATALOGUE}"))?;
    println!("wrote {CATALOGUE}");
    Ok(())
}

/// Whether the catalogue is what it should be now.
pub fn is_current(context: &Context) -> Result<bool> {
    let current = fs::read_to_string(context.path(CATALOGUE)).unwrap_or_default() == text(context)?;
    if !current {
        println!("{CATALOGUE} is out of date: run `cargo xtask docs`");
    }
    Ok(current)
}

fn text(context: &Context) -> Result<String> {
    let list =
        fs::read_to_string(context.path(LIST)).with_context(|| format!("cannot read {LIST}"))?;
    let strings = entries(&list);
    ensure!(!strings.is_empty(), "{LIST} has no codes");
    let catalogue = json!({ "sourceLanguage": "zh-Hans", "strings": strings, "version": "1.0" });
    Ok(format!("{}\n", serde_json::to_string_pretty(&catalogue)?))
}

/// A row is `| code | HTTP | what to do | zh-CN | zh-HK | en |`.
fn entries(list: &str) -> Map<String, Value> {
    let row = |line: &str| -> Option<(String, Value)> {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, code, _, _, hans, hant, en, _] = cells.as_slice() else {
            return None;
        };
        let code = code.strip_prefix('`')?.strip_suffix('`')?;
        let unit = |value: &str| json!({ "stringUnit": { "state": "translated", "value": value } });
        let all = json!({ "en": unit(en), "zh-Hans": unit(hans), "zh-Hant-HK": unit(hant) });
        Some((code.to_owned(), json!({ "localizations": all })))
    };
    list.lines().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_becomes_an_entry_in_three_languages() {
        let list = "| code | HTTP | do | a | b | c |\n| --- | --- | --- | --- | --- | --- |\n\
                    | `PIN_WRONG` | 403 | again | 错误 | 錯誤 | wrong |\n";
        let entries = entries(list);
        assert_eq!(entries.len(), 1);
        let text = &entries["PIN_WRONG"]["localizations"]["zh-Hant-HK"]["stringUnit"]["value"];
        assert_eq!(text, "錯誤");
    }
}
