package dev.kapok.app.shell

import androidx.lifecycle.ViewModelStore
import androidx.lifecycle.ViewModelStoreOwner
import dev.kapok.CertificateView
import dev.kapok.ConsentView
import dev.kapok.InvitePage
import dev.kapok.SealPreview
import dev.kapok.app.pin.PinBy

/** What can be shown. */
sealed interface Screen {
    /** 首页 */
    data object Home : Screen

    /** 我的 */
    data object Mine : Screen

    /** 功能设置 */
    data object Settings : Screen

    /** 协议与隐私 */
    data object Privacy : Screen

    /** 登录 */
    data object Login : Screen

    /** 人脸识别登录 and every other face check */
    data object Face : Screen

    /** 填写身份信息 before the face check */
    data object Identity : Screen

    /** 选择办事企业 */
    data object Enterprises : Screen

    /** 查找企业 */
    data object Find : Screen

    /** 关联已有企业账号; [name] is what was found */
    data class Link(val name: String = "") : Screen

    /** 关联申请 that wait for this enterprise account */
    data object Links : Screen

    /** 申请认证&授权 */
    data object Authentication : Screen

    /** 经办人管理 */
    data object Agents : Screen

    /** 添加经办人 */
    data object AddAgent : Screen

    /** 分享到微信 */
    data class Share(val link: String, val inviteId: String?) : Screen

    /** 认证链接 */
    data class Invite(val page: InvitePage) : Screen

    /** 同意认证 */
    data class Consent(val page: ConsentView) : Screen

    /** PIN码设置: where the PIN is */
    data object PinSettings : Screen

    /** 设置PIN码, 修改PIN码, 人脸识别重置PIN码: a new one is typed */
    data class PinSet(val by: PinBy = PinBy.FIRST) : Screen

    /** The face check of a reset has passed */
    data object PinReset : Screen

    /** PIN码已重置 */
    data object PinIsReset : Screen

    /** 解除挂失 of this phone */
    data object PinObject : Screen

    /** 安全中心 */
    data object Security : Screen

    /** 吊销码 */
    data object RevocationCode : Screen

    /** 我的手机 */
    data object Phones : Screen

    /** 吊销码挂失 */
    data object LossByCode : Screen

    /** 停止重置 */
    data object StopReset : Screen

    /** 输入PIN码 for an installation */
    data class PinEnter(val certificate: CertificateView) : Screen

    /** 数字证书 */
    data object Certificates : Screen

    /** 证书详情 */
    data class Certificate(val certificate: CertificateView) : Screen

    /** 印章 */
    data object Seals : Screen

    /** 印章预览 */
    data class Preview(val preview: SealPreview) : Screen

    /** 扫一扫 */
    data object Scan : Screen

    /** A PC's code that the system's camera has read; [text] is the whole code */
    data class Connect(val text: String) : Screen

    /** 已连接电脑, 待签文件, 签署结果: all that follows from a scan */
    data object Session : Screen
}

/** A screen in the pile of open ones; its models live as long as it is there. */
class Open(val screen: Screen) : ViewModelStoreOwner {
    override val viewModelStore = ViewModelStore()
}
