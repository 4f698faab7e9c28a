//! Scripts and styles as they are served: without the lines that only people read.
//!
//! The transform knows lines, not the language, and is right because of how the sources are written, which a test holds: a comment has
//! lines of its own, no text runs over a line end, and every statement ends with a semicolon.

/// The source without comment lines, indentation and empty lines, and without the line ends that mean nothing.
pub fn script(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut before = "";
    for line in code(source) {
        if parted(before, line) {
            out.push('\n');
        }
        out.push_str(line);
        before = line;
    }
    out
}

/// Whether the line end between two lines stays. No semicolon is ever inserted at the others (ECMA-262 § 12.10) where statements have
/// their own; and nothing must become part of a remark.
fn parted(before: &str, line: &str) -> bool {
    let open = before.is_empty() || before.ends_with([';', '{', '}', ',', '(', '[']);
    let goes_on = line.starts_with(['}', ')', ']', '.', '?', ':']);
    before.contains("//") || !(open || goes_on)
}

/// A style sheet without comment lines and indentation.
pub fn style(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    for line in code(source) {
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// The lines that are not comments, trimmed.
fn code(source: &str) -> impl Iterator<Item = &str> {
    let mut in_comment = false;
    source.lines().map(str::trim).filter(move |line| {
        let comment = in_comment || line.starts_with("/*");
        if comment {
            in_comment = !line.ends_with("*/");
        }
        !comment && !line.is_empty() && !line.starts_with("//")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comment_lines_indentation_and_needless_line_ends_go() {
        let source = "// Says why.\nconst a = {\n  b: 1, // stays,\n\n  /** One line. */\n  c: 'x // y',\n};\n/*\n * Many\n * lines.\n */\nf(\n  a\n)\n  .then(g);\n";
        assert_eq!(
            script(source),
            "const a = {b: 1, // stays,\nc: 'x // y',\n};f(a).then(g);"
        );
    }

    #[test]
    fn a_style_sheet_keeps_its_rules() {
        let source = "/* Colours. */\n:root {\n  --ink: #111;\n}\n\n/*\n Two\n*/\nbody { color: var(--ink) }\n";
        assert_eq!(
            style(source),
            ":root {\n--ink: #111;\n}\nbody { color: var(--ink) }\n"
        );
    }

    #[test]
    fn code_behind_a_comment_on_its_line_is_not_lost_in_silence() {
        assert!(code("/* a */ b();").next().is_none());
        for (name, source) in super::super::assets::SCRIPTS {
            for line in source.lines().map(str::trim) {
                assert!(
                    !line.starts_with("/*") || line.ends_with("*/") || !line.contains("*/"),
                    "{name}: {line}"
                );
                assert!(line.matches('`').count() % 2 == 0, "{name}: {line}");
                assert!(!line.ends_with('\\'), "{name}: {line}");
            }
        }
    }
}
