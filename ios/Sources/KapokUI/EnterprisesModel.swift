import Kapok
import Observation

/// 选择办事企业, 手动添加, 查找企业.
@MainActor
@Observable
public final class EnterprisesModel {
    public enum Phase: Equatable, Sendable { case loading, empty, listed, failed }

    public struct State: Equatable, Sendable {
        public var phase = Phase.loading
        public var enterprises: [EnterpriseView] = []
        public var hits: [RegistryHit] = []
        public var notice: Notice?
    }

    public private(set) var state = State()
    public var phase: Phase { state.phase }
    public var uscc = ""
    public var query = ""
    @ObservationIgnored private let app: KapokApp

    public init(_ app: KapokApp) {
        self.app = app
    }

    /// Shows the account's enterprises.
    public func load() async {
        do {
            let list = try await app.enterprises.list()
            state.enterprises = list
            state.phase = list.isEmpty ? .empty : .listed
        } catch {
            state.phase = .failed
            state.notice = Notice(error)
        }
    }

    /// 选择办事 / 切换企业.
    public func select(_ enterpriseId: EnterpriseId) async {
        await change(.selected) { () async throws(KapokFailure) in
            _ = try await self.app.enterprises.select(enterpriseId)
        }
    }

    /// 立即添加, with the typed code.
    public func add() async {
        let uscc = uscc
        await change(.added) { () async throws(KapokFailure) in
            _ = try await self.app.enterprises.add(uscc: uscc)
        }
    }

    /// 查找.
    public func search() async {
        do {
            state.hits = try await app.enterprises.search(query)
            state.notice = nil
        } catch {
            state.notice = Notice(error)
        }
    }

    /// 选择该企业.
    public func register(_ hit: RegistryHit) async {
        await change(.added) { () async throws(KapokFailure) in
            _ = try await self.app.enterprises.register(name: hit.name, uscc: hit.uscc)
        }
    }

    private func change(_ done: L10n, _ act: () async throws(KapokFailure) -> Void) async {
        do {
            try await act()
            state.notice = Notice(Words(done))
            await load()
        } catch {
            state.notice = Notice(error)
        }
    }
}
