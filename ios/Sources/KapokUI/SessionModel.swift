import Foundation
import Kapok
import Observation

/// What follows from a scan: 核对网址, 输入PIN码, 已连接电脑, 交出证书与印章, 待签文件, 签署结果. The library says which of them.
@MainActor
@Observable
public final class SessionModel {
    public enum Phase: Equatable, Sendable {
        case idle
        case connecting
        case checking(SigningPeer)
        /// The address is what the person is asked for: it stays off this screen.
        case siteCheck(SigningPeer, SigningRp, choices: [String])
        case approve(SigningPeer, SigningRp)
        case connected(SigningPeer, SigningRp, PickedView?)
        case handover(SigningPeer, SigningRp, PickedView)
        case review(PickedView, [SigningDocument])
        case signing([SigningDocument])
        case result(SigningOutcome, SigningPeer, SigningRp)
        case closed(CloseReason, SigningOutcome?)
    }

    /// A page that is open.
    public struct Page: Equatable, Sendable {
        public let document: DocumentId
        public let index: Int
        public let pages: Int
        /// Nothing while it is being drawn.
        public var picture: PagePicture?
    }

    public struct State: Equatable, Sendable {
        public var phase = Phase.idle
        /// Documents that the person does not want signed.
        public var leftOut: Set<DocumentId> = []
        public var page: Page?
        /// When the lease ends; nothing without one.
        public var leaseEnds: Date?
        /// What the person is to know of the connection.
        public var warnings: [Words] = []
        public var notice: Notice?
    }

    public private(set) var state = State()
    public var phase: Phase { state.phase }
    /// 请输入PIN码，验证签名.
    public private(set) var pin: PinEntryModel
    @ObservationIgnored private let signing: Signing

    public init(_ app: KapokApp) {
        let signing = app.signing
        self.signing = signing
        pin = Self.pin(signing)
        show(signing.view)
    }

    /// Follows the session until the task is cancelled.
    public func run() async {
        do {
            for try await view in signing.views { show(view) }
        } catch {
            state.notice = (error as? KapokFailure).map(Notice.init)
        }
    }

    /// The address that the PC's browser shows.
    public func choose(_ origin: String) async {
        await act { () async throws(KapokFailure) in try await self.signing.chooseSite(origin) }
    }

    /// 同意交出.
    public func handOver() async {
        await act { () async throws(KapokFailure) in try await self.signing.handOver() }
    }

    /// 选中/取消.
    public func tick(_ document: DocumentId) {
        if state.leftOut.remove(document) == nil { state.leftOut.insert(document) }
    }

    /// 查看页面, from 0.
    public func open(_ document: SigningDocument, page index: Int, width: Int) async {
        let pages = max(1, Int(document.pages))
        let page = Page(document: document.documentId, index: min(max(0, index), pages - 1), pages: pages)
        state.page = page
        do {
            let picture = try await signing.page(page.document, index: page.index, width: width)
            guard state.page == page else { return }
            state.page?.picture = picture
        } catch {
            state.notice = Notice(error)
        }
    }

    /// Back to the list.
    public func closePage() {
        state.page = nil
    }

    /// The documents that 签署 confirms together: ready ones that are ticked.
    public var ticked: [SigningDocument] {
        guard case .review(_, let documents) = state.phase else { return [] }
        return documents.filter { $0.state == .ready && !state.leftOut.contains($0.documentId) }
    }

    /// 签署, after the person has seen the list.
    public func sign(_ documents: [SigningDocument]) async {
        let ids = documents.map(\.documentId)
        await act { () async throws(KapokFailure) in try await self.signing.confirm(ids) }
    }

    /// 拒签.
    public func refuse(_ document: DocumentId) async {
        await act { () async throws(KapokFailure) in try await self.signing.refuse(document) }
    }

    /// 断开.
    public func disconnect() async {
        await act { () async throws(KapokFailure) in try await self.signing.disconnect() }
    }

    private func act(_ call: () async throws(KapokFailure) -> Void) async {
        do {
            try await call()
            state.notice = nil
        } catch {
            state.notice = Notice(error)
        }
    }

    /// Nothing of one phase stays open in the next; documents may move on within theirs.
    private func show(_ view: SigningView) {
        let phase = Self.phase(view.state)
        if !phase.continues(state.phase) {
            state = State()
            pin = Self.pin(signing)
        }
        state.phase = phase
        state.warnings = phase.needsPc && !view.pcOnline ? [Words(.pcOffline)] : []
        state.leaseEnds =
            view.leaseEndsMs == 0 ? nil : Date(timeIntervalSince1970: TimeInterval(view.leaseEndsMs) / 1000)
    }

    private static func pin(_ signing: Signing) -> PinEntryModel {
        PinEntryModel { pad async throws(KapokFailure) in try await signing.approve(pad) }
    }

    private static func phase(_ state: SigningState) -> Phase {
        switch state {
        case .idle: .idle
        case .claiming: .connecting
        case .checking(let peer): .checking(peer)
        case .siteCheck(let peer, let rp, let choices): .siteCheck(peer, rp, choices: choices)
        case .approve(let peer, let rp): .approve(peer, rp)
        case .connected(let peer, let rp, _, let last?): .result(last, peer, rp)
        case .connected(let peer, let rp, let picked, nil): .connected(peer, rp, picked)
        case .handover(let peer, let rp, let picked): .handover(peer, rp, picked)
        case .review(_, _, let picked, _, let documents): .review(picked, documents)
        case .signing(_, _, _, _, let documents): .signing(documents)
        case .closed(let reason, let last): .closed(reason, last)
        }
    }
}

extension SessionModel.Phase {
    /// The PC has its part in what is shown.
    var needsPc: Bool {
        switch self {
        case .idle, .connecting, .closed: false
        default: true
        }
    }

    /// The same screen as the other phase, with newer data.
    func continues(_ other: Self) -> Bool {
        switch (self, other) {
        case (.review(_, let now), .review(_, let before)): now.map(\.documentId) == before.map(\.documentId)
        case (.approve, .approve), (.siteCheck, .siteCheck), (.signing, .signing): true
        default: self == other
        }
    }
}
