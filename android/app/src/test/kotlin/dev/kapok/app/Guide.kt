@file:Suppress("unused")

package dev.kapok.app

import android.media.Image
import dev.kapok.AccountView
import dev.kapok.AppSettings
import dev.kapok.CertificateKind
import dev.kapok.DocumentKind
import dev.kapok.LoginOutcome
import dev.kapok.NewInvite
import dev.kapok.PagePicture
import dev.kapok.Ports
import dev.kapok.SealKind
import dev.kapok.SealView
import dev.kapok.ShellRequest
import dev.kapok.SigningState
import dev.kapok.TypedIdentity
import dev.kapok.client.Kapok
import dev.kapok.client.Pin
import dev.kapok.client.ports.AndroidClock
import dev.kapok.client.ports.KeystoreKey
import dev.kapok.client.ports.KeystoreStorage
import java.io.File
import kotlinx.coroutines.flow.first

// What docs/android.md shows; here so that it compiles.

internal suspend fun firstLogin(
    settings: AppSettings,
    folder: File,
    link: String?,
    code: String,
    openMiniProgram: (path: String, matchCode: String) -> Unit,
    show: (AccountView) -> Unit,
) {
    val kapok = Kapok.open(settings, Ports(KeystoreKey(), KeystoreStorage(folder), AndroidClock()))
    kapok.agreePrivacy(kapok.privacy().version)
    kapok.login.startFace()
    val request = kapok.requests.first()
    if (request is ShellRequest.OpenMiniProgram) openMiniProgram(request.path, request.matchCode)
    val outcome = link?.let { kapok.login.returned(it) } ?: kapok.login.typeCode(code)
    if (outcome is LoginOutcome.LoggedIn) show(outcome.account)
}

internal suspend fun certificateAndSeal(kapok: Kapok, pin: Pin): SealView {
    val enterprise = kapok.enterprises.list().first()
    kapok.enterprises.select(enterprise.enterpriseId)
    val (first, repeat) = Pin() to Pin()
    kapok.vault.set(first, repeat)
    kapok.certificates.install(enterprise.enterpriseId, CertificateKind.ORGANISATION, pin)
    val preview = kapok.seals.preview(enterprise.enterpriseId, SealKind.ORGANISATION)
    val seal = kapok.seals.generate(preview.previewId)
    return seal
}

internal suspend fun newPin(kapok: Kapok, first: Pin, repeat: Pin, outcome: LoginOutcome) {
    kapok.vault.startReset(first, repeat)
    if (outcome is LoginOutcome.Verified) kapok.vault.finishReset()
    kapok.vault.finishResetWith(first, repeat)
}

internal suspend fun lostPhone(kapok: Kapok, pin: Pin, owner: TypedIdentity) {
    val code = kapok.vault.revocationCode(pin)
    val lost = kapok.vault.phones().first { !it.thisPhone }
    kapok.vault.reportLoss(lost.deviceId)
    kapok.vault.reportLossByCode(owner, code)
    kapok.vault.objectToLoss(pin)
}

internal suspend fun inviteAgent(kapok: Kapok, number: String, phone: String) {
    val invite = kapok.agents.invite(NewInvite("李娜", DocumentKind.RESIDENT_ID, number, phone, 365u, listOf("matters")))
    kapok.agents.share(invite.inviteId)
}

internal suspend fun findEnterprise(kapok: Kapok) {
    val hit = kapok.enterprises.search("木棉科技").first()
    val enterprise = kapok.enterprises.register(hit.name, hit.uscc)
    kapok.enterprises.select(enterprise.enterpriseId)
    val request = kapok.agents.askAuthentication()
    kapok.agents.share(request.inviteId)
    kapok.enterprises.askLink("yunshan", hit.name)
    kapok.enterprises.links().forEach { kapok.enterprises.answerLink(it.linkId, agree = true) }
}

internal suspend fun becomeAgent(kapok: Kapok, link: String) {
    kapok.agents.openLink(link)
    kapok.agents.accept()
    kapok.agents.answer(agree = true)
}

internal fun scan(kapok: Kapok, image: Image) {
    kapok.signing.scanBlocking(image.planes[0].buffer, image.width, image.height, image.planes[0].rowStride)
}

internal suspend fun sign(kapok: Kapok, pin: Pin, chosen: (List<String>) -> String, look: (PagePicture) -> Unit, show: (SigningState) -> Unit) =
    kapok.signing.views.collect { view ->
        when (val state = view.state) {
            is SigningState.SiteCheck -> kapok.signing.chooseSite(chosen(state.choices))

            is SigningState.Approve -> kapok.signing.approve(pin)

            is SigningState.Handover -> kapok.signing.handOver()

            is SigningState.Review -> {
                val page = kapok.signing.page(state.documents.first().documentId, index = 0, width = 900)
                look(page)
                kapok.signing.confirm(state.documents.map { it.documentId })
            }

            else -> show(state)
        }
    }
