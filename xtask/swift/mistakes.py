#!/usr/bin/env python3
"""How many seeded mistakes in the SwiftUI views the hand-written signatures catch. Works on a copy; `cargo xtask ios` comes first.

usage: mistakes.py SWIFT_FOLDER    (the folder of install.sh)
"""

import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = ROOT / "target/ios/mistakes"

# What, file, right, wrong.
MISTAKES = [
    ("member of a state renamed", "VaultViews", "model.state.dots", "model.state.dotz"),
    ("Int for UInt8", "Parts", "press(digit)", "press(Int(digit))"),
    ("await forgotten", "EnterpriseViews", "Task { await model.register(hit) }", "Task { model.register(hit) }"),
    ("phase forgotten", "VaultViews", "            case .working: ProgressView()\n", ""),
    ("phase of another model", "LoginViews", "case .choosing: ways", "case .entering: ways"),
    ("Int as a text", "Parts", 'Text(verbatim: "\\(digit)")', "Text(digit)"),
    ("rows without identity", "EnterpriseViews", "ForEach(model.state.hits, id: \\.uscc)", "ForEach(model.state.hits)"),
    ("value for a binding", "EnterpriseViews", "Field(.uscc, $model.uscc)", "Field(.uscc, model.uscc)"),
    ("binding to what is read only", "EnterpriseViews", "$model.query", "$model.state"),
    ("modifier misspelt", "HomeViews", ".navigationTitle", ".navigationTitel"),
    ("field of the library renamed", "EnterpriseViews", "agent.validTo", "agent.validUntil"),
    ("some forgotten", "HomeViews", "private var who: some View", "private var who: View"),
    ("builder forgotten", "HomeViews", "@ViewBuilder private var who", "private var who"),
    ("delegate's method misnamed", "Scanner", "didOutput sampleBuffer", "didOutputSample sampleBuffer"),
    ("status as a truth value", "Ports", "guard SecItemAdd(item as CFDictionary, nil) == errSecSuccess", "guard SecItemAdd(item as CFDictionary, nil)"),
    ("main actor from the camera's queue", "Scanner", "self.session.startRunning()", "UIView(frame: .zero).layoutSubviews()"),
    ("content that is no view", "RootView", "PinSetView(model: $0)", "$0"),
    ("value of the environment misspelt", "RootView", "\\.scenePhase", "\\.scenePhaze"),
    ("modifier of iOS 18", "Parts", ".privacySensitive()", ".privacySensitive().presentationSizing(.form)"),
    ("text that is not in the catalogue", "LoginViews", "Text(.privacy)", "Text(.privacee)"),
    ("argument forgotten", "Parts", "Words(.digitsTyped, \"\\(dots)\")", "Words(\"\\(dots)\")"),
    ("symbol of the system misspelt", "Parts", '"delete.left"', '"delete.lefft"'),
    ("port without a method", "Ports", "public func remove(name: String) throws {", "func removed(name: String) throws {"),
    ("screen forgotten", "RootView", "        case .mine: MineView()\n", ""),
]


def build(swift: str) -> subprocess.CompletedProcess:
    command = [str(ROOT / "xtask/swift/run.sh"), swift, "env", f"KAPOK_CORE={ROOT}/target/ios/core", "swift", "build"]
    command += ["--disable-sandbox", "--scratch-path", str(COPY / "build"), "--target", "KapokViews"]
    return subprocess.run(command, cwd=COPY / "ios", capture_output=True, text=True, check=False)


def main(swift: str) -> None:
    shutil.rmtree(COPY / "ios", ignore_errors=True)
    shutil.copytree(ROOT / "ios", COPY / "ios")
    first = build(swift)
    if first.returncode:
        sys.exit("the views do not compile as they are:\n" + first.stdout + first.stderr)
    caught = 0
    for what, name, right, wrong in MISTAKES:
        path = COPY / f"ios/Sources/KapokViews/{name}.swift"
        text = path.read_text()
        if right not in text:
            sys.exit(f"{name}.swift has no longer: {right}")
        path.write_text(text.replace(right, wrong, 1))
        run = build(swift)
        path.write_text(text)
        error = re.search(r"error: (?!emit-module|fatalError)(.*)", run.stdout + run.stderr)
        caught += run.returncode != 0
        print("caught" if run.returncode else "MISSED", what, "|", error.group(1)[:100] if error else "", flush=True)
    print(f"{caught} of {len(MISTAKES)} caught")


main(sys.argv[1])
