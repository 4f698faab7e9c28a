import Observation

/// No condition of a test takes longer; what waits longer hangs.
private let patience = Duration.seconds(60)

/// Waits until a condition over observed models holds; looks again whenever one of them changes. Ends with its task, and after a minute
/// with an error that names the line and tells what `seen` is.
@MainActor
public func until(
    _ holds: @escaping @MainActor () -> Bool,
    seen: @escaping @MainActor () -> String = { "" },
    file: String = #fileID,
    line: Int = #line
) async throws {
    let hangs = ContinuousClock.now + patience
    while !holds() {
        try Task.checkCancellation()
        if ContinuousClock.now > hangs { throw Unexpected("\(file):\(line) still waits: \(seen())") }
        let (changes, announce) = AsyncStream<Void>.makeStream()
        withObservationTracking {
            _ = holds()
        } onChange: {
            announce.yield()
        }
        let bell = Task {
            try await Task.sleep(until: hangs)
            announce.yield()
        }
        for await _ in changes { break }
        bell.cancel()
        // The change itself comes right after its announcement.
        await Task.yield()
    }
}
