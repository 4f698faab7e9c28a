package dev.kapok.client

import dev.kapok.AccountView
import dev.kapok.HandoffView
import dev.kapok.Login
import dev.kapok.LoginOutcome
import dev.kapok.LoginResumed
import dev.kapok.TypedIdentity

/** 登录: by a face check in the WeChat mini program, or by account and password. */
class LoginClient internal constructor(private val login: Login) : AutoCloseable by login {
    /** Who is logged in, or nobody. Offline. */
    suspend fun account(): AccountView? = call { login.account() }

    /**
     * 人脸识别登录. [declared] is identity that was typed before leaving; without it the mini program asks. A request to open the mini program
     * follows in [Kapok.requests]. A person who is logged in may do so again (`FACE_AGAIN`); the platform takes the same face only. Ends in
     * `STATE_WRONG` while an enterprise account is logged in, `INPUT_INVALID` at `declared.…`, `FACE_UNSUPPORTED`.
     */
    suspend fun startFace(declared: TypedIdentity? = null): HandoffView = call { login.startFace(declared) }

    /** The open face check, or nothing. Offline. */
    suspend fun view(): HandoffView? = call { login.view() }

    /** Asks once more that the mini program be opened. Ends in `STATE_WRONG` without an open face check. */
    suspend fun openAgain() = call { login.openAgain() }

    /** The app was opened by [link]. Gives nothing if that is no return link, or one of no open face check. */
    suspend fun returned(link: String): LoginOutcome? = call { login.returned(link) }

    /** The six digits of the success page. Ends in `INPUT_INVALID` at `code`, or `HANDOFF_PROOF`: try again. */
    suspend fun typeCode(code: String): LoginOutcome = call { login.typeCode(code) }

    /** Waits until the open face check has passed, failed or expired; ends at once when the coroutine is cancelled. */
    suspend fun resume(): LoginResumed = call { login.resume() }

    /** Gives the open face check up, here and at the platform. */
    suspend fun cancel() = call { login.cancel() }

    /** 账号密码登录 of an enterprise account. Ends in `LOGIN_REFUSED`, `RATE_LIMITED`, `INPUT_INVALID` at `login` or `password`. */
    suspend fun password(name: String, password: String): AccountView = call { login.password(name, password) }

    /** 退出登录. Certificates stay sealed on the phone; another account sees nothing of them. */
    suspend fun logout() = call { login.logout() }
}
