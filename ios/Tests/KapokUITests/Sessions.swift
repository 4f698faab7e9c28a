import Foundation
import Kapok
import KapokUI
import Support

@MainActor
extension Shell {
    /// Logs in and makes all that a signature needs: PIN, certificate, seal.
    func prepare(_ person: String, _ word: String, at http: String) async throws {
        try await logIn(person, at: http)
        try await select(word)
        let set = PinSetModel(app)
        await set.type(goodPin)
        await set.type(goodPin)
        let certificates = CertificatesModel(app)
        await certificates.load()
        guard let offered = certificates.state.certificates.first(where: { $0.kind == .organisation }) else {
            throw Unexpected("\(certificates.state)")
        }
        let detail = certificates.detail(offered)
        await detail.beginInstall()
        await detail.pin.type(goodPin)
        let seals = SealsModel(app)
        await seals.preview(.organisation)
        await seals.generate()
        guard detail.phase == .installed, seals.state.seals.count == 1 else {
            throw Unexpected("\(detail.state) \(seals.state)")
        }
    }

    /// 扫一扫 up to the PIN.
    func scan(_ code: URL) async throws {
        let scan = ScanModel(app)
        let picture = try Picture(code)
        // The end of an earlier session may still be on the screen.
        let before = session.phase
        guard picture.frame({ scan.scanner.look(at: $0) }) else { throw Unexpected("no code: \(scan.state)") }
        try await until { scan.phase == .connecting && self.session.phase != before }
        try await until {
            switch self.session.phase {
            case .siteCheck, .approve, .closed: true
            default: false
            }
        }
        if case .siteCheck(_, let rp, let choices) = session.phase {
            guard choices.contains(rp.origin) else { throw Unexpected("\(choices)") }
            await session.choose(rp.origin)
            try await until { if case .approve = self.session.phase { true } else { false } }
        }
        guard case .approve = session.phase else { throw Unexpected("\(session.state)") }
    }

    /// The right PIN, up to the question whether certificate and seal are handed over.
    func prove() async throws {
        await session.pin.type(goodPin)
        try await until { if case .handover = self.session.phase { true } else { false } }
    }

    /// 同意交出, up to the documents with nothing left to be fetched.
    func handOver() async throws -> [SigningDocument] {
        await session.handOver()
        try await until {
            guard case .review(_, let documents) = self.session.phase else { return false }
            return documents.allSatisfy { $0.state == .ready || $0.state == .amber }
        }
        guard case .review(_, let documents) = session.phase else { throw Unexpected("\(session.state)") }
        return documents
    }

    /// 签署, up to the result.
    func sign(_ documents: [SigningDocument]) async throws -> SigningOutcome {
        await session.sign(documents)
        try await until { if case .result = self.session.phase { true } else { false } }
        guard case .result(let outcome, _, _) = session.phase else { throw Unexpected("\(session.state)") }
        return outcome
    }

    /// 断开, up to its end. A PC that has its file may have ended the session already.
    func giveUp() async throws {
        await session.disconnect()
        try await until(
            { if case .closed = self.session.phase { true } else { false } }, seen: { "\(self.session.state)" })
    }
}
