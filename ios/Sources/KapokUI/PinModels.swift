import Foundation
import Kapok
import Observation

/// 输入PIN码: dots only. What the PIN is for is a call of the library, which empties the pad.
@MainActor
@Observable
public final class PinEntryModel {
    public enum Phase: Equatable, Sendable { case entering, checking, done }

    public struct State: Equatable, Sendable {
        public var phase = Phase.entering
        /// 0 to 6.
        public var dots = 0
        public var notice: Notice?
        /// Until then the library refuses every PIN.
        public var waitUntil: Date?
    }

    public private(set) var state = State()
    public var phase: Phase { state.phase }
    @ObservationIgnored private let pad = PinPad()
    @ObservationIgnored private let act: @MainActor (PinPad) async throws(KapokFailure) -> Void

    /// Asks for a PIN for an act.
    public init(_ act: @escaping @MainActor (PinPad) async throws(KapokFailure) -> Void) {
        self.act = act
    }

    /// A digit key, 0 to 9.
    public func press(_ digit: UInt8) {
        guard state.phase == .entering else { return }
        pad.push(digit)
        state.dots = pad.count
        state.notice = nil
    }

    /// The key that takes the last digit back.
    public func backspace() {
        pad.backspace()
        state.dots = pad.count
    }

    /// 确认.
    public func submit() async {
        guard state.phase == .entering else { return }
        state.phase = .checking
        do {
            try await act(pad)
            state = State(phase: .done)
        } catch {
            pad.clear()
            let wait = error.waitSeconds.flatMap { $0 > 0 ? TimeInterval($0) : nil }
            state = State(notice: Notice(error), waitUntil: wait.map { Date(timeIntervalSinceNow: $0) })
        }
    }
}

/// 设置PIN码: the new PIN, and once more.
@MainActor
@Observable
public final class PinSetModel {
    public enum Phase: Equatable, Sendable { case first, second, working, done }

    public struct State: Equatable, Sendable {
        public var phase = Phase.first
        public var dots = 0
        public var notice: Notice?
    }

    public private(set) var state = State()
    public var phase: Phase { state.phase }
    @ObservationIgnored private let first = PinPad()
    @ObservationIgnored private let second = PinPad()
    @ObservationIgnored private let app: KapokApp

    public init(_ app: KapokApp) {
        self.app = app
    }

    /// A digit key, 0 to 9.
    public func press(_ digit: UInt8) {
        pad?.push(digit)
        state.dots = pad?.count ?? 0
        state.notice = nil
    }

    /// The key that takes the last digit back.
    public func backspace() {
        pad?.backspace()
        state.dots = pad?.count ?? 0
    }

    /// 下一步, then 去设置.
    public func submit() async {
        switch state.phase {
        case .first: check()
        case .second: await set()
        case .working, .done: break
        }
    }

    /// Begins anew, as 返回上一步 does.
    public func restart() {
        first.clear()
        second.clear()
        state = State()
    }

    private var pad: PinPad? {
        switch state.phase {
        case .first: first
        case .second: second
        case .working, .done: nil
        }
    }

    private func check() {
        do {
            try app.vault.check(first)
            state = State(phase: .second)
        } catch {
            restart()
            state.notice = Notice(error)
        }
    }

    private func set() async {
        state.phase = .working
        do {
            try await app.vault.setPin(first, repeat: second)
            state = State(phase: .done)
        } catch {
            restart()
            state.notice = Notice(error)
        }
    }
}
