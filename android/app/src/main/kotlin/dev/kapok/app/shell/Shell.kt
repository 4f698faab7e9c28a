package dev.kapok.app.shell

import androidx.annotation.StringRes
import dev.kapok.KapokEvent
import dev.kapok.KapokException
import dev.kapok.LoginOutcome
import dev.kapok.client.Kapok
import kotlinx.coroutines.flow.SharedFlow

/** What screens may ask of the shell. */
interface Shell {
    /** What has changed in the library. */
    val events: SharedFlow<KapokEvent>

    /** Opens a screen over this one. */
    fun open(screen: Screen)

    /** Closes the top screen. */
    fun back()

    /** Closes all screens [such], wherever they lie. */
    fun close(such: (Screen) -> Boolean)

    /** Says that something went well. */
    fun good(@StringRes text: Int)

    /** Says that something did not go. */
    fun bad(@StringRes text: Int)

    /** The invite whose link is about to be shared. */
    fun sharing(inviteId: String)

    /** A face check has come to its end. */
    fun ended(outcome: LoginOutcome)

    /** Does something that a person waits for, and shows its error unless [take] has taken it. */
    suspend fun doing(take: (KapokException.Failed) -> Boolean, work: suspend (Kapok) -> Unit)

    /** As [doing], for what waits beside the screen: nothing shows that it is under way. */
    suspend fun waiting(work: suspend (Kapok) -> Unit)
}
