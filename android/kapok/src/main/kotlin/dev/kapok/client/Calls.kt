package dev.kapok.client

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.withContext

/** Runs a call of the library off the caller's thread: the library polls on the thread that asks, and reads files on it. */
internal suspend fun <T> call(work: suspend () -> T): T = withContext(Dispatchers.IO) { work() }

/**
 * What the library gives one by one, as a cold [Flow]: nothing is asked for while nobody collects. A cancelled collector drops the
 * library's future, which ends the waiting there too.
 */
internal fun <T> pulled(next: suspend () -> T): Flow<T> = flow { while (true) emit(next()) }.flowOn(Dispatchers.IO)
