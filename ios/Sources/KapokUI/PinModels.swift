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
            state = State(notice: Notice.aboutPin(error), waitUntil: error.waitUntil)
        }
    }
}

extension KapokFailure {
    /// Until then the library refuses every PIN.
    var waitUntil: Date? {
        waitSeconds.flatMap(Date.after)
    }
}

extension Date {
    /// The end of a wait that begins now; nothing for no wait.
    public static func after(seconds: UInt32) -> Date? {
        seconds == 0 ? nil : Date(timeIntervalSinceNow: TimeInterval(seconds))
    }
}

/// 设置PIN码, 修改PIN码 and both ways of 人脸识别重置PIN码: the new PIN and once more, after the one that holds where that allows it.
@MainActor
@Observable
public final class PinSetModel {
    public enum Phase: Equatable, Sendable { case old, first, second, working, done }

    public struct State: Equatable, Sendable {
        public var phase = Phase.first
        /// 0 to 6.
        public var dots = 0
        public var notice: Notice?
        /// Until then the library refuses every PIN.
        public var waitUntil: Date?
    }

    /// The PIN that holds, the new one, and the new one again; the call empties them.
    public typealias Act = @MainActor (PinPad, PinPad, PinPad) async throws(KapokFailure) -> Void

    public private(set) var state: State
    public var phase: Phase { state.phase }
    /// The PIN that holds is typed first.
    public let asksOld: Bool
    @ObservationIgnored private let old = PinPad()
    @ObservationIgnored private let first = PinPad()
    @ObservationIgnored private let second = PinPad()
    @ObservationIgnored private let app: KapokApp
    @ObservationIgnored private let act: Act

    /// 设置PIN码, where there is none.
    public convenience init(_ app: KapokApp) {
        self.init(app, asksOld: false) { _, first, second async throws(KapokFailure) in
            try await app.vault.setPin(first, repeat: second)
        }
    }

    /// 修改PIN码, by the PIN that holds.
    public static func changing(_ app: KapokApp) -> PinSetModel {
        PinSetModel(app, asksOld: true) { old, first, second async throws(KapokFailure) in
            try await app.vault.changePin(old, to: first, repeat: second)
        }
    }

    init(_ app: KapokApp, asksOld: Bool, _ act: @escaping Act) {
        self.app = app
        self.asksOld = asksOld
        self.act = act
        state = State(phase: asksOld ? .old : .first)
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
        case .old: if old.count == PinPad.length { state = State(phase: .first) }
        case .first: check()
        case .second: await set()
        case .working, .done: break
        }
    }

    /// Begins anew, as 返回上一步 does.
    public func restart() {
        old.clear()
        again()
    }

    /// The library has emptied what it took: whether the PIN that holds must be typed again shows on its length.
    private func again() {
        first.clear()
        second.clear()
        state = State(phase: asksOld && old.count < PinPad.length ? .old : .first)
    }

    private var pad: PinPad? {
        switch state.phase {
        case .old: old
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
            again()
            state.notice = Notice(error)
        }
    }

    private func set() async {
        state.phase = .working
        do {
            try await act(old, first, second)
            state = State(phase: .done)
        } catch {
            again()
            state.notice = Notice.aboutPin(error)
            state.waitUntil = error.waitUntil
        }
    }
}
