import KapokCore

/// Makes a call of the library. It runs to its end even if its task is cancelled: an act that the platform may have carried out is
/// never left halfway.
func calling<T: Sendable>(_ call: () async throws -> T) async throws(KapokFailure) -> T {
    do { return try await call() } catch { throw KapokFailure(error) }
}

/// Makes a call that waits for somebody else. Cancelling the task ends it: UniFFI's code alone does not hand that on to Rust.
func waiting<T: Sendable>(_ call: (KapokCore.CancelToken) async throws -> T) async throws(KapokFailure) -> T {
    let token = KapokCore.CancelToken()
    do {
        return try await withTaskCancellationHandler {
            try await call(token)
        } onCancel: {
            token.cancel()
        }
    } catch {
        throw KapokFailure(error)
    }
}

/// Makes a call that reads and writes files, off the caller's thread.
func blocking<T: Sendable>(_ call: @escaping @Sendable () throws -> T) async throws(KapokFailure) -> T {
    do { return try await Task.detached(operation: call).value } catch { throw KapokFailure(error) }
}
