package dev.kapok.client

import dev.kapok.EnterpriseView
import dev.kapok.Enterprises
import dev.kapok.LinkView
import dev.kapok.RegistryHit

/** 办事企业. Identifiers are 32 hexadecimal digits. */
class EnterprisesClient internal constructor(private val enterprises: Enterprises) : AutoCloseable by enterprises {
    /** The enterprises of the account. Ends in `LOGIN_REQUIRED` or `OFFLINE`. */
    suspend fun list(): List<EnterpriseView> = call { enterprises.list() }

    /** The one that was selected last, or none. Offline. */
    suspend fun current(): EnterpriseView? = call { enterprises.current() }

    /** Selects the enterprise for which the person acts from now on. */
    suspend fun select(enterpriseId: String): EnterpriseView = call { enterprises.select(enterpriseId) }

    /** 手动添加 by the unified social credit code (18 characters, GB 32100). Ends in `INPUT_INVALID` at `uscc`. */
    suspend fun add(uscc: String): EnterpriseView = call { enterprises.add(uscc) }

    /** Looks for enterprises by name or code, at least two characters. */
    suspend fun search(query: String): List<RegistryHit> = call { enterprises.search(query) }

    /** Registers an enterprise that [search] has found under the account. */
    suspend fun register(name: String, uscc: String): EnterpriseView = call { enterprises.register(name, uscc) }

    /** Asks the owner of an enterprise account to link it; gives the request's number. */
    suspend fun askLink(login: String, name: String): String = call { enterprises.askLink(login, name) }

    /** Requests that wait for this enterprise account's answer. */
    suspend fun links(): List<LinkView> = call { enterprises.links() }

    /** Answers a request. */
    suspend fun answerLink(linkId: String, agree: Boolean) = call { enterprises.answerLink(linkId, agree) }
}
