import Foundation
import Kapok
import KapokUI
import SwiftUI

/// The whole app: 首页 with every screen above it. The app gives it an open ``Kapok/KapokApp``.
public struct RootView: View {
    @SwiftUI.State private var shell: ShellModel
    @SwiftUI.State private var login: LoginModel
    @SwiftUI.State private var invite: InviteModel
    @SwiftUI.State private var reset: PinResetModel
    @SwiftUI.State private var session: SessionModel
    @SwiftUI.State private var agents: AgentsModel
    @Environment(\.scenePhase) private var scenePhase
    private let outside: @MainActor (ShellRequest) async -> Bool

    /// `outside` opens the mini program or the share sheet and says whether that went well.
    public init(_ app: KapokApp, outside: @escaping @MainActor (ShellRequest) async -> Bool) {
        _shell = State(initialValue: ShellModel(app))
        _login = State(initialValue: LoginModel(app))
        _invite = State(initialValue: InviteModel(app))
        _reset = State(initialValue: PinResetModel(app))
        _session = State(initialValue: SessionModel(app))
        _agents = State(initialValue: AgentsModel(app))
        self.outside = outside
    }

    public var body: some View {
        NavigationStack(path: $shell.path) {
            HomeView(model: shell)
                .navigationDestination(for: Screen.self) { screen in
                    ScreenView(
                        screen: screen, shell: shell, login: login, invite: invite, reset: reset, session: session,
                        agents: agents)
                }
        }
        .task {
            await shell.load()
            await shell.goOn(login: login.face, invite: invite, reset: reset)
        }
        .task { await shell.run() }
        .task { await session.run() }
        .overlay { Cover(scenePhase: scenePhase) }
        .onOpenURL { url in
            Task { await shell.open(url.absoluteString, login: login.face, invite: invite, reset: reset) }
        }
        .onChange(of: shell.request) { _, request in
            Task { await hand(request) }
        }
        .onChange(of: scenePhase) { _, now in
            Task { await move(now) }
        }
    }

    private func hand(_ request: ShellRequest?) async {
        guard let request else { return }
        shell.requestDone()
        let left = await outside(request)
        if case .share = request { await agents.shared(left) }
    }

    private func move(_ phase: ScenePhase) async {
        switch phase {
        case .background: await shell.background()
        case .active: await shell.foreground()
        case .inactive: break
        }
    }
}

/// One screen with its model.
struct ScreenView: View {
    let screen: Screen
    let shell: ShellModel
    let login: LoginModel
    let invite: InviteModel
    let reset: PinResetModel
    let session: SessionModel
    let agents: AgentsModel

    var body: some View {
        switch screen {
        case .pinSet, .pinChange, .pinReset, .objection: PinScreen(screen: screen, shell: shell, reset: reset)
        case .security, .revocationCode, .phones, .lossByCode, .stopReset:
            SecurityScreen(screen: screen, app: shell.app)
        case .mine: MineView()
        case .login: LoginView(model: login) { shell.path = [] }
        case .enterprises:
            Held {
                EnterprisesModel(shell.app)
            } content: {
                EnterprisesView(model: $0, agents: agents)
            }
        case .agents: AgentsView(model: agents)
        case .invite: InviteScreen(model: invite)
        case .certificates:
            Held {
                CertificatesModel(shell.app)
            } content: {
                CertificatesView(model: $0)
            }
        case .certificate(let one):
            Held {
                CertificateModel(shell.app, one)
            } content: {
                CertificateDetailView(model: $0)
            }
        case .seals:
            Held {
                SealsModel(shell.app)
            } content: {
                SealsView(model: $0)
            }
        case .scan:
            Held {
                ScanModel(shell.app)
            } content: {
                ScanScreen(model: $0) { shell.path = [.session] }
            }
        case .session: SessionView(model: session)
        case .settings:
            Held {
                SettingsModel(shell.app)
            } content: {
                SettingsView(model: $0)
            }
        case .privacy:
            Held {
                PrivacyModel(shell.app)
            } content: {
                PrivacyView(model: $0) { await shell.load() }
            }
        }
    }
}

/// The screens of the PIN.
struct PinScreen: View {
    let screen: Screen
    let shell: ShellModel
    let reset: PinResetModel

    var body: some View {
        switch screen {
        case .pinChange:
            Held {
                PinSetModel.changing(shell.app)
            } content: {
                PinSetView(model: $0, title: .pinChange)
            }
        case .pinReset: PinResetView(model: reset) { shell.path = [] }
        case .objection:
            Held {
                SettingsModel(shell.app).objection()
            } content: {
                ObjectionView(model: $0)
            }
        default:
            Held {
                PinSetModel(shell.app)
            } content: {
                PinSetView(model: $0, title: .pinSet)
            }
        }
    }
}

/// The screens of 安全中心.
struct SecurityScreen: View {
    let screen: Screen
    let app: KapokApp

    var body: some View {
        switch screen {
        case .revocationCode:
            Held {
                RevocationCodeModel(app)
            } content: {
                RevocationCodeView(model: $0)
            }
        case .phones:
            Held {
                PhonesModel(app)
            } content: {
                PhonesView(model: $0)
            }
        case .lossByCode:
            Held {
                LossModel(app)
            } content: {
                LossView(model: $0)
            }
        case .stopReset:
            Held {
                StopResetModel(app)
            } content: {
                StopResetView(model: $0)
            }
        default: SecurityView()
        }
    }
}

/// Keeps a screen's model for as long as the screen is there.
struct Held<Model: AnyObject, Content: View>: View {
    @SwiftUI.State private var model: Model
    private let content: (Model) -> Content

    init(_ make: () -> Model, @ViewBuilder content: @escaping (Model) -> Content) {
        _model = State(initialValue: make())
        self.content = content
    }

    var body: some View { content(model) }
}

/// Hides documents and PINs in the app switcher.
struct Cover: View {
    let scenePhase: ScenePhase

    var body: some View {
        switch scenePhase {
        case .active: EmptyView()
        case .inactive, .background:
            ZStack {
                Color.primary.ignoresSafeArea()
                Text(.coverText).foregroundStyle(Color.secondary)
            }
        }
    }
}
