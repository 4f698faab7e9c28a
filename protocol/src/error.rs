//! The one list of error codes at every edge: HTTP, relay, channel and facade.
//!
//! A code is `SUBJECT_REASON` in capitals. Its texts live here in the three languages of the shells, so that
//! `docs/errors.md` and the shells' catalogues come from one place.

use serde::{Deserialize, Serialize};

/// What the user can do now; the shells turn it into a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NextStep {
    /// Correct the named field and send again.
    FixInput,
    /// Try again, now or after `wait_seconds`.
    Retry,
    /// Agree to the privacy text.
    AgreePrivacy,
    /// Log in again.
    LogIn,
    /// Choose the enterprise that one works for.
    SelectEnterprise,
    /// Ask the legal representative to authenticate the enterprise.
    AskAuthentication,
    /// Set a PIN.
    SetPin,
    /// Scan the code on the PC again.
    ScanAgain,
    /// Do a face check.
    FaceCheck,
    /// Ask the enterprise's admin or legal representative.
    AskAdmin,
    /// Connect to the network.
    GoOnline,
    /// Update the app.
    Update,
    /// Nothing in the app: ask the service desk.
    AskService,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal, $next:ident, $zh_cn:literal, $zh_hk:literal, $en:literal;)+) => {
        /// A stable code. Unknown codes of a newer peer read as [`ErrorCode::Unknown`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum ErrorCode {
            $(#[doc = $en] #[serde(rename = $text)] $name,)+
            /// A code that this version does not know.
            #[serde(other, rename = "UNKNOWN")]
            Unknown,
        }

        impl ErrorCode {
            /// Every code that this version knows.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code as it travels.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ Self::Unknown => "UNKNOWN" }
            }

            /// The HTTP status that carries it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ Self::Unknown => 500 }
            }

            /// What the user can do now.
            pub const fn next(self) -> NextStep {
                match self { $(Self::$name => NextStep::$next,)+ Self::Unknown => NextStep::AskService }
            }

            /// The texts in zh-CN, zh-HK and en.
            pub const fn texts(self) -> [&'static str; 3] {
                match self {
                    $(Self::$name => [$zh_cn, $zh_hk, $en],)+
                    Self::Unknown => ["服务异常，请稍后再试", "服務異常，請稍後再試", "Something went wrong; please try later"],
                }
            }
        }
    };
}

codes! {
    InputInvalid = "INPUT_INVALID", 422, FixInput, "填写的内容有误", "填寫的內容有誤", "A field is not valid";
    NotFound = "NOT_FOUND", 404, AskService, "找不到该内容", "找不到該內容", "Not found";
    NotAllowed = "NOT_ALLOWED", 403, AskAdmin, "没有操作权限", "沒有操作權限", "You have no right to do this";
    LoginRequired = "LOGIN_REQUIRED", 401, LogIn, "请登录", "請登入", "Please log in";
    LoginRefused = "LOGIN_REFUSED", 401, FixInput, "账号或密码错误", "賬號或密碼錯誤", "Account or password is wrong";
    TokenExpired = "TOKEN_EXPIRED", 401, LogIn, "登录已过期，请重新登录", "登入已過期，請重新登入", "Your login has expired";
    DeviceProof = "DEVICE_PROOF", 401, LogIn, "设备校验失败", "裝置校驗失敗", "The device could not prove itself";
    RateLimited = "RATE_LIMITED", 429, Retry, "操作过于频繁，请稍后再试", "操作過於頻繁，請稍後再試", "Too many tries; please wait";
    Conflict = "CONFLICT", 409, Retry, "操作正在处理中", "操作正在處理中", "This is already being done";
    KeyReused = "KEY_REUSED", 422, AskService, "请求编号重复", "請求編號重複", "The idempotency key was used for another request";
    Internal = "INTERNAL", 500, Retry, "服务异常，请稍后再试", "服務異常，請稍後再試", "Something went wrong; please try later";
    ServiceDown = "SERVICE_DOWN", 503, Retry, "服务暂不可用，请稍后再试", "服務暫不可用，請稍後再試", "The service is not available now";
    Offline = "OFFLINE", 503, GoOnline, "需要联网", "需要連接網絡", "You need to be online";
    AppTooOld = "APP_TOO_OLD", 426, Update, "请更新应用", "請更新應用程式", "Please update the app";
    ClockWrong = "CLOCK_WRONG", 400, Retry, "手机时间不准确", "手機時間不準確", "The phone's clock is wrong";
    UserCancelled = "USER_CANCELLED", 409, Retry, "已取消", "已取消", "Cancelled";
    Busy = "BUSY", 409, Retry, "已有连接正在进行", "已有連接正在進行", "Another session is open";
    StateWrong = "STATE_WRONG", 409, Retry, "当前步骤不能执行此操作", "目前步驟不能執行此操作", "This is not possible at this step";
    PrivacyRequired = "PRIVACY_REQUIRED", 403, AgreePrivacy, "请先阅读并同意隐私政策", "請先閱讀並同意私隱政策", "Please agree to the privacy policy first";
    StoreNewer = "STORE_NEWER", 409, Update, "本机数据由更新版本的应用写入，请更新应用", "本機資料由更新版本的應用程式寫入，請更新應用程式", "The data on this phone was written by a newer app; please update";

    HandoffUnknown = "HANDOFF_UNKNOWN", 404, FaceCheck, "认证请求不存在", "認證請求不存在", "No such face check";
    HandoffUsed = "HANDOFF_USED", 409, FaceCheck, "认证请求已使用", "認證請求已使用", "This face check was already used";
    HandoffExpired = "HANDOFF_EXPIRED", 410, FaceCheck, "认证请求已过期，请重新开始", "認證請求已過期，請重新開始", "This face check has expired";
    HandoffCancelled = "HANDOFF_CANCELLED", 409, FaceCheck, "认证已取消", "認證已取消", "This face check was cancelled";
    HandoffLocked = "HANDOFF_LOCKED", 409, FaceCheck, "请从粤商通重新开始", "請從粵商通重新開始", "Please start again from the app";
    HandoffPending = "HANDOFF_PENDING", 409, Retry, "尚未完成人脸识别", "尚未完成人臉識別", "The face check is not done yet";
    HandoffProof = "HANDOFF_PROOF", 403, Retry, "返回凭证或验证码不正确", "返回憑證或驗證碼不正確", "The return code is wrong";
    HandoffScene = "HANDOFF_SCENE", 403, FaceCheck, "请从粤商通重新开始", "請從粵商通重新開始", "Please start again from the app";
    FaceFailed = "FACE_FAILED", 422, Retry, "人脸识别未通过", "人臉識別未通過", "The face check failed";
    FaceAgain = "FACE_AGAIN", 403, LogIn, "PIN码重置后24小时内，请再次人脸识别登录", "PIN碼重設後24小時內，請再次人臉識別登入", "Within a day of a PIN reset, log in by face once more";
    FaceUnsupported = "FACE_UNSUPPORTED", 422, AskService, "该证件不支持人脸识别，请使用其他方式", "該證件不支持人臉識別，請使用其他方式", "This document cannot be used for a face check";
    FaceLimit = "FACE_LIMIT", 429, AskService, "今日人脸识别次数已用完", "今日人臉識別次數已用完", "No face checks left today";
    IdentityMismatch = "IDENTITY_MISMATCH", 403, FaceCheck, "认证人与本人信息不一致", "認證人與本人資料不一致", "The verified person is not the expected one";

    EnterpriseRequired = "ENTERPRISE_REQUIRED", 409, SelectEnterprise, "请选择办事企业", "請選擇辦事企業", "Please choose an enterprise";
    EnterpriseNotFound = "ENTERPRISE_NOT_FOUND", 404, FixInput, "核验不成功：企业名称与统一社会信用代码须与登记完全一致", "核驗不成功：企業名稱與統一社會信用代碼須與登記完全一致", "No enterprise has exactly this name and code";
    EnterpriseNotYours = "ENTERPRISE_NOT_YOURS", 403, AskAdmin, "您不是该企业的法定代表人或经营者", "您不是該企業的法定代表人或經營者", "You are not its legal representative";
    EnterpriseNoUscc = "ENTERPRISE_NO_USCC", 422, AskService, "仅有工商注册号，请先到办事大厅换领三证合一执照", "僅有工商註冊號，請先到辦事大廳換領三證合一執照", "Please replace the licence at a service hall first";
    EnterpriseUnauthenticated = "ENTERPRISE_UNAUTHENTICATED", 403, AskAuthentication, "企业账号尚未认证，去认证", "企業賬號尚未認證，去認證", "The enterprise account is not authenticated";
    LinkNeedsAuthenticated = "LINK_NEEDS_AUTHENTICATED", 409, AskAdmin, "仅可关联已认证的企业账号", "僅可關聯已認證的企業賬號", "Only an authenticated account can be linked";

    InviteGone = "INVITE_GONE", 410, AskAdmin, "邀请已失效", "邀請已失效", "This invite is no longer valid";
    InviteUsed = "INVITE_USED", 409, AskAdmin, "邀请已使用", "邀請已使用", "This invite was already used";
    InviteMismatch = "INVITE_MISMATCH", 403, AskAdmin, "您不是被邀请人", "您不是被邀請人", "You are not the invited person";
    GrantRevoked = "GRANT_REVOKED", 403, AskAdmin, "授权已注销", "授權已註銷", "The authorisation was revoked";
    GrantSuspended = "GRANT_SUSPENDED", 403, AskAdmin, "授权已暂停", "授權已暫停", "The authorisation is suspended";
    QuotaEmpty = "QUOTA_EMPTY", 409, AskAdmin, "授权额度已用完", "授權額度已用完", "No authorisations left";

    PinFormat = "PIN_FORMAT", 422, FixInput, "PIN码须为6位数字", "PIN碼須為6位數字", "The PIN has six digits";
    PinWeak = "PIN_WEAK", 422, FixInput, "PIN码过于简单，请更换", "PIN碼過於簡單，請更換", "This PIN is too easy to guess";
    PinRepeat = "PIN_REPEAT", 422, FixInput, "两次输入的PIN码不一致", "兩次輸入的PIN碼不一致", "The two PINs differ";
    PinWrong = "PIN_WRONG", 403, FixInput, "PIN码错误", "PIN碼錯誤", "The PIN is wrong";
    PinWait = "PIN_WAIT", 429, Retry, "PIN码错误次数过多，请等待", "PIN碼錯誤次數過多，請等待", "Too many wrong PINs; please wait";
    PinBlocked = "PIN_BLOCKED", 403, FaceCheck, "PIN码已锁定，请通过人脸识别重置", "PIN碼已鎖定，請通過人臉識別重設", "The PIN is blocked; reset it by face";
    PinUnset = "PIN_UNSET", 409, SetPin, "请先设置PIN码", "請先設定PIN碼", "Please set a PIN first";
    PinAlreadySet = "PIN_ALREADY_SET", 409, AskService, "PIN码已设置", "PIN碼已設定", "A PIN is already set";
    PinRequired = "PIN_REQUIRED", 403, FixInput, "请输入PIN码", "請輸入PIN碼", "Please enter the PIN";
    GuardTampered = "GUARD_TAMPERED", 502, AskService, "安全服务校验失败", "安全服務校驗失敗", "The PIN service gave an answer that does not verify";
    GuardStale = "GUARD_STALE", 409, Retry, "安全服务请求已过期", "安全服務請求已過期", "The PIN request has expired";
    GuardRefused = "GUARD_REFUSED", 403, AskService, "安全服务拒绝了请求", "安全服務拒絕了請求", "The PIN service refused";
    DeviceRevoked = "DEVICE_REVOKED", 403, AskService, "该设备已停用", "該裝置已停用", "This device was revoked";
    HardwareKey = "HARDWARE_KEY", 500, AskService, "设备安全芯片不可用，请重新登记", "裝置安全晶片不可用，請重新登記", "The phone's key store failed; enrol again";

    CertNone = "CERT_NONE", 409, AskAdmin, "没有可用的证书", "沒有可用的證書", "No certificate fits";
    CertRevoked = "CERT_REVOKED", 403, AskAdmin, "证书已吊销", "證書已吊銷", "The certificate is revoked";
    CertEvidence = "CERT_EVIDENCE", 403, AskService, "证书申请材料校验失败", "證書申請材料校驗失敗", "The evidence for the certificate does not verify";
    CertExists = "CERT_EXISTS", 409, AskAdmin, "该证书已安装在其他设备", "該證書已安裝在其他裝置", "This certificate is installed on another phone";
    SealAdminOnly = "SEAL_ADMIN_ONLY", 403, AskAdmin, "机构印章只能由证书管理员生成", "機構印章只能由證書管理員生成", "Only the certificate admin may generate it";
    SealGlyph = "SEAL_GLYPH", 422, AskService, "印章字体缺少该汉字", "印章字體缺少該漢字", "The seal font lacks a character of the name";
    SealNone = "SEAL_NONE", 409, AskAdmin, "请先生成印章", "請先生成印章", "Please generate the seal first";
    SealRevoked = "SEAL_REVOKED", 403, AskAdmin, "印章已停用", "印章已停用", "The seal is revoked";

    QrFormat = "QR_FORMAT", 422, ScanAgain, "无法识别的二维码", "無法識別的二維碼", "This is not a signing code";
    QrVersion = "QR_VERSION", 422, Update, "二维码版本不支持，请更新应用", "二維碼版本不支援，請更新應用程式", "This code needs a newer app";
    QrStale = "QR_STALE", 410, ScanAgain, "二维码已过期，请重新扫描", "二維碼已過期，請重新掃描", "The code has expired; scan again";
    QrImported = "QR_IMPORTED", 403, ScanAgain, "请用相机扫描电脑屏幕上的二维码", "請用相機掃描電腦螢幕上的二維碼", "Scan the PC's screen with the camera";
    SessionClaimed = "SESSION_CLAIMED", 409, ScanAgain, "该二维码已被其他手机扫描", "該二維碼已被其他手機掃描", "Another phone has scanned this code";
    RelayFailed = "RELAY_FAILED", 502, Retry, "连接中断", "連接中斷", "The connection broke";
    HandshakeFailed = "HANDSHAKE_FAILED", 502, ScanAgain, "安全连接建立失败", "安全連接建立失敗", "The secure channel could not be set up";
    ChannelSequence = "CHANNEL_SEQUENCE", 502, ScanAgain, "安全连接数据异常", "安全連接資料異常", "The secure channel was disturbed";
    PeerGone = "PEER_GONE", 410, ScanAgain, "电脑端已断开", "電腦端已斷開", "The PC is gone";
    SessionExpired = "SESSION_EXPIRED", 410, ScanAgain, "连接已超时", "連接已逾時", "The session has expired";
    RpUnknown = "RP_UNKNOWN", 403, AskService, "未登记的网站", "未登記的網站", "This site is not registered";
    RpRevoked = "RP_REVOKED", 403, AskService, "该网站已被停用", "該網站已被停用", "This site was revoked";
    RpSignature = "RP_SIGNATURE", 403, AskService, "网站签名校验失败", "網站簽名校驗失敗", "The site's request does not verify";
    ChannelBinding = "CHANNEL_BINDING", 403, ScanAgain, "请求与当前连接不符", "請求與當前連接不符", "The request belongs to another session";
    OriginMismatch = "ORIGIN_MISMATCH", 403, ScanAgain, "网址核对不符，已断开", "網址核對不符，已斷開", "The site's address does not match";
    SubjectMismatch = "SUBJECT_MISMATCH", 403, FixInput, "当前企业与要求的不符", "目前企業與要求的不符", "The site asks for another enterprise";
    LeaseOver = "LEASE_OVER", 403, FixInput, "授权时间已到，请重新输入PIN码", "授權時間已到，請重新輸入PIN碼", "The PIN's time is over; enter it again";

    DocHash = "DOC_HASH", 422, AskService, "文件与清单不一致", "文件與清單不一致", "The document differs from what was announced";
    DocType = "DOC_TYPE", 422, AskService, "文件含有不允许的内容", "文件含有不允許的內容", "The document holds content that is not allowed";
    DocSize = "DOC_SIZE", 413, FixInput, "文件过大", "文件過大", "The document is too large";
    DocEmpty = "DOC_EMPTY", 422, FixInput, "文件为空", "文件為空", "The file is empty";
    DocNotPdf = "DOC_NOT_PDF", 422, FixInput, "文件不是PDF", "文件不是PDF", "The file is not a PDF";
    DocDamaged = "DOC_DAMAGED", 422, FixInput, "文件已损坏或不完整", "文件已損壞或不完整", "The file is damaged or cut off";
    DocEncrypted = "DOC_ENCRYPTED", 422, FixInput, "文件已加密，请先解除密码", "文件已加密，請先解除密碼", "The file is encrypted";
    DocLocked = "DOC_LOCKED", 422, FixInput, "文件已认证，不允许再修改", "文件已認證，不允許再修改", "The file is certified against changes";
    DocPage = "DOC_PAGE", 422, FixInput, "文件的页面放不下印章", "文件的頁面放不下印章", "A page of the document is too small for the seal";
    BatchLimit = "BATCH_LIMIT", 422, FixInput, "批量签署数量超限", "批量簽署數量超限", "Too many documents at once";
    ResultRefused = "RESULT_REFUSED", 422, Retry, "签名结果校验失败", "簽名結果校驗失敗", "The signature was not accepted";
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The error body of every HTTP answer (and of `ERROR` on the channel): a code and the few fields a person needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[error("{code}")]
pub struct ApiError {
    /// What went wrong.
    pub code: ErrorCode,
    /// The field of the request that is not valid, as a JSON path such as `declared.number`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// A lower-case word for why the field is refused, such as `check_digit` or `too_long`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Tries left before the next wait or block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u32>,
    /// Seconds until the same act is possible again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_seconds: Option<u32>,
}

impl ApiError {
    /// An error that needs no more than its code.
    pub const fn new(code: ErrorCode) -> Self {
        Self {
            code,
            field: None,
            reason: None,
            tries_left: None,
            wait_seconds: None,
        }
    }

    /// `INPUT_INVALID` at a field, with the reason in one lower-case word.
    pub fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            field: Some(field.into()),
            reason: Some(reason.into()),
            ..Self::new(ErrorCode::InputInvalid)
        }
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_code_is_unique_capital_and_has_three_texts() {
        let mut seen = HashSet::new();
        for code in ErrorCode::ALL {
            let text = code.as_str();
            assert!(seen.insert(text), "{text} twice");
            assert!(
                text.contains('_') || text.chars().all(|c| c.is_ascii_uppercase()),
                "{text}"
            );
            assert!(code.texts().iter().all(|t| !t.is_empty()), "{text}");
            assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{text}\""));
        }
    }

    #[test]
    fn an_unknown_code_of_a_newer_peer_reads_as_unknown() {
        let error: ApiError = serde_json::from_str(r#"{"code":"BRAND_NEW","later":1}"#).unwrap();
        assert_eq!(error, ApiError::new(ErrorCode::Unknown));
    }
}
