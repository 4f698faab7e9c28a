import Observation

/// Waits until a condition over observed models holds; looks again whenever one of them changes. Ends with its task, as at a test's time
/// limit.
@MainActor
public func until(_ holds: @escaping @MainActor () -> Bool) async throws {
    while !holds() {
        try Task.checkCancellation()
        let (changes, announce) = AsyncStream<Void>.makeStream()
        withObservationTracking {
            _ = holds()
        } onChange: {
            announce.yield()
        }
        for await _ in changes { break }
        // The change itself comes right after its announcement.
        await Task.yield()
    }
}
