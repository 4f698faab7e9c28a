import Foundation
import Kapok
import KapokUI
import SwiftUI

/// 设置PIN码 and 修改PIN码.
struct PinSetView: View {
    let model: PinSetModel
    let title: L10n

    var body: some View {
        VStack(spacing: 24) {
            Text(.pinSetHint)
            NewPinRows(model: model)
        }
        .padding(16)
        .navigationTitle(Text(title))
    }
}

/// The PINs that are typed, one after the other.
struct NewPinRows: View {
    let model: PinSetModel

    var body: some View {
        switch model.phase {
        case .old: step(.pinOld, .keyNextStep)
        case .first: step(.pinNew, .keyNextStep)
        case .second:
            step(.pinRepeat, .keySet)
            ActButton(.keyPreviousStep, role: .cancel) { model.restart() }
        case .working: ProgressView()
        case .done: Text(.pinDone)
        }
        NoticeRows(notice: model.state.notice)
        WaitRow(until: model.state.waitUntil)
    }

    @ViewBuilder private func step(_ title: L10n, _ key: L10n) -> some View {
        Text(title).font(.headline)
        PinKeys(dots: model.state.dots, press: model.press, backspace: model.backspace)
        ActButton(key) { await model.submit() }
    }
}

/// 人脸识别重置PIN码.
struct PinResetView: View {
    let model: PinResetModel
    let done: @MainActor () -> Void

    var body: some View {
        Form {
            switch model.phase {
            case .typing:
                Text(.pinResetHint)
                NewPinRows(model: model.before)
            case .face: FaceRows(model: model.face)
            case .finishing:
                Text(.pinResetWorking)
                ProgressView()
            case .typingAgain:
                Text(.pinResetAgain)
                NewPinRows(model: model.after)
                ActButton(.keyFaceAnew) { model.anew() }
            case .done:
                Text(.pinIsReset).font(.headline)
                Text(.pinIsResetHint)
                ActButton(.keyDone) {
                    model.anew()
                    done()
                }
            case .stopped:
                Text(.pinResetUnfinished)
                ActButton(.keyPinAgain) { model.again() }
                ActButton(.keyFaceAnew) { model.anew() }
            }
            NoticeRows(notice: model.state.notice)
        }
        .navigationTitle(Text(.pinReset))
        .task { await model.restore() }
        .onChange(of: model.face.phase) { _, _ in
            Task { await model.finish() }
        }
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
            WaitRow(until: model.state.waitUntil)
        }
        .padding(16)
    }
}

/// How long until the next PIN, counted down.
struct WaitRow: View {
    let until: Date?

    var body: some View {
        ForEach(until.map { [$0] } ?? [], id: \.self) { until in
            LabeledContent {
                Text(timerInterval: min(.now, until)...until)
            } label: {
                Text(.pinWait)
            }
        }
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
