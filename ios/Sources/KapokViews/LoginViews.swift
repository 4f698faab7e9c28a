import Kapok
import KapokUI
import SwiftUI

/// 协议与隐私.
struct PrivacyView: View {
    let model: PrivacyModel
    let done: @MainActor () async -> Void

    var body: some View {
        ScrollView {
            VStack(alignment: .leading, spacing: 16) {
                Text(verbatim: model.state.text)
                NoticeRows(notice: model.state.notice)
                buttons
            }
            .padding(16)
        }
        .navigationTitle(Text(.privacy))
    }

    @ViewBuilder private var buttons: some View {
        switch model.phase {
        case .reading:
            ActButton(.keyAgree) {
                await model.agree()
                await done()
            }
        case .working: ProgressView()
        case .agreed:
            AskButton(.withdraw, .withdrawAsk) {
                await model.withdraw()
                await done()
            }
        }
    }
}

/// 登录.
struct LoginView: View {
    @Bindable var model: LoginModel
    let done: @MainActor () -> Void

    var body: some View {
        Form {
            switch model.phase {
            case .choosing: ways
            case .working: ProgressView()
            case .face: FaceRows(model: model.face)
            case .loggedIn(let account): Row(.loggedIn, account.displayName)
            }
            NoticeRows(notice: model.state.notice)
        }
        .navigationTitle(Text(.login))
        .task { await model.face.restore() }
        .onChange(of: model.phase) { _, now in
            if case .loggedIn = now { done() }
        }
    }

    @ViewBuilder private var ways: some View {
        Section {
            ActButton(.faceLogin) { await model.startFace() }
        }
        Section {
            Field(.name, $model.identity.name)
            DocumentPicker(kind: $model.identity.document)
            Field(.number, $model.identity.number)
            ActButton(.faceLoginTyped) { await model.startFaceTyped() }
        }
        Section {
            Field(.loginName, $model.loginName)
            SecureField(text: $model.password) { Text(.password) }
            ActButton(.passwordLogin) { await model.submitPassword() }
        }
        Section {
            Place(.lostPhone, .security)
        }
        NoticeRows(notice: model.face.state.notice)
    }
}

/// The open face check: the two digits, and the way back by hand.
struct FaceRows: View {
    @Bindable var model: FaceModel

    var body: some View {
        Row(.matchCode, model.state.matchCode)
        Row(.faceLeft, minutes(model.state.expiresIn))
        switch model.phase {
        case .none, .over: EmptyView()
        case .starting: Text(.busy)
        case .away:
            Text(.faceWaiting)
            code
        case .codeAsked:
            Text(.faceCodeAsked)
            code
        case .finishing: Text(.faceFinishing)
        }
        NoticeRows(notice: model.state.notice)
        ActButton(.keyOpenAgain) { await model.openAgain() }
        ActButton(.faceDone) { await model.foreground() }
        ActButton(.keyCancel, role: .cancel) { await model.cancel() }
    }

    @ViewBuilder private var code: some View {
        Field(.codePlaceholder, $model.code)
        ActButton(.keyReturn) { await model.submitCode() }
    }
}

/// The kinds of identity document; which of them count the library says.
struct DocumentPicker: View {
    let kind: Binding<DocumentKind>
    private let kinds: [DocumentKind] = [
        .residentId, .hkMacaoPermit, .taiwanPermit, .residencePermit, .permanentResidence, .passport,
    ]

    var body: some View {
        Picker(selection: kind) {
            ForEach(kinds, id: \.self) { kind in Text(kind.words).tag(kind) }
        } label: {
            Text(.document)
        }
    }
}
