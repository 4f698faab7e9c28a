//! The subjects of the benchmarks: the one list, which `cargo xtask bench` shares with the program that measures.

/// One subject.
pub struct Subject {
    /// The name for `--only`.
    pub name: &'static str,
    /// What it measures, in a few words.
    pub about: &'static str,
}

/// All subjects, in the order in which they run: what is disturbed least by heat and caches comes first.
pub const SUBJECTS: &[Subject] = &[
    Subject {
        name: "pin",
        about: "client CPU from the PIN to the signature, by stage",
    },
    Subject {
        name: "session",
        about: "client CPU of a whole session of the real core, network and disk included",
    },
    Subject {
        name: "vault",
        about: "a reset by face, and a lost phone, as a person waits for them",
    },
    Subject {
        name: "guard",
        about: "the guard's EVAL with proof, on disk before it is answered",
    },
    Subject {
        name: "relay",
        about: "round trip and frames a second through the relay",
    },
    Subject {
        name: "relay-idle",
        about: "memory of 10,000 idle sockets at the relay",
    },
    Subject {
        name: "pdf",
        about: "PAdES B-B of 1 MB beside PDFBox and pyHanko",
    },
    Subject {
        name: "demo",
        about: "wall time and memory of the release demo",
    },
    Subject {
        name: "languages",
        about: "first calls and a camera frame from Kotlin and Swift",
    },
    Subject {
        name: "size",
        about: "size of the phone's library (builds it: minutes)",
    },
];
