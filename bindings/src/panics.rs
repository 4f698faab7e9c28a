//! What a panic leaves behind: where it happened, never what it said, because a payload may quote data.

use std::sync::Once;

/// Replaces the standard hook, which prints the payload. UniFFI and the runtime turn the panic into an error of the call.
pub(crate) fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let (file, line) = info
                .location()
                .map_or(("unknown", 0), |place| (place.file(), place.line()));
            eprintln!("kapok: panic at {file}:{line}");
        }));
    });
}
