import Kapok
import KapokUI
import SwiftUI

/// 首页.
struct HomeView: View {
    @Bindable var model: ShellModel

    var body: some View {
        List {
            Section {
                who
                NoticeRows(notice: model.state.notice)
            }
            Section {
                Place(.scan, .scan)
                Place(.certificates, .certificates)
                Place(.seals, .seals)
                Place(.enterprises, .enterprises)
                Place(.openLink, .invite)
                Place(.connected, .session)
                Place(.privacy, .privacy)
            }
            Section {
                Row(.unfinished, "\(model.state.unfinished)")
                Text(.unfinishedHint).font(.footnote)
            }
        }
        .navigationTitle(Text(.home))
    }

    @ViewBuilder private var who: some View {
        switch model.phase {
        case .consent: Place(.privacy, .privacy)
        case .loggedOut: Place(.pleaseLogin, .login)
        case .withoutEnterprise(let account):
            Row(.account, account.displayName)
            Place(.pleaseSelect, .enterprises)
        case .ready(let account, let enterprise):
            Row(.account, account.displayName)
            Row(.enterprise, enterprise.name)
            Row(.state, enterprise.level.words)
            Row(.role, enterprise.role.words)
            Place(.mine, .mine)
        }
    }
}

/// 我的.
struct MineView: View {
    var body: some View {
        List {
            Place(.switchEnterprise, .enterprises)
            Place(.agents, .agents)
            Place(.certificates, .certificates)
            Place(.seals, .seals)
            Place(.settings, .settings)
        }
        .navigationTitle(Text(.mine))
    }
}

/// 功能设置.
struct SettingsView: View {
    let model: SettingsModel

    var body: some View {
        List {
            Section {
                pin
            }
            Section {
                Place(.security, .security)
                Place(.privacy, .privacy)
            }
            Section {
                AskButton(.logout, .logoutAsk) { await model.logout() }
            }
            NoticeRows(notice: model.state.notice)
        }
        .navigationTitle(Text(.settings))
        .task { await model.load() }
    }

    @ViewBuilder private var pin: some View {
        switch model.phase {
        case .loading: ProgressView()
        case .shown(let state): PinStateRows(state: state)
        case .failed: Row(.pinSettings, Words(.unknown))
        }
    }
}

/// A row that leads to a screen.
struct Place: View {
    let title: L10n
    let screen: Screen

    init(_ title: L10n, _ screen: Screen) {
        self.title = title
        self.screen = screen
    }

    var body: some View {
        NavigationLink(value: screen) { Text(title).frame(minHeight: 48) }
    }
}
