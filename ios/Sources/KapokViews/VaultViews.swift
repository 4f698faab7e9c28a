import Foundation
import Kapok
import KapokUI
import SwiftUI

/// 设置PIN码.
struct PinSetView: View {
    let model: PinSetModel

    var body: some View {
        VStack(spacing: 24) {
            Text(.pinSetHint)
            switch model.phase {
            case .first:
                Text(.pinNew).font(.headline)
                keys
                ActButton(.keyNextStep) { await model.submit() }
            case .second:
                Text(.pinRepeat).font(.headline)
                keys
                ActButton(.keySet) { await model.submit() }
                ActButton(.keyPreviousStep, role: .cancel) { model.restart() }
            case .working: ProgressView()
            case .done: Text(.pinDone)
            }
            NoticeRows(notice: model.state.notice)
        }
        .padding(16)
        .navigationTitle(Text(.pinSet))
    }

    private var keys: some View {
        PinKeys(dots: model.state.dots, press: model.press, backspace: model.backspace)
    }
}

/// 输入PIN码.
struct PinEntryView: View {
    let model: PinEntryModel

    var body: some View {
        VStack(spacing: 24) {
            switch model.phase {
            case .entering:
                PinKeys(dots: model.state.dots, press: model.press, backspace: model.backspace)
                ActButton(.keyConfirm) { await model.submit() }
            case .checking, .done: ProgressView()
            }
            NoticeRows(notice: model.state.notice)
        }
        .padding(16)
    }
}

/// 数字证书.
struct CertificatesView: View {
    let model: CertificatesModel

    var body: some View {
        List {
            switch model.phase {
            case .loading: ProgressView()
            case .empty: Text(.certificatesNone)
            case .failed: ActButton(.retry) { await model.load() }
            case .listed:
                ForEach(model.state.certificates, id: \.self) { one in
                    NavigationLink(value: Screen.certificate(one)) {
                        VStack(alignment: .leading) {
                            Text(one.kind.words)
                            Text(one.state.words).font(.footnote)
                            Text(verbatim: one.enterprise).font(.footnote)
                        }
                        .frame(minHeight: 48)
                    }
                }
            }
            Place(.scanToUse, .scan)
            NoticeRows(notice: model.state.notice)
        }
        .navigationTitle(Text(.certificates))
        .task { await model.load() }
    }
}

/// 证书详情.
struct CertificateDetailView: View {
    let model: CertificateModel

    var body: some View {
        List {
            let one = model.state.certificate
            Section {
                Row(.kind, one.kind.words)
                Row(.state, one.state.words)
                Row(.enterprise, one.enterprise)
                Row(.serial, one.serial ?? "—")
                Row(.validTo, one.notAfter.map(day) ?? "—")
            }
            Section {
                act
                NoticeRows(notice: model.state.notice)
            }
        }
        .navigationTitle(Text(.certificate))
    }

    @ViewBuilder private var act: some View {
        switch model.phase {
        case .shown: ActButton(.certificateInstall) { await model.beginInstall() }
        case .pinMissing:
            Place(.pinSet, .pinSet)
            ActButton(.certificateInstall) { await model.beginInstall() }
        case .askingPin:
            Text(.pinForInstall)
            PinEntryView(model: model.pin)
        case .installed: Place(.sealNeeded, .seals)
        }
    }
}

/// 印章.
struct SealsView: View {
    let model: SealsModel

    var body: some View {
        List {
            switch model.phase {
            case .loading, .working: ProgressView()
            case .empty:
                Text(.sealsNone)
                generate
            case .listed:
                ForEach(model.state.seals, id: \.esId) { seal in
                    Row(.sealName, seal.name)
                    Row(.kind, seal.kind.words)
                    PngPicture(bytes: seal.picture)
                }
                generate
            case .previewing(let preview):
                Row(.sealName, preview.name)
                Row(.size, "\(preview.widthMm)×\(preview.heightMm) mm")
                PngPicture(bytes: preview.picture)
                Text(.sealPreviewHint)
                ActButton(.keyGenerate) { await model.generate() }
                ActButton(.keyBack, role: .cancel) { await model.back() }
            case .failed: ActButton(.retry) { await model.load() }
            }
            NoticeRows(notice: model.state.notice)
        }
        .navigationTitle(Text(.seals))
        .task { await model.load() }
    }

    @ViewBuilder private var generate: some View {
        ActButton(.keyGenerateOrganisation) { await model.preview(.organisation) }
        ActButton(.keyGenerateEmployee) { await model.preview(.employee) }
    }
}
