package dev.kapok.client

import dev.kapok.AgentList
import dev.kapok.Agents
import dev.kapok.ConsentView
import dev.kapok.HandoffView
import dev.kapok.InviteAnswered
import dev.kapok.InvitePage
import dev.kapok.InviteView
import dev.kapok.NewInvite

/** 经办人管理 by the legal representative, and 认证链接 on the side of who was invited. */
class AgentsClient internal constructor(private val agents: Agents) : AutoCloseable by agents {
    /** Agents and open invites of the current enterprise. Ends in `ENTERPRISE_REQUIRED` or `NOT_ALLOWED`. */
    suspend fun list(): AgentList = call { agents.list() }

    /** Makes an invite for one person. Ends in `INPUT_INVALID` at the field that is wrong. */
    suspend fun invite(new: NewInvite): InviteView = call { agents.invite(new) }

    /** Asks the legal representative to authenticate the enterprise; the link is shared as an invite is. */
    suspend fun askAuthentication(): InviteView = call { agents.askAuthentication() }

    /** Asks, through [Kapok.requests], that the invite's link be shared. */
    suspend fun share(inviteId: String) = call { agents.share(inviteId) }

    /** The link has gone out. */
    suspend fun sent(inviteId: String) = call { agents.sent(inviteId) }

    /** Takes an invite back. */
    suspend fun revokeInvite(inviteId: String) = call { agents.revokeInvite(inviteId) }

    /** 注销授权. */
    suspend fun revokeGrant(grantId: String) = call { agents.revokeGrant(grantId) }

    /** What the invite behind [link] says; nothing if that is no invite link. Nothing is accepted by it. */
    suspend fun openLink(link: String): InvitePage? = call { agents.openLink(link) }

    /** The invited person goes to the face check. */
    suspend fun accept(): HandoffView = call { agents.accept() }

    /** The page on which the person agrees, after the face check. */
    suspend fun consent(): ConsentView? = call { agents.consent() }

    /** 同意认证, or not. */
    suspend fun answer(agree: Boolean): InviteAnswered = call { agents.answer(agree) }

    /** Leaves the invite as it is. */
    suspend fun leave() = call { agents.leave() }
}
