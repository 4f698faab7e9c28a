//! Draws a table of transitions as a Mermaid diagram, so that the picture in `docs/diagrams` cannot go stale.

use std::collections::BTreeSet;
use std::path::Path;

/// One run of a table: state, event, and what came out (the next state and whether something is to be done).
pub(crate) struct Run {
    pub(crate) state: &'static str,
    pub(crate) event: &'static str,
    pub(crate) next: Option<(&'static str, bool)>,
}

/// Compares the committed diagram with the table. `KAPOK_UPDATE_DIAGRAMS=1` writes it instead.
pub(crate) fn check(name: &str, title: &str, runs: &[Run]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/diagrams/{name}.md"));
    let drawn = draw(title, runs);
    if std::env::var_os("KAPOK_UPDATE_DIAGRAMS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &drawn).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        committed, drawn,
        "run the test with KAPOK_UPDATE_DIAGRAMS=1"
    );
}

fn draw(title: &str, runs: &[Run]) -> String {
    let mut edges = BTreeSet::new();
    let mut illegal = BTreeSet::new();
    for run in runs {
        match run.next {
            Some((next, acts)) if next != run.state || acts => {
                edges.insert(format!("    {} --> {next}: {}\n", run.state, run.event));
            }
            Some(_) => {}
            None => {
                illegal.insert(format!("| {} | {} |\n", run.state, run.event));
            }
        }
    }
    // The tables list the state at the start first.
    let first = runs.first().map_or("Idle", |run| run.state);
    let (edges, illegal): (String, String) =
        (edges.into_iter().collect(), illegal.into_iter().collect());
    format!(
        "# {title}\n\nGenerated from `transitions.rs`; events that change nothing and ask for nothing are left out.\n\n\
         ```mermaid\nstateDiagram-v2\n    [*] --> {first}\n{edges}```\n\n\
         Pairs that can be refused as illegal (`STATE_WRONG`, nothing changes):\n\n| state | event |\n|---|---|\n{illegal}"
    )
}
