import Foundation
import Kapok
import KapokUI
import SwiftUI

/// PIN码设置: where the PIN is, and the ways on from there.
struct PinStateRows: View {
    let state: PinState

    var body: some View {
        Row(.pinSettings, state.words)
        switch state {
        case .unset: Place(.pinSet, .pinSet)
        case .set(let tries, let wait):
            Row(.pinTries, tries.map { "\($0)" } ?? "—")
            WaitRow(until: Date.after(seconds: wait))
            Place(.pinChange, .pinChange)
            Place(.pinForgot, .pinReset)
        case .blocked:
            Text(.pinBlockedHint)
            Place(.pinReset, .pinReset)
        case .resetting:
            Text(.pinResetUnfinished)
            Place(.keyPinAgain, .pinReset)
        case .revoked:
            Text(.pinRevokedHint)
            Place(.objection, .objection)
        case .setting, .lost: EmptyView()
        }
    }
}

/// 解除挂失 of this phone.
struct ObjectionView: View {
    let model: PinEntryModel

    var body: some View {
        VStack(spacing: 24) {
            switch model.phase {
            case .entering, .checking:
                Text(.objectionHint)
                PinEntryView(model: model)
            case .done: Text(.objectionDone)
            }
        }
        .navigationTitle(Text(.objection))
    }
}

/// 安全中心.
struct SecurityView: View {
    var body: some View {
        List {
            Section {
                Place(.revocationCode, .revocationCode)
                Place(.phones, .phones)
            }
            Section {
                Place(.lossByCode, .lossByCode)
                Place(.stopReset, .stopReset)
            }
        }
        .navigationTitle(Text(.security))
    }
}

/// 吊销码.
struct RevocationCodeView: View {
    let model: RevocationCodeModel

    var body: some View {
        VStack(spacing: 24) {
            switch model.phase {
            case .askingPin:
                Text(.revocationCodePin)
                PinEntryView(model: model.pin)
            case .shown(let code):
                Text(verbatim: code).font(.title).privacySensitive()
                Text(.revocationCodeHint)
            }
        }
        .padding(16)
        .navigationTitle(Text(.revocationCode))
    }
}

/// 我的手机.
struct PhonesView: View {
    let model: PhonesModel

    var body: some View {
        List {
            switch model.phase {
            case .loading: ProgressView()
            case .failed: ActButton(.retry) { await model.load() }
            case .listed:
                ForEach(model.state.rows, id: \.phone.deviceId) { row in
                    Section {
                        Row(row.title, row.phone.state.words)
                        ForEach(row.objection.map { [$0] } ?? [], id: \.self) { words in Text(words) }
                        ForEach(row.canReport ? [row.phone] : [], id: \.deviceId) { phone in
                            AskButton(.lossReport, .lossAsk) { await model.report(phone.deviceId) }
                        }
                    }
                }
            }
            NoticeRows(notice: model.state.notice)
            ForEach(model.state.faceNeeded ? [L10n.lossFaceNeeded] : [], id: \.self) { text in
                Text(text)
                AskButton(.logout, .logoutAsk) { await model.logout() }
            }
        }
        .navigationTitle(Text(.phones))
        .task { await model.load() }
    }
}

/// 吊销码挂失.
struct LossView: View {
    @Bindable var model: LossModel

    var body: some View {
        Form {
            switch model.phase {
            case .typing:
                Text(.lossByCodeHint)
                Field(.name, $model.owner.name)
                DocumentPicker(kind: $model.owner.document)
                Field(.number, $model.owner.number)
                Field(.revocationCode, $model.code)
                AskButton(.lossReport, .lossAsk) { await model.report() }
            case .working: ProgressView()
            case .reported(let until):
                Text(.lossReported).font(.headline)
                Text(Words(.phoneObjection, minuteOfDay(until)))
            }
            NoticeRows(notice: model.notice)
        }
        .navigationTitle(Text(.lossByCode))
    }
}

/// 停止重置.
struct StopResetView: View {
    @Bindable var model: StopResetModel

    var body: some View {
        Form {
            switch model.phase {
            case .typing:
                Text(.stopResetHint)
                Field(.stopCode, $model.code)
                ActButton(.stopReset) { await model.stop() }
            case .working: ProgressView()
            case .stopped: Text(.resetStopped)
            }
            NoticeRows(notice: model.notice)
        }
        .navigationTitle(Text(.stopReset))
    }
}
