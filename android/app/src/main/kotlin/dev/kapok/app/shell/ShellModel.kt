package dev.kapok.app.shell

import android.content.Intent
import android.net.Uri
import androidx.lifecycle.ViewModel
import androidx.lifecycle.viewModelScope
import dev.kapok.AccountView
import dev.kapok.EnterpriseView
import dev.kapok.KapokEvent
import dev.kapok.KapokException
import dev.kapok.LoginOutcome
import dev.kapok.NextStep
import dev.kapok.PinState
import dev.kapok.Purpose
import dev.kapok.ShellRequest
import dev.kapok.SigningState
import dev.kapok.SigningView
import dev.kapok.app.KapokApplication
import dev.kapok.app.R
import dev.kapok.client.Kapok
import kotlinx.coroutines.Job
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.SharedFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asSharedFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.receiveAsFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

/** How the last act ended. */
sealed interface Notice {
    data class Good(val text: Int) : Notice

    data class Bad(val text: Int) : Notice

    data class Failed(val error: KapokException.Failed) : Notice
}

/** What every screen may show beside its own state. */
data class ShellUi(
    val ready: Boolean = false,
    val open: List<Open> = listOf(Open(Screen.Home)),
    val busy: Int = 0,
    val notice: Notice? = null,
    val account: AccountView? = null,
    val enterprise: EnterpriseView? = null,
    val unfinished: Int = 0,
    val session: SigningView? = null,
    val miniProgram: String? = null,
)

/** The pile of open screens, and what the library says to all of them. */
class ShellModel(private val app: KapokApplication) :
    ViewModel(),
    Shell {
    private val state = MutableStateFlow(ShellUi())
    private val happenings = MutableSharedFlow<KapokEvent>(extraBufferCapacity = 32)
    private val intents = Channel<Intent>(Channel.BUFFERED)
    private val front = Mutex()
    private var sharing: String? = null
    private val started: Job

    /** What is shown. */
    val ui: StateFlow<ShellUi> = state.asStateFlow()

    /** What other apps are to open. */
    val outside: Flow<Intent> = intents.receiveAsFlow()

    override val events: SharedFlow<KapokEvent> = happenings.asSharedFlow()

    init {
        started = viewModelScope.launch { doing({ false }, ::start) }
    }

    private suspend fun start(kapok: Kapok) {
        viewModelScope.launch { kapok.events.collect { happened(kapok, it) } }
        viewModelScope.launch { kapok.requests.collect(::requested) }
        viewModelScope.launch { kapok.signing.views.collect { session(kapok, it) } }
        refresh(kapok)
        if (!kapok.privacy().agreed) {
            open(Screen.Privacy)
        } else {
            kapok.agents.consent()?.let { open(Screen.Consent(it)) } ?: kapok.login.view()?.let {
                open(Screen.Face)
                kapok.login.openAgain()
            }
        }
        state.update { it.copy(ready = true) }
        viewModelScope.launch { goOn(kapok) }
    }

    /** A reset that was under way when the process ended: until it is done no PIN opens. Whoever is offline is not bothered with it. */
    private suspend fun goOn(kapok: Kapok) {
        if (state.value.account == null) return
        val pin = runCatching { kapok.vault.state() }.getOrNull()
        if (pin is PinState.Resetting && state.value.open.size == 1) open(Screen.PinSettings)
    }

    private suspend fun refresh(kapok: Kapok) {
        val account = kapok.login.account()
        // Without a login there is no enterprise; that is no error here.
        val enterprise = if (account == null) null else runCatching { kapok.enterprises.current() }.getOrNull()
        val unfinished = kapok.signing.unfinished()
        state.update { it.copy(account = account, enterprise = enterprise, unfinished = unfinished) }
    }

    private suspend fun happened(kapok: Kapok, event: KapokEvent) {
        when (event) {
            is KapokEvent.LoggedOut -> close { it !is Screen.Home }
            is KapokEvent.EnrolAgain -> bad(R.string.enrol_again)
            else -> {}
        }
        refresh(kapok)
        happenings.emit(event)
    }

    private fun requested(request: ShellRequest) {
        when (request) {
            is ShellRequest.OpenMiniProgram -> {
                state.update { it.copy(miniProgram = request.path) }
                intents.trySend(Intent(Intent.ACTION_VIEW, Uri.parse("weixin://dl/business/?path=" + Uri.encode(request.path))))
            }

            is ShellRequest.Share -> {
                open(Screen.Share(request.link, sharing))
                sharing = null
                val text = Intent(Intent.ACTION_SEND).setType("text/plain").putExtra(Intent.EXTRA_TEXT, "${request.text} ${request.link}")
                intents.trySend(Intent.createChooser(text, null))
            }
        }
    }

    /** The session's screen comes forward whenever the session comes to another state. */
    private suspend fun session(kapok: Kapok, view: SigningView) {
        val turned = state.value.session?.state?.javaClass != view.state.javaClass
        state.update { it.copy(session = view) }
        if (turned && view.state !is SigningState.Idle) {
            close { it is Screen.Scan || it is Screen.Connect || it is Screen.Session }
            open(Screen.Session)
            refresh(kapok)
        }
    }

    /** The app was opened by a link. None acts by itself; one that is not known shows what was open. */
    fun followed(link: String) {
        viewModelScope.launch {
            started.join()
            doing({ false }) { kapok ->
                val outcome = kapok.login.returned(link)
                val invite = if (outcome == null) kapok.agents.openLink(link) else null
                when {
                    outcome != null -> ended(outcome)
                    invite != null -> open(Screen.Invite(invite))
                    Uri.parse(link).isCode -> open(Screen.Connect(link))
                }
            }
        }
    }

    /** The window is in front again. */
    fun shown() = moved { it.resume() }

    /** The window is covered: the lease is wiped and files are closed. */
    fun hidden() = moved { it.pause() }

    private fun moved(work: suspend (Kapok) -> Unit) {
        viewModelScope.launch {
            started.join()
            front.withLock { runCatching { work(app.kapok()) } }
        }
    }

    override fun open(screen: Screen) = state.update { it.copy(open = it.open + Open(screen), notice = null) }

    override fun back() = state.update { it.copy(open = dropped(it.open, it.open.dropLast(1).ifEmpty { it.open }), notice = null) }

    override fun close(such: (Screen) -> Boolean) = state.update { it.copy(open = dropped(it.open, it.open.filterNot { one -> such(one.screen) })) }

    private fun dropped(before: List<Open>, after: List<Open>): List<Open> {
        (before - after.toSet()).forEach { it.viewModelStore.clear() }
        return after
    }

    /** 首页 or 我的. */
    fun tab(screen: Screen) {
        close { it !is Screen.Home }
        if (screen !is Screen.Home) open(screen)
    }

    override fun good(text: Int) = state.update { it.copy(notice = Notice.Good(text)) }

    override fun bad(text: Int) = state.update { it.copy(notice = Notice.Bad(text)) }

    override fun sharing(inviteId: String) {
        sharing = inviteId
    }

    override fun ended(outcome: LoginOutcome) {
        close { it is Screen.Face }
        when (outcome) {
            is LoginOutcome.LoggedIn -> {
                close { it !is Screen.Home }
                open(Screen.Enterprises)
                good(R.string.logged_in)
            }

            is LoginOutcome.Consent -> open(Screen.Consent(outcome.page))

            is LoginOutcome.Verified -> if (outcome.purpose == Purpose.PIN_RESET) open(Screen.PinReset) else good(R.string.verified)
        }
    }

    override suspend fun doing(take: (KapokException.Failed) -> Boolean, work: suspend (Kapok) -> Unit) {
        state.update { it.copy(busy = it.busy + 1, notice = it.notice as? Notice.Good) }
        try {
            work(app.kapok())
        } catch (error: KapokException.Failed) {
            if (!take(error)) failed(error)
        } finally {
            state.update { it.copy(busy = it.busy - 1) }
        }
    }

    override suspend fun waiting(work: suspend (Kapok) -> Unit) {
        try {
            work(app.kapok())
        } catch (error: KapokException.Failed) {
            failed(error)
        }
    }

    private fun failed(error: KapokException.Failed) {
        val next = error.nextStep.screen
        if (next != null && state.value.open.none { it.screen == next }) open(next)
        state.update { it.copy(notice = Notice.Failed(error), ready = true) }
    }

    override fun onCleared() = state.value.open.forEach { it.viewModelStore.clear() }
}

/** Where the person does what comes next; nothing where that is on the screen that has failed. */
private val NextStep.screen: Screen?
    get() = when (this) {
        NextStep.AGREE_PRIVACY -> Screen.Privacy
        NextStep.LOG_IN -> Screen.Login
        NextStep.SELECT_ENTERPRISE -> Screen.Enterprises
        NextStep.ASK_AUTHENTICATION -> Screen.Authentication
        NextStep.SET_PIN -> Screen.PinSet()
        NextStep.FIX_INPUT, NextStep.RETRY, NextStep.FACE_CHECK, NextStep.SCAN_AGAIN -> null
        NextStep.ASK_ADMIN, NextStep.GO_ONLINE, NextStep.UPDATE, NextStep.ASK_SERVICE -> null
    }

/** A web address with something after `#` may be the code of a PC; whether it is one, the library says once the person has tapped. */
private val Uri.isCode get() = scheme.equals("https", ignoreCase = true) && !fragment.isNullOrEmpty()
