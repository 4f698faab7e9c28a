package dev.kapok.app

import android.annotation.SuppressLint
import androidx.annotation.StringRes
import androidx.compose.runtime.Composable
import androidx.compose.ui.platform.LocalContext
import androidx.compose.ui.res.stringResource
import dev.kapok.ByeReason
import dev.kapok.CertificateKind
import dev.kapok.CertificateState
import dev.kapok.CloseReason
import dev.kapok.DocumentKind
import dev.kapok.DocumentState
import dev.kapok.GrantState
import dev.kapok.GuardState
import dev.kapok.InviteKind
import dev.kapok.InviteState
import dev.kapok.KapokException
import dev.kapok.PinState
import dev.kapok.Role
import dev.kapok.SealKind
import java.time.Instant
import java.time.ZoneOffset
import java.time.format.DateTimeFormatter

/** An error for a person: its text, why, the tries left, how long to wait unless that is shown beside it, and the code for the service desk. */
@Composable
fun errorText(error: KapokException.Failed, waiting: Boolean = true): String {
    val parts = buildList {
        add(codeText(error.code) + (error.reason?.let { "：" + reasonText(it) } ?: ""))
        error.triesLeft?.let { add(stringResource(R.string.tries_left, it.toInt())) }
        error.waitSeconds?.takeIf { waiting && it > 0u }?.let { add(stringResource(R.string.wait, clock(it.toLong()))) }
    }
    return parts.joinToString(" · ") + " [${error.code}]"
}

/** The text of a code; the texts come from docs/errors.md. */
@SuppressLint("DiscouragedApi") // the codes are data
@Composable
fun codeText(code: String): String {
    val context = LocalContext.current
    val id = context.resources.getIdentifier("error_$code", "string", context.packageName)
    return if (id == 0) code else stringResource(id)
}

/** Why an input is refused, in words. */
@Composable
fun reasonText(reason: String): String = reasons[reason]?.let { stringResource(it) } ?: reason

private val reasons = mapOf(
    "empty" to R.string.reason_empty,
    "too_long" to R.string.reason_too_long,
    "too_short" to R.string.reason_too_short,
    "length" to R.string.reason_length,
    "character" to R.string.reason_character,
    "check_digit" to R.string.reason_check_digit,
    "date" to R.string.reason_date,
    "region" to R.string.reason_region,
    "format" to R.string.reason_format,
    "range" to R.string.reason_range,
    "few_digits" to R.string.reason_few_digits,
    "steps" to R.string.reason_steps,
    "repeated" to R.string.reason_repeated,
    "palindrome" to R.string.reason_palindrome,
    "pairs" to R.string.reason_pairs,
    "runs" to R.string.reason_runs,
    "own" to R.string.reason_own,
    "key_missing" to R.string.reason_key_missing,
    "unavailable" to R.string.reason_unavailable,
    "malformed" to R.string.reason_malformed,
)

private const val MINUTE = 60
private val chinaTime = ZoneOffset.ofHours(8)

/** Seconds as `m:ss`, from an hour on as `h:mm:ss`. */
fun clock(seconds: Long): String {
    val minutes = seconds / MINUTE
    return if (minutes < MINUTE) "%d:%02d".format(minutes, seconds % MINUTE) else "%d:%02d:%02d".format(minutes / MINUTE, minutes % MINUTE, seconds % MINUTE)
}

/** A minute of a day out of seconds since the epoch, in the legal time of China (UTC+8). */
fun minute(seconds: ULong): String = minuteOfDay.format(Instant.ofEpochSecond(seconds.toLong()).atOffset(chinaTime))

private val minuteOfDay = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm")

/** A day out of seconds since the epoch, in the legal time of China (UTC+8). */
fun day(seconds: ULong): String = Instant.ofEpochSecond(seconds.toLong()).atOffset(chinaTime).toLocalDate().toString()

@get:StringRes
val Role.word
    get() = when (this) {
        Role.LEGAL_REP -> R.string.role_legal_rep
        Role.AGENT -> R.string.role_agent
        Role.LINKED -> R.string.role_linked
        Role.OWNER -> R.string.role_owner
        Role.UNKNOWN -> R.string.unknown
    }

@get:StringRes
val CertificateKind.word
    get() = when (this) {
        CertificateKind.ORGANISATION -> R.string.certificate_organisation
        CertificateKind.EMPLOYEE -> R.string.certificate_employee
        CertificateKind.UNKNOWN -> R.string.unknown
    }

@get:StringRes
val CertificateState.word
    get() = when (this) {
        CertificateState.INSTALLABLE -> R.string.certificate_installable
        CertificateState.ACTIVE -> R.string.certificate_active
        CertificateState.ELSEWHERE -> R.string.certificate_elsewhere
        CertificateState.SUSPENDED -> R.string.certificate_suspended
        CertificateState.REVOKED -> R.string.certificate_revoked
        CertificateState.EXPIRED -> R.string.certificate_expired
        CertificateState.UNKNOWN -> R.string.unknown
    }

@get:StringRes
val SealKind.word
    get() = when (this) {
        SealKind.ORGANISATION -> R.string.seal_organisation
        SealKind.EMPLOYEE -> R.string.seal_employee
        SealKind.UNKNOWN -> R.string.unknown
    }

@get:StringRes
val InviteKind.word
    get() = when (this) {
        InviteKind.AGENT -> R.string.invite_agent
        InviteKind.AUTHENTICATION -> R.string.invite_authentication
        InviteKind.UNKNOWN -> R.string.unknown
    }

@get:StringRes
val InviteState.word
    get() = when (this) {
        InviteState.DRAFT -> R.string.invite_draft
        InviteState.SENT -> R.string.invite_sent
        InviteState.OPENED -> R.string.invite_opened
        InviteState.ACCEPTED -> R.string.invite_accepted
        InviteState.DECLINED -> R.string.invite_declined
        InviteState.EXPIRED -> R.string.invite_expired
        InviteState.REVOKED -> R.string.invite_revoked
        InviteState.UNKNOWN -> R.string.unknown
    }

@get:StringRes
val GrantState.word
    get() = when (this) {
        GrantState.ACTIVE -> R.string.grant_active
        GrantState.SUSPENDED -> R.string.grant_suspended
        GrantState.REVOKED -> R.string.grant_revoked
        GrantState.EXPIRED -> R.string.grant_expired
        GrantState.UNKNOWN -> R.string.unknown
    }

@get:StringRes
val DocumentKind.word
    get() = when (this) {
        DocumentKind.RESIDENT_ID -> R.string.resident_id
        DocumentKind.HK_MACAO_PERMIT -> R.string.hk_macao_permit
        DocumentKind.TAIWAN_PERMIT -> R.string.taiwan_permit
        DocumentKind.RESIDENCE_PERMIT -> R.string.residence_permit
        DocumentKind.PERMANENT_RESIDENCE -> R.string.permanent_residence
        DocumentKind.PASSPORT -> R.string.passport
        DocumentKind.UNKNOWN -> R.string.unknown
    }

@get:StringRes
val PinState.word
    get() = when (this) {
        is PinState.Unset -> R.string.pin_unset
        is PinState.Setting -> R.string.pin_setting
        is PinState.Set -> R.string.pin_is_set
        is PinState.Blocked -> R.string.pin_blocked
        is PinState.Resetting -> R.string.pin_resetting
        is PinState.Revoked -> R.string.pin_revoked
        is PinState.Lost -> R.string.pin_lost
    }

@get:StringRes
val GuardState.word
    get() = when (this) {
        GuardState.OK -> R.string.phone_ok
        GuardState.BLOCKED -> R.string.phone_blocked
        GuardState.RESETTING -> R.string.phone_resetting
        GuardState.REVOKED -> R.string.phone_revoked
    }

/** Words of a scope. */
@Composable
fun scopeText(words: List<String>): String {
    val known = mapOf("matters" to R.string.scope_matters, "certificates" to R.string.scope_certificates, "seals" to R.string.scope_seals)
    return words.map { word -> known[word]?.let { stringResource(it) } ?: word }.joinToString(stringResource(R.string.comma))
}

/** Where a document is. */
@Composable
fun documentText(state: DocumentState): String =
    when (state) {
        is DocumentState.Waiting -> stringResource(R.string.document_waiting)
        is DocumentState.Pulling -> stringResource(R.string.document_pulling)
        is DocumentState.Ready, is DocumentState.Amber -> stringResource(R.string.document_ready)
        is DocumentState.Confirmed -> stringResource(R.string.document_confirmed)
        is DocumentState.Signed -> stringResource(R.string.document_signed)
        is DocumentState.Delivered -> stringResource(R.string.document_delivered)
        is DocumentState.Refused -> stringResource(R.string.document_refused, codeText(state.code))
    }

/** Why a document is amber. */
@Composable
fun amberText(reason: String): String =
    when (reason) {
        "optional_content" -> stringResource(R.string.amber_optional_content)
        "font_not_embedded" -> stringResource(R.string.amber_font)
        else -> reason
    }

/** Why a session is over. */
@Composable
fun closedText(reason: CloseReason): String =
    when (reason) {
        is CloseReason.Failed -> codeText(reason.code) + " [${reason.code}]"
        is CloseReason.User -> stringResource(R.string.bye_user)
        is CloseReason.Peer -> stringResource(reason.bye.word)
    }

@get:StringRes
private val ByeReason.word
    get() = when (this) {
        ByeReason.USER -> R.string.bye_user
        ByeReason.DONE -> R.string.bye_done
        ByeReason.IDLE -> R.string.bye_idle
        ByeReason.ABSOLUTE -> R.string.bye_absolute
        ByeReason.REVOKED -> R.string.bye_revoked
        ByeReason.REPLACED -> R.string.bye_replaced
        ByeReason.ERROR -> R.string.bye_error
    }
