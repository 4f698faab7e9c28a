package dev.kapok.app.session

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.unit.dp
import androidx.compose.ui.unit.sp
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import dev.kapok.CloseReason
import dev.kapok.PickedView
import dev.kapok.SigningOutcome
import dev.kapok.SigningPeer
import dev.kapok.SigningRp
import dev.kapok.SigningState
import dev.kapok.SigningView
import dev.kapok.app.R
import dev.kapok.app.closedText
import dev.kapok.app.pin.PinBy
import dev.kapok.app.pin.PinDots
import dev.kapok.app.pin.PinKeys
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Badge
import dev.kapok.app.theme.Fact
import dev.kapok.app.theme.Flower
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.Note
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Panel
import dev.kapok.app.theme.Primary
import dev.kapok.app.theme.Secondary

/** All that follows from a scan: what is shown is where the session is. */
@Composable
fun SessionPage(open: Open, view: SigningView, shell: Shell) {
    val model = open.model { SessionModel(shell) }
    val ui by model.ui.collectAsStateWithLifecycle()
    when (val state = view.state) {
        is SigningState.Idle -> {}
        is SigningState.Claiming -> Connecting(null, model)
        is SigningState.Checking -> Connecting(state.peer, model)
        is SigningState.SiteCheck -> SiteCheck(state, model)
        is SigningState.Approve -> Approve(state, ui, model) { shell.open(Screen.PinSet(PinBy.FACE)) }
        is SigningState.Connected -> state.last?.let { Result(state, it, model) } ?: Connected(state, view, model)
        is SigningState.Handover -> HandOver(state, view.leaseEndsMs, model)
        is SigningState.Review -> ReviewPage(state, view.leaseEndsMs, ui, model)
        is SigningState.Signing -> SigningPage(state.documents)
        is SigningState.Closed -> Closed(state.reason, state.last, model)
    }
}

@Composable
private fun Connecting(peer: SigningPeer?, model: SessionModel) {
    Page(stringResource(R.string.connecting), null, bottom = { Secondary(stringResource(R.string.disconnect)) { model.disconnect() } }) {
        Column(Modifier.fillMaxWidth().padding(vertical = 40.dp), Arrangement.spacedBy(16.dp), Alignment.CenterHorizontally) {
            Flower(Modifier.size(88.dp))
            Note(stringResource(R.string.checking))
            peer?.let { Digits(it.sas) }
        }
    }
}

@Composable
private fun Digits(sas: String) {
    Column(Modifier.fillMaxWidth(), Arrangement.spacedBy(2.dp), Alignment.CenterHorizontally) {
        Note(stringResource(R.string.sas))
        Text(sas, Modifier.testTag("sas"), MaterialTheme.colorScheme.primary, fontSize = 34.sp, letterSpacing = 8.sp)
    }
}

@Composable
private fun Site(peer: SigningPeer, rp: SigningRp) {
    Panel {
        Digits(peer.sas)
        Fact(stringResource(R.string.site), rp.name)
        Fact(stringResource(R.string.origin), rp.origin)
        Fact(stringResource(R.string.topic), rp.title)
        Fact(stringResource(R.string.contact), rp.contact)
    }
}

@Composable
private fun SiteCheck(state: SigningState.SiteCheck, model: SessionModel) {
    Page(stringResource(R.string.site_check), null, bottom = { Secondary(stringResource(R.string.disconnect)) { model.disconnect() } }) {
        Panel {
            Text(stringResource(R.string.site_check_hint), style = MaterialTheme.typography.titleMedium)
            state.choices.forEach { origin -> Secondary(origin) { model.site(origin) } }
        }
        Site(state.peer, state.rp)
    }
}

@Composable
private fun Approve(state: SigningState.Approve, ui: SessionUi, model: SessionModel, onForgot: () -> Unit) {
    Page(
        stringResource(R.string.pin_enter),
        null,
        bottom = {
            PinKeys(model::digit, model::backspace)
            Secondary(stringResource(R.string.disconnect)) { model.disconnect() }
        },
    ) {
        PinDots(ui.entered, stringResource(R.string.pin_please), ui.pinRefusal, onForgot)
        Panel {
            Fact(stringResource(R.string.site), state.rp.name)
            Fact(stringResource(R.string.topic), state.rp.title)
            Fact(stringResource(R.string.sas), state.peer.sas)
        }
    }
}

@Composable
private fun Connected(state: SigningState.Connected, view: SigningView, model: SessionModel) {
    Page(stringResource(R.string.connected), null, bottom = { Secondary(stringResource(R.string.disconnect)) { model.disconnect() } }) {
        Column(Modifier.fillMaxWidth().padding(vertical = 20.dp), Arrangement.spacedBy(12.dp), Alignment.CenterHorizontally) {
            Badge(Icons.Computer)
            Text(stringResource(if (view.pcOnline) R.string.connected_hint else R.string.pc_offline), textAlign = TextAlign.Center)
            Lease(view.leaseEndsMs)
        }
        Site(state.peer, state.rp)
    }
}

@Composable
private fun HandOver(state: SigningState.Handover, leaseEndsMs: ULong, model: SessionModel) {
    Page(
        stringResource(R.string.hand_over),
        null,
        bottom = {
            Primary(stringResource(R.string.hand_over_agree)) { model.handOver() }
            Secondary(stringResource(R.string.disconnect)) { model.disconnect() }
        },
    ) {
        Text(stringResource(R.string.hand_over_hint), style = MaterialTheme.typography.bodyLarge)
        Lease(leaseEndsMs)
        Panel { Picked(state.picked) }
        Site(state.peer, state.rp)
    }
}

@Composable
internal fun Picked(picked: PickedView) {
    Fact(stringResource(R.string.subject), picked.subject)
    Fact(stringResource(R.string.seal), picked.sealName ?: stringResource(R.string.no_seal))
}

@Composable
private fun Result(state: SigningState.Connected, outcome: SigningOutcome, model: SessionModel) {
    Page(
        stringResource(R.string.result),
        null,
        bottom = {
            Note(stringResource(R.string.connected_hint))
            Primary(stringResource(R.string.disconnect)) { model.disconnect() }
        },
    ) {
        Count(outcome)
        Panel { Fact(stringResource(R.string.site), state.rp.name) }
    }
}

@Composable
private fun Count(outcome: SigningOutcome) {
    val colors = MaterialTheme.colorScheme
    Column(Modifier.fillMaxWidth().padding(vertical = 28.dp), Arrangement.spacedBy(14.dp), Alignment.CenterHorizontally) {
        if (outcome.signed > 0u) Badge(Icons.Done, colors.tertiaryContainer, colors.tertiary) else Badge(Icons.Warning)
        Text(
            stringResource(R.string.signed_count, outcome.signed.toInt()),
            Modifier.testTag("signed"),
            style = MaterialTheme.typography.headlineMedium,
        )
        if (outcome.refused > 0u) Note(stringResource(R.string.refused_count, outcome.refused.toInt()))
    }
}

@Composable
private fun Closed(reason: CloseReason, last: SigningOutcome?, model: SessionModel) {
    val title = stringResource(if (last == null) R.string.closed else R.string.result)
    Page(title, null, bottom = { Primary(stringResource(R.string.home_back)) { model.leave() } }) {
        if (last != null) {
            Count(last)
        } else {
            Column(Modifier.fillMaxWidth().padding(vertical = 28.dp), horizontalAlignment = Alignment.CenterHorizontally) { Badge(Icons.Computer) }
        }
        Panel(Modifier.testTag("closed")) { Text(closedText(reason), style = MaterialTheme.typography.bodyLarge) }
    }
}
