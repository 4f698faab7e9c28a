import Kapok
import Observation

/// 认证链接 on the invited person's phone: open, face check, agree.
@MainActor
@Observable
public final class InviteModel {
    public enum Phase: Equatable, Sendable {
        /// A link may be typed or pasted.
        case asking
        case opening
        case shown(InvitePage)
        case face
        case consent(ConsentView)
        case answered(InviteState)
    }

    public struct State: Equatable, Sendable {
        public var phase = Phase.asking
        public var notice: Notice?
    }

    public private(set) var state = State()
    public let face: FaceModel
    public var link = ""
    @ObservationIgnored private let app: KapokApp

    public init(_ app: KapokApp) {
        self.app = app
        face = FaceModel(app)
    }

    public var phase: Phase {
        switch (state.phase, face.phase) {
        case (.answered, _), (.consent, _): state.phase
        case (_, .over(.consent(let page))): .consent(page)
        case (_, .starting), (_, .away), (_, .codeAsked), (_, .finishing): .face
        default: state.phase
        }
    }

    /// Opens the typed link; nothing follows from it before ``accept()``.
    public func open() async {
        state = State(phase: .opening)
        do {
            guard let page = try await app.agents.openLink(link) else {
                state = State(notice: Notice(Words(.linkUnknown)))
                return
            }
            state = State(phase: .shown(page))
        } catch {
            state = State(notice: Notice(error))
        }
    }

    /// Shows the page to agree to that was open when the app was ended.
    public func restore() async {
        if let page = try? await app.agents.consent() { state.phase = .consent(page) }
    }

    /// 去人脸识别.
    public func accept() async {
        await face.begin { () async throws(KapokFailure) in try await self.app.agents.accept() }
    }

    /// 同意认证 or not.
    public func answer(_ agree: Bool) async {
        do {
            state = State(phase: .answered(try await app.agents.answer(agree: agree).state))
        } catch {
            state.notice = Notice(error)
        }
    }

    /// The person goes elsewhere: the invite stays as it is.
    public func leave() async {
        do {
            try await app.agents.leave()
            state = State()
        } catch {
            state.notice = Notice(error)
        }
    }
}
