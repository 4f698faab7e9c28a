import Foundation
import Kapok
import KapokUI
import SwiftUI

/// What follows from a scan, as the library says.
struct SessionView: View {
    let model: SessionModel

    var body: some View {
        List {
            phase
            Section {
                ForEach(model.state.warnings, id: \.self) { words in Text(words).foregroundStyle(.red) }
                AskButton(.keyDisconnect, .disconnectAsk) { await model.disconnect() }
                NoticeRows(notice: model.state.notice)
            }
        }
        .navigationTitle(Text(.connected))
    }

    @ViewBuilder private var phase: some View {
        switch model.phase {
        case .idle: Text(.scanCameraHint)
        case .connecting: Text(.connecting)
        case .checking(let peer): Row(.sas, peer.sas)
        case .siteCheck(let peer, let rp, let choices):
            Row(.sas, peer.sas)
            SiteRows(rp: rp)
            Text(.siteCheckHint)
            ForEach(choices, id: \.self) { origin in
                Button {
                    Task { await model.choose(origin) }
                } label: {
                    Text(verbatim: origin).frame(minHeight: 48)
                }
            }
        case .approve(let peer, let rp):
            PeerRows(peer: peer)
            SiteRows(rp: rp)
            Text(.pinPlease)
            PinEntryView(model: model.pin)
        case .connected(let peer, let rp, let picked):
            PeerRows(peer: peer)
            SiteRows(rp: rp)
            PickedRows(picked: picked)
            Text(.connectedHint)
        case .handover(let peer, let rp, let picked):
            Text(.handOverHint)
            PeerRows(peer: peer)
            SiteRows(rp: rp)
            PickedRows(picked: picked)
            ActButton(.keyHandOver) { await model.handOver() }
        case .review(let picked, let documents): ReviewRows(model: model, picked: picked, documents: documents)
        case .signing(let documents):
            ForEach(documents, id: \.documentId) { document in Row(.signing, document.state.words) }
        case .result(let outcome, let peer, _):
            Row(.result, Words(.signedRefused, "\(outcome.signed)", "\(outcome.refused)"))
            PeerRows(peer: peer)
            Text(.connectedHint)
        case .closed(let reason, let outcome):
            Row(.closed, reason.words)
            ForEach(outcome.map { [$0] } ?? [], id: \.self) { outcome in
                Row(.result, Words(.signedRefused, "\(outcome.signed)", "\(outcome.refused)"))
            }
        }
    }
}

/// 待签文件, and the page that is open.
struct ReviewRows: View {
    let model: SessionModel
    let picked: PickedView
    let documents: [SigningDocument]
    @SwiftUI.State private var asking = false
    private let width = 1_240

    var body: some View {
        Section {
            PickedRows(picked: picked)
            Row(.leaseEnds, model.state.leaseEnds?.formatted(date: .omitted, time: .standard) ?? "—")
        }
        ForEach(documents, id: \.documentId) { document in
            Section {
                Row(.document, document.name)
                Row(.state, document.state.words)
                ForEach(document.reasons, id: \.self) { reason in
                    Text(amberWords(reason)).foregroundStyle(.red)
                }
                ActButton(.keyLook) { await model.open(document, page: 0, width: width) }
                Toggle(isOn: ticked(document)) { Text(.keyTick) }
                ActButton(.amber) { await model.sign([document]) }
                ActButton(.keyRefuseDocument, role: .destructive) { await model.refuse(document.documentId) }
            }
        }
        ForEach(model.state.page.map { [$0] } ?? [], id: \.document) { page in
            Section {
                Text(Words(.pageOf, "\(page.index + 1)", "\(page.pages)"))
                PageView(page: page.picture)
                ForEach(documents.filter { $0.documentId == page.document }, id: \.documentId) { document in
                    ActButton(.keyPages) { await model.open(document, page: page.index + 1, width: width) }
                    ActButton(.keyPreviousStep) { await model.open(document, page: page.index - 1, width: width) }
                }
                ActButton(.keyBack) { model.closePage() }
            }
        }
        Section {
            Text(.signOthers).font(.footnote)
            ActButton(.keySign) { asking = true }
        }
        .confirmationDialog(Text(.confirmSign), isPresented: $asking) {
            ActButton(.keySign) { await model.sign(model.ticked) }
            ActButton(.keyCancel, role: .cancel) {}
        }
    }

    private func ticked(_ document: SigningDocument) -> Binding<Bool> {
        Binding {
            !model.state.leftOut.contains(document.documentId)
        } set: { _ in
            model.tick(document.documentId)
        }
    }
}

struct PeerRows: View {
    let peer: SigningPeer

    var body: some View {
        Row(.sas, peer.sas)
        Row(.origin, peer.origin)
    }
}

struct SiteRows: View {
    let rp: SigningRp

    var body: some View {
        Row(.who, rp.name)
        Row(.contact, rp.contact)
        Row(.topic, "“\(rp.title)”")
    }
}

struct PickedRows: View {
    let picked: PickedView?

    var body: some View {
        Row(.subject, picked?.subject ?? "—")
        Row(.sealName, picked?.sealName ?? "—")
    }
}
