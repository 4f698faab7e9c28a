package dev.kapok.app.certificates

import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.res.stringResource
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import androidx.lifecycle.viewModelScope
import dev.kapok.CertificateKind
import dev.kapok.CertificateState
import dev.kapok.CertificateView
import dev.kapok.KapokEvent
import dev.kapok.PinState
import dev.kapok.SealKind
import dev.kapok.app.R
import dev.kapok.app.day
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Entry
import dev.kapok.app.theme.Fact
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.Nothing
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Panel
import dev.kapok.app.theme.Primary
import dev.kapok.app.theme.Secondary
import dev.kapok.app.theme.Tag
import dev.kapok.app.word
import dev.kapok.client.Kapok
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.launch

/** What 数字证书 shows. */
data class CertificatesUi(val list: List<CertificateView>? = null)

/** 数字证书. */
class CertificatesModel(shell: Shell) : ScreenModel<CertificatesUi>(shell, CertificatesUi()) {
    init {
        act(work = ::load)
        viewModelScope.launch { shell.events.filter { it is KapokEvent.CertificatesChanged }.collect { act(work = ::load) } }
    }

    private suspend fun load(kapok: Kapok) = kapok.certificates.list().let { list -> change { CertificatesUi(list) } }
}

@Composable
fun CertificatesPage(open: Open, shell: Shell) {
    val model = open.model { CertificatesModel(shell) }
    val ui by model.ui.collectAsStateWithLifecycle()
    Page(stringResource(R.string.certificates), shell::back) {
        val list = ui.list ?: return@Page
        if (list.isEmpty()) Nothing(Icons.Certificate, stringResource(R.string.certificates_none))
        list.forEach { one ->
            Entry(Icons.Certificate, stringResource(one.kind.word), one.enterprise, "certificate-${one.kind}", {
                Tag(stringResource(one.state.word), one.state == CertificateState.ACTIVE)
            }) { shell.open(Screen.Certificate(one)) }
        }
    }
}

/** 证书详情. */
class CertificateModel(shell: Shell, private val certificate: CertificateView) : ScreenModel<Unit>(shell, Unit) {
    /** 安装证书: without a PIN the PIN is set first (YQQ-007). */
    fun install() = act { kapok -> shell.open(if (kapok.vault.state() is PinState.Unset) Screen.PinSet() else Screen.PinEnter(certificate)) }

    fun seal() =
        act { kapok ->
            val kind = if (certificate.kind == CertificateKind.EMPLOYEE) SealKind.EMPLOYEE else SealKind.ORGANISATION
            shell.open(Screen.Preview(kapok.seals.preview(certificate.enterpriseId, kind)))
        }
}

@Composable
fun CertificatePage(open: Open, certificate: CertificateView, shell: Shell) {
    val model = open.model { CertificateModel(shell, certificate) }
    Page(
        stringResource(R.string.certificate),
        shell::back,
        bottom = {
            when (certificate.state) {
                CertificateState.INSTALLABLE -> Primary(stringResource(R.string.certificate_install)) { model.install() }

                CertificateState.ACTIVE -> {
                    Primary(stringResource(R.string.scan_to_use)) { shell.open(Screen.Scan) }
                    Secondary(stringResource(R.string.seal_generate)) { model.seal() }
                }

                else -> {}
            }
        },
    ) {
        Panel(Modifier.testTag("certificate")) {
            Tag(stringResource(certificate.state.word), certificate.state == CertificateState.ACTIVE)
            Fact(stringResource(R.string.enterprise), certificate.enterprise)
            Fact(stringResource(R.string.kind), stringResource(certificate.kind.word))
            certificate.serial?.let { Fact(stringResource(R.string.serial), it) }
            certificate.notAfter?.let { Fact(stringResource(R.string.valid_until), day(it)) }
            Fact(stringResource(R.string.admin), stringResource(if (certificate.admin) R.string.yes else R.string.no))
        }
    }
}
