import Observation

/// Waits until a condition over observed models holds; looks again whenever one of them changes. The time limit is the test's.
@MainActor
public func until(_ holds: @escaping @MainActor () -> Bool) async throws {
    while !holds() {
        try Task.checkCancellation()
        await withCheckedContinuation { (changed: CheckedContinuation<Void, Never>) in
            withObservationTracking {
                _ = holds()
            } onChange: {
                changed.resume()
            }
        }
        // The change itself comes right after its announcement.
        await Task.yield()
    }
}
