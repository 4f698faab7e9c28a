package dev.kapok.client

import dev.kapok.CancelToken
import dev.kapok.KapokException
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.withContext

/** Runs a call of the library off the caller's thread: the library polls on the thread that asks, and reads files on it. */
internal suspend fun <T> call(work: suspend () -> T): T = withContext(Dispatchers.IO) { work() }

/** From the opening of the library to its closing: what is waited for ends with it. */
internal class Life : AutoCloseable {
    private val token = CancelToken()

    @Volatile
    private var over = false

    /**
     * What the library gives one by one, as a cold [Flow]: nothing is asked for while nobody collects. A cancelled collector drops the
     * library's future, which ends the waiting there too; the flow completes when the library is closed.
     */
    fun <T : Any> pulled(next: suspend (CancelToken) -> T): Flow<T> =
        flow {
            while (true) emit(asked(next) ?: break)
        }.flowOn(Dispatchers.IO)

    /** The next one, or nothing when the library was closed meanwhile: its objects then refuse every call. */
    private suspend fun <T : Any> asked(next: suspend (CancelToken) -> T): T? =
        try {
            if (over) null else next(token)
        } catch (error: KapokException.Failed) {
            if (over) null else throw error
        } catch (error: CancellationException) {
            throw error
        } catch (error: IllegalStateException) {
            if (over) null else throw error
        }

    override fun close() {
        over = true
        token.cancel()
    }
}
