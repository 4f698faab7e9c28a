//! Puts all mutants of a file into it at once, each behind a switch: `if crate::mutant_on(7) { a != b } else { a == b }`. One build then holds them
//! all, and a run of the tests chooses one by `KAPOK_MUTANT`. The places and the changes are cargo-mutants'.

use anyhow::{Result, bail};
use proc_macro2::{LineColumn, Span};
use quote::ToTokens;
use std::collections::HashSet;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Arm, BinOp, Block, Expr, ExprBinary, ItemConst, ItemStatic, Signature, UnOp, parse_quote,
};

/// One small change, as cargo-mutants lists it.
pub struct Mutant {
    /// From 1; what `KAPOK_MUTANT` says.
    pub number: u32,
    /// `file.rs:12:5: change`.
    pub name: String,
    /// What kind of place is changed.
    pub genre: Genre,
    /// Line from 1 and column from 1 where the place begins.
    pub at: (usize, usize),
    /// The new code; empty where something is deleted.
    pub replacement: String,
}

/// What is changed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Genre {
    /// A function's body: it gives a value at once.
    Value,
    /// A binary operator: another one.
    Binary,
    /// A unary operator: left out.
    Unary,
    /// A match arm's guard: true or false.
    Guard,
    /// A match arm: left out.
    Arm,
}

/// The switch, for the root of a crate.
pub const SWITCH: &str = r#"
#[allow(missing_docs, clippy::all)]
pub fn mutant_on(number: u32) -> bool {
    static ON: std::sync::OnceLock<Option<u32>> = std::sync::OnceLock::new();
    let on = ON.get_or_init(|| std::env::var("KAPOK_MUTANT").ok()?.parse().ok());
    *on == Some(number)
}
"#;

/// The file's code with its mutants behind switches, and the numbers of those that could be put in. Left out: what a `const` needs, and conditions
/// that bind names.
pub fn switched(code: &str, mutants: &[&Mutant]) -> Result<(String, HashSet<u32>)> {
    let mut file = syn::parse_file(code)?;
    let mut switches = Switches {
        mutants,
        placed: HashSet::new(),
        failed: None,
    };
    switches.visit_file_mut(&mut file);
    if let Some(error) = switches.failed {
        bail!("a replacement is no code: {error}");
    }
    Ok((prettyplease::unparse(&file), switches.placed))
}

struct Switches<'a> {
    mutants: &'a [&'a Mutant],
    placed: HashSet<u32>,
    failed: Option<syn::Error>,
}

impl Switches<'_> {
    /// The mutants of a genre at a place; from here on they count as put in.
    fn at(&mut self, genre: Genre, span: Span) -> Vec<(u32, String)> {
        let LineColumn { line, column } = span.start();
        let here = self.mutants.iter();
        let found: Vec<_> = here
            .filter(|m| m.genre == genre && m.at == (line, column + 1))
            .map(|m| (m.number, m.replacement.clone()))
            .collect();
        self.placed.extend(found.iter().map(|(number, _)| *number));
        found
    }

    fn parsed<T: syn::parse::Parse>(&mut self, code: &str) -> Option<T> {
        syn::parse_str(code)
            .map_err(|error| self.failed = Some(error))
            .ok()
    }

    fn body(&mut self, signature: &Signature, block: &mut Block) {
        if signature.constness.is_some() {
            return;
        }
        let start = block.stmts.first().map(Spanned::span);
        visit_mut::visit_block_mut(self, block);
        let values = start.map_or_else(Vec::new, |start| self.at(Genre::Value, start));
        for (number, value) in values.into_iter().rev() {
            if let Some(value) = self.parsed::<Expr>(&value) {
                let first = parse_quote!(if crate::mutant_on(#number) { return #value; });
                block.stmts.insert(0, first);
            }
        }
    }

    fn binary(&mut self, binary: &ExprBinary) -> Option<Expr> {
        if binds(&binary.left) || binds(&binary.right) {
            return None;
        }
        let found = self.at(Genre::Binary, binary.op.span());
        let mut whole = Expr::Binary(binary.clone());
        let any = !found.is_empty();
        for (number, operator) in found {
            let op: BinOp = self.parsed(&operator)?;
            let changed = Expr::Binary(ExprBinary {
                op,
                ..binary.clone()
            });
            whole = parse_quote!((if crate::mutant_on(#number) { #changed } else { #whole }));
        }
        any.then_some(whole)
    }
}

/// Whether a condition binds names (`if let`), which a switch inside it would cut off.
fn binds(condition: &Expr) -> bool {
    let tokens = condition.to_token_stream().into_iter();
    tokens.into_iter().any(|token| token.to_string() == "let")
}

impl VisitMut for Switches<'_> {
    fn visit_item_const_mut(&mut self, _: &mut ItemConst) {}

    fn visit_item_static_mut(&mut self, _: &mut ItemStatic) {}

    fn visit_impl_item_const_mut(&mut self, _: &mut syn::ImplItemConst) {}

    fn visit_type_mut(&mut self, _: &mut syn::Type) {}

    fn visit_item_fn_mut(&mut self, item: &mut syn::ItemFn) {
        let syn::ItemFn { sig, block, .. } = item;
        self.body(sig, block);
    }

    fn visit_impl_item_fn_mut(&mut self, item: &mut syn::ImplItemFn) {
        let syn::ImplItemFn { sig, block, .. } = item;
        self.body(sig, block);
    }

    fn visit_item_mod_mut(&mut self, item: &mut syn::ItemMod) {
        let test = |a: &syn::Attribute| a.path().is_ident("cfg");
        if !item.attrs.iter().any(test) {
            visit_mut::visit_item_mod_mut(self, item);
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        let switched = match expr {
            Expr::Binary(binary) => self.binary(binary),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_) | UnOp::Neg(_)) => {
                let found = self.at(Genre::Unary, unary.op.span());
                let inner = &unary.expr;
                let mut whole = Expr::Unary(unary.clone());
                for (number, _) in &found {
                    whole = parse_quote!((if crate::mutant_on(#number) { #inner } else { #whole }));
                }
                (!found.is_empty()).then_some(whole)
            }
            _ => None,
        };
        if let Some(switched) = switched {
            *expr = switched;
        }
    }

    fn visit_arm_mut(&mut self, arm: &mut Arm) {
        let start = arm.pat.span();
        let guard = arm.guard.as_ref().map(|(_, guard)| guard.span());
        visit_mut::visit_arm_mut(self, arm);
        if let (Some(span), Some((_, guard))) = (guard, &mut arm.guard)
            && !binds(guard)
        {
            for (number, value) in self.at(Genre::Guard, span) {
                if let Some(value) = self.parsed::<Expr>(&value) {
                    **guard =
                        parse_quote!((if crate::mutant_on(#number) { #value } else { #guard }));
                }
            }
        }
        if arm.guard.as_ref().is_some_and(|(_, guard)| binds(guard)) {
            return;
        }
        for (number, _) in self.at(Genre::Arm, start) {
            let guard: Expr = match &arm.guard {
                None => parse_quote!(!crate::mutant_on(#number)),
                Some((_, guard)) => parse_quote!(!crate::mutant_on(#number) && (#guard)),
            };
            arm.guard = Some((Default::default(), Box::new(guard)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(number: u32, genre: Genre, at: (usize, usize), replacement: &str) -> Mutant {
        Mutant {
            number,
            name: String::new(),
            genre,
            at,
            replacement: replacement.to_owned(),
        }
    }

    #[test]
    fn every_genre_is_put_behind_its_switch() {
        let code = "fn f(a: u8, b: Option<u8>) -> bool {\n    let c = !(a == 1);\n    match b {\n        Some(x) if x > a => c,\n        None => true,\n        _ => false,\n    }\n}\n";
        let mutants = [
            mutant(1, Genre::Value, (2, 5), "true"),
            mutant(2, Genre::Unary, (2, 13), ""),
            mutant(3, Genre::Binary, (2, 17), "!="),
            mutant(4, Genre::Guard, (4, 20), "false"),
            mutant(5, Genre::Binary, (4, 22), ">="),
            mutant(6, Genre::Arm, (5, 9), ""),
        ];
        let (switched, placed) = switched(code, &mutants.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!(placed.len(), 6, "{switched}");
        let flat: String = switched.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [
            "if crate::mutant_on(1u32) { return true; }",
            "if crate::mutant_on(3u32) { a != 1 } else { a == 1 }",
            "if crate::mutant_on(4u32) { false }",
            "if crate::mutant_on(5u32) { x >= a } else { x > a }",
            "None if !crate::mutant_on(6u32) => true",
        ] {
            assert!(flat.contains(part), "{part} is not in {flat}");
        }
    }

    #[test]
    fn what_must_be_constant_and_what_binds_names_is_left_alone() {
        let code = "const fn f(a: u8) -> bool {\n    a == 1\n}\nfn g(a: Option<u8>, b: bool) -> u8 {\n    if let Some(x) = a && b { x } else { 0 }\n}\n";
        let mutants = [
            mutant(1, Genre::Binary, (2, 7), "!="),
            mutant(2, Genre::Binary, (5, 24), "||"),
        ];
        let (_, placed) = switched(code, &mutants.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!(placed.len(), 0);
    }
}
