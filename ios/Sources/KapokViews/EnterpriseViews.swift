import Kapok
import KapokUI
import SwiftUI

/// 选择办事企业.
struct EnterprisesView: View {
    @Bindable var model: EnterprisesModel
    let agents: AgentsModel

    var body: some View {
        List {
            Section {
                list
                NoticeRows(notice: model.state.notice)
            }
            Section {
                Field(.uscc, $model.uscc)
                ActButton(.keyAddNow) { await model.add() }
            } header: {
                Text(.addEnterprise)
            }
            Section {
                Field(.query, $model.query)
                ActButton(.keyFind) { await model.search() }
                ForEach(model.state.hits, id: \.uscc) { hit in
                    Button {
                        Task { await model.register(hit) }
                    } label: {
                        Text(verbatim: "\(hit.name)  \(hit.uscc)")
                    }
                }
            } header: {
                Text(.searchEnterprise)
            }
            Section {
                ActButton(.keyAskAuthentication) { await agents.askAuthentication() }
                NoticeRows(notice: agents.state.notice)
            }
        }
        .navigationTitle(Text(.enterprises))
        .task { await model.load() }
    }

    @ViewBuilder private var list: some View {
        switch model.phase {
        case .loading: ProgressView()
        case .empty: Text(.enterprisesNone)
        case .failed: ActButton(.retry) { await model.load() }
        case .listed:
            ForEach(model.state.enterprises, id: \.enterpriseId) { one in
                Button {
                    Task { await model.select(one.enterpriseId) }
                } label: {
                    VStack(alignment: .leading) {
                        Text(verbatim: one.name)
                        Text(one.level.words).font(.footnote)
                        Text(one.role.words).font(.footnote)
                    }
                    .frame(minHeight: 48)
                }
            }
        }
    }
}

/// 经办人管理.
struct AgentsView: View {
    @Bindable var model: AgentsModel

    var body: some View {
        List {
            list
            Section {
                Field(.name, $model.draft.name)
                DocumentPicker(kind: $model.draft.document)
                Field(.number, $model.draft.number)
                Field(.phone, $model.draft.phone)
                Picker(selection: $model.draft.validDays) {
                    ForEach(AgentsModel.validDays, id: \.self) { days in
                        Text(Words(.validDaysCount, "\(days)")).tag(days)
                    }
                } label: {
                    Text(.validDays)
                }
                ForEach(AgentsModel.scopes, id: \.self) { word in
                    Toggle(isOn: $model.draft[scope: word]) { Text(scopeWords(word)) }
                }
                ActButton(.keyInvite) { await model.invite() }
                NoticeRows(notice: model.state.notice)
            } header: {
                Text(.addAgent)
            }
        }
        .navigationTitle(Text(.agents))
        .task { await model.load() }
    }

    @ViewBuilder private var list: some View {
        switch model.phase {
        case .loading: ProgressView()
        case .empty: Text(.agentsNone)
        case .failed: ActButton(.retry) { await model.load() }
        case .listed:
            Section {
                ForEach(model.state.agents, id: \.grantId) { agent in
                    Row(.name, agent.name)
                    Row(.state, agent.state.words)
                    Row(.validTo, day(agent.validTo))
                    AskButton(.keyRevoke, .revokeGrantAsk) { await model.revokeGrant(agent.grantId) }
                }
            } header: {
                Text(.agentsList)
            }
            Section {
                ForEach(model.state.invites, id: \.inviteId) { invite in
                    Row(.invitee, invite.invitee)
                    Row(.kind, invite.kind.words)
                    Row(.state, invite.state.words)
                    ForEach(model.warnings(invite), id: \.self) { words in Text(words).foregroundStyle(.red) }
                    ActButton(.share) { await model.share(invite.inviteId) }
                    AskButton(.keyRevoke, .revokeInviteAsk) { await model.revokeInvite(invite.inviteId) }
                }
            } header: {
                Text(.invitesList)
            }
        }
    }
}

/// 认证链接 and 同意认证.
struct InviteScreen: View {
    @Bindable var model: InviteModel

    var body: some View {
        Form {
            switch model.phase {
            case .asking:
                Field(.linkLabel, $model.link)
                ActButton(.keyOpen) { await model.open() }
            case .opening: ProgressView()
            case .shown(let page):
                Row(.kind, page.kind.words)
                Row(.state, page.state.words)
                Row(.enterprise, page.enterprise ?? "")
                Row(.invitee, page.invitee ?? "")
                Row(.validTo, day(page.expiresAt))
                ActButton(.keyAccept) { await model.accept() }
                ActButton(.keyBack, role: .cancel) { await model.leave() }
            case .face: FaceRows(model: model.face)
            case .consent(let page):
                Text(.consentHint)
                Row(.kind, page.kind.words)
                Row(.enterprise, page.enterprise)
                Row(.inviter, page.inviter)
                ForEach(page.scope, id: \.self) { word in Row(.scope, scopeWords(word)) }
                Row(.validDays, Words(.validDaysCount, "\(page.validDays)"))
                ActButton(.keyAgreeAuth) { await model.answer(true) }
                ActButton(.keyRefuse, role: .destructive) { await model.answer(false) }
            case .answered(let state): Row(.state, state.words)
            }
            NoticeRows(notice: model.state.notice)
        }
        .navigationTitle(Text(.invite))
        .task { await model.restore() }
    }
}
