import Foundation
import Kapok
import KapokUI
import Support

/// An app as its screens see it, with the loops that the root view runs.
@MainActor
final class Shell {
    let app: KapokApp
    let model: ShellModel
    let session: SessionModel
    private var loops: [Task<Void, Never>] = []

    init(_ app: KapokApp) async {
        self.app = app
        model = ShellModel(app)
        session = SessionModel(app)
        await model.load()
        let (model, session) = (model, session)
        loops = [Task { await model.run() }, Task { await session.run() }]
    }

    /// Ends the loops, as the end of the root view does, and waits for their end.
    func close() async {
        for loop in loops { loop.cancel() }
        for loop in loops { await loop.value }
    }

    /// The path of the mini program that is to be opened.
    func miniProgram() async throws -> (path: String, matchCode: String) {
        try await until { self.model.request != nil }
        guard case .openMiniProgram(let path, let matchCode) = model.request else {
            throw Unexpected("another request")
        }
        model.requestDone()
        return (path, matchCode)
    }

    /// Agrees to the privacy text and logs a person in by face, back by the link.
    func logIn(_ person: String, at http: String? = nil) async throws {
        let privacy = PrivacyModel(app)
        await privacy.agree()
        guard privacy.phase == .agreed else { throw Unexpected("privacy: \(privacy.state)") }
        let login = LoginModel(app)
        await login.startFace()
        let (path, matchCode) = try await miniProgram()
        guard login.face.state.matchCode == matchCode, login.phase == .face else { throw Unexpected("match code") }
        await login.face.returned(try await Phone.face(path, person, at: http))
        guard case .loggedIn = login.phase else { throw Unexpected("login: \(login.face.state)") }
        try await until { if case .withoutEnterprise = self.model.phase { true } else { false } }
    }

    /// Selects the first enterprise whose name holds a word.
    func select(_ word: String) async throws {
        let enterprises = EnterprisesModel(app)
        await enterprises.load()
        guard let found = enterprises.state.enterprises.first(where: { $0.name.contains(word) }) else {
            throw Unexpected("no enterprise: \(enterprises.state)")
        }
        await enterprises.select(found.enterpriseId)
        try await until {
            if case .ready(_, let current) = self.model.phase { current.name == found.name } else { false }
        }
    }
}

/// A PIN that the rules take.
let goodPin: [UInt8] = [8, 3, 9, 0, 6, 1]
/// Another one.
let wrongPin: [UInt8] = [8, 3, 9, 0, 6, 2]
/// The one that comes after it.
let newPin: [UInt8] = [5, 2, 7, 4, 1, 8]

@MainActor
extension PinEntryModel {
    func type(_ digits: [UInt8]) async {
        for digit in digits { press(digit) }
        await submit()
    }
}

@MainActor
extension PinSetModel {
    func type(_ digits: [UInt8]) async {
        for digit in digits { press(digit) }
        await submit()
    }
}
