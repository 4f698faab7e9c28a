//! The listing of what shells see of the library, out of the generated Kotlin: in review it shows what a change does to them.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::Path;

use crate::context::Context;

/// Where the listing is kept.
const LISTING: &str = "bindings/surface.txt";
const HEADER: &str = "# What shells see of the library, made by `cargo xtask bindings`. The tests compare it with the code.\n";
/// Types of UniFFI's own in every generated file.
const OWN: &[&str] = &[
    "Uniffi",
    "Ffi",
    "Disposable",
    "RustBuffer",
    "ForeignBytes",
    "NoHandle",
];

/// Writes the listing.
pub fn write(context: &Context, kotlin: &Path) -> Result<()> {
    let path = context.path(LISTING);
    fs::write(&path, current(kotlin)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}

/// Whether the committed listing is the code's; names the first line that differs if not.
pub fn is_current(context: &Context, kotlin: &Path) -> Result<bool> {
    let now = current(kotlin)?;
    let kept = fs::read_to_string(context.path(LISTING)).unwrap_or_default();
    if now == kept {
        return Ok(true);
    }
    let differs = now
        .lines()
        .zip(kept.lines())
        .find(|(now, kept)| now != kept);
    println!(
        "{LISTING} is not what the library exports now (first difference: {}); run `cargo xtask bindings` and review it",
        differs.map_or("its length", |(now, _)| now.trim())
    );
    Ok(false)
}

fn current(kotlin: &Path) -> Result<String> {
    let file = kotlin.join("dev/kapok/kapok.kt");
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(format!("{HEADER}{}", listing(&text)))
}

/// A declaration on the top level whose members are listed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Interface,
    Record,
    Enum,
    Sealed,
    Object,
}

fn listing(kotlin: &str) -> String {
    let mut out = String::new();
    let mut open: Option<Kind> = None;
    let mut depth = 0_usize;
    for line in code(kotlin) {
        if depth == 0 && !line.starts_with(['{', ':', ',']) {
            open = header(line).map(|(kind, name)| {
                out.push_str(&name);
                out.push('\n');
                kind
            });
            if let Some(function) = function(line) {
                out.push_str(&function);
                out.push('\n');
            }
        } else if let Some(member) = open.and_then(|kind| member(kind, depth, line)) {
            out.push_str(&"    ".repeat(depth.min(2)));
            out.push_str(&member);
            out.push('\n');
        }
        let count = |any: [char; 2]| line.matches(any).count();
        depth = (depth + count(['{', '('])).saturating_sub(count(['}', ')']));
    }
    out
}

/// Trimmed lines without comments and blank lines.
fn code(kotlin: &str) -> impl Iterator<Item = &str> {
    let mut in_comment = false;
    kotlin.lines().map(str::trim).filter(move |line| {
        let starts = line.starts_with("/*");
        let skip = in_comment || starts || line.starts_with("//") || line.is_empty();
        in_comment = (in_comment || starts) && !line.contains("*/");
        !skip
    })
}

fn header(line: &str) -> Option<(Kind, String)> {
    let line = line.strip_prefix("public ").unwrap_or(line);
    let kinds = [
        ("interface ", Kind::Interface),
        ("data class ", Kind::Record),
        ("enum class ", Kind::Enum),
        ("sealed class ", Kind::Sealed),
        ("open class ", Kind::Object),
    ];
    let (word, kind, rest) = kinds
        .iter()
        .find_map(|(word, kind)| Some((*word, *kind, line.strip_prefix(word)?)))?;
    let name = rest.split(['(', '{', ':', ' ', '<']).next()?;
    let own = OWN.iter().any(|own| name.starts_with(own)) || name.is_empty();
    (!own).then(|| (kind, format!("{word}{name}")))
}

/// A function on the top level; those of UniFFI's own are not in backticks.
fn function(line: &str) -> Option<String> {
    let (before, rest) = line.split_once("fun `")?;
    if before.contains("override") {
        return None;
    }
    Some(tidy(&format!("fun `{rest}")))
}

fn member(kind: Kind, depth: usize, line: &str) -> Option<String> {
    let starts = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    let constant = |line: &str| {
        let name = line.trim_end_matches([',', ';']);
        name.len() < line.len()
            && name
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    let listed = match (kind, depth) {
        (Kind::Interface, 1) => starts(&["fun ", "suspend fun "]),
        (Kind::Record, 1) => starts(&["val ", "var "]),
        (Kind::Enum, 1) => constant(line),
        (Kind::Sealed, 1) => starts(&["object ", "data class ", "class "]),
        (Kind::Sealed, 2) => starts(&["val ", "var "]),
        (Kind::Object, 1) => {
            starts(&["constructor("])
                && !line.contains("UniffiWithHandle")
                && !line.contains("NoHandle")
        }
        (Kind::Object, 2) => line.contains(" fun `") && !line.contains("override "),
        _ => false,
    };
    listed.then(|| tidy(line))
}

/// Without what only the compiler needs.
fn tidy(line: &str) -> String {
    // The last field of a variant closes it.
    let line = line
        .split(") : ")
        .next()
        .filter(|_| line.starts_with("val "))
        .unwrap_or(line);
    line.replace('`', "")
        .replace("kotlin.", "")
        .replace("dev.kapok.", "")
        .trim_end_matches(['{', '(', ',', ';', ' ', ':'])
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_listed_and_what_lies_below_them_is_not() {
        let kotlin = r#"
public interface FfiConverter<A, B> {
    fun lift(value: B): A
}
/**
 * fun of a comment
 */
public interface PadInterface {
    /** One line. */
    fun `push`(`digit`: kotlin.UByte): kotlin.Boolean
    suspend fun `wait`()
    companion object
}
open class Pad: Disposable, AutoCloseable, PadInterface
{
    constructor(withHandle: UniffiWithHandle, handle: Long) {
        this.handle = handle
    }
    constructor() :
        this(UniffiWithHandle, call())
    override fun `push`(`digit`: kotlin.UByte): kotlin.Boolean {
        fun inner() {}
    }
}
data class View (
    val `id`: Id
    ,
    val `name`: kotlin.String
){
    companion object
}
enum class Kind {
    ONE,
    TWO_MORE;
    companion object
}
sealed class Event {
    object Over : Event()
    data class In(
        val `who`: dev.kapok.View) : Event()
    {
        companion object
    }
}
private fun helper() {}
    @Throws(KapokException::class) fun `check`(`pad`: Pad)
        =
    call()
"#;
        let expected = "interface PadInterface
    fun push(digit: UByte): Boolean
    suspend fun wait()
open class Pad
    constructor()
data class View
    val id: Id
    val name: String
enum class Kind
    ONE
    TWO_MORE
sealed class Event
    object Over : Event()
    data class In
        val who: View
fun check(pad: Pad)
";
        assert_eq!(listing(kotlin), expected);
    }
}
