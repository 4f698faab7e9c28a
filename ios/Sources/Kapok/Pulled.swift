/// What the library has to say, one after the other, for as long as somebody iterates. It ends when the iterating task is cancelled.
///
/// Events and requests are one queue each: two tasks that iterate at once share what comes. Nothing is lost between two loops.
public struct Pulled<Element: Sendable>: AsyncSequence, Sendable {
    let start: @Sendable () -> @Sendable () async throws -> Element

    /// Iterates over what comes from now on.
    public func makeAsyncIterator() -> Iterator {
        Iterator(pull: start())
    }

    /// Waits for one element after the other.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        let pull: @Sendable () async throws -> Element

        /// The next element; nothing once the task is cancelled. Throws ``KapokFailure`` if the library cannot go on.
        public func next() async throws -> Element? {
            guard !Task.isCancelled else { return nil }
            do {
                return try await pull()
            } catch let failure as KapokFailure where failure.isCancellation {
                return nil
            }
        }
    }
}
