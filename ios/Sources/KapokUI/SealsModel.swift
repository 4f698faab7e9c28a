import Kapok
import Observation

/// 印章: list, preview, generate.
@MainActor
@Observable
public final class SealsModel {
    public enum Phase: Equatable, Sendable {
        case loading, empty, listed, working
        case previewing(SealPreview)
        case failed
    }

    public struct State: Equatable, Sendable {
        public var phase = Phase.loading
        public var seals: [SealView] = []
        public var notice: Notice?
    }

    public private(set) var state = State()
    public var phase: Phase { state.phase }
    @ObservationIgnored private let app: KapokApp

    public init(_ app: KapokApp) {
        self.app = app
    }

    /// Shows the account's seals.
    public func load() async {
        do {
            let list = try await app.seals.list()
            state.seals = list
            state.phase = list.isEmpty ? .empty : .listed
        } catch {
            state.phase = .failed
            state.notice = Notice(error)
        }
    }

    /// The seal of the current enterprise as it will be.
    public func preview(_ kind: SealKind) async {
        state.phase = .working
        do {
            guard let enterprise = try await app.enterprises.current() else {
                await fail(KapokFailure(code: "ENTERPRISE_REQUIRED", nextStep: .selectEnterprise))
                return
            }
            state.phase = .previewing(try await app.seals.preview(enterprise.enterpriseId, kind))
            state.notice = nil
        } catch {
            await fail(error)
        }
    }

    /// 生成, of the seal that is shown.
    public func generate() async {
        guard case .previewing(let preview) = state.phase else { return }
        state.phase = .working
        do {
            _ = try await app.seals.generate(preview.previewId)
            await load()
            state.notice = Notice(Words(.generated))
        } catch {
            await fail(error)
        }
    }

    /// Leaves the preview.
    public func back() async {
        await load()
    }

    private func fail(_ failure: KapokFailure) async {
        await load()
        state.notice = Notice(failure)
    }
}
