//! The one catalogue of the screens' texts. Labels are those of the manuals; errors have their texts in the core's list of codes.

use crate::cli::Lang;

macro_rules! texts {
    ($($name:ident = $zh:literal, $en:literal;)+) => {
        /// A text of the screens.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Text {
            $(#[doc = $en] $name,)+
        }

        impl Text {
            /// All texts.
            #[cfg(test)]
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The text in a language.
            pub fn of(self, lang: Lang) -> &'static str {
                match self { $(Self::$name => lang.pick($zh, $en),)+ }
            }
        }
    };
}

texts! {
    Home = "首页", "Home";
    Mine = "我的", "Mine";
    Settings = "功能设置", "Settings";
    Privacy = "协议与隐私", "Terms and privacy";
    Login = "登录", "Log in";
    PleaseLogin = "请登录", "Please log in";
    FaceLogin = "人脸识别登录", "Log in by face";
    FaceLoginTyped = "人脸识别登录（先填写身份信息）", "Log in by face (identity typed here first)";
    FaceCheck = "人脸识别", "Face check";
    PasswordLogin = "账号密码登录", "Log in by account and password";
    Identity = "填写身份信息", "Identity";
    Logout = "退出登录", "Log out";
    LogoutAsk = "退出登录？证书仍封存在本机。", "Log out? Certificates stay sealed on this phone.";
    Withdraw = "撤回隐私政策同意", "Withdraw the privacy agreement";
    WithdrawAsk = "撤回同意后将不再联网。确定撤回？", "Nothing will be sent any more. Withdraw?";
    Enterprises = "选择办事企业", "Choose an enterprise";
    PleaseSelect = "请选择办事企业", "Please choose an enterprise";
    SwitchEnterprise = "切换企业", "Switch enterprise";
    AuthenticateAsk = "企业账号尚未认证。此事项须由已认证的企业办理：请法定代表人认证。", "The enterprise account is not authenticated. This matter needs one that is: ask the legal representative.";
    KeyAuthenticate = "去认证", "authenticate";
    EnterprisesNone = "名下没有企业。请手动添加、查找企业，或打开认证链接。", "No enterprise yet. Add one, search, or open an invite link.";
    AddEnterprise = "手动添加", "Add by hand";
    SearchEnterprise = "查找企业", "Search";
    AskLink = "关联已有企业账号", "Link to an existing enterprise account";
    Links = "关联申请", "Link requests";
    LinksNone = "没有待处理的关联申请。", "No request is waiting.";
    Agents = "经办人管理", "Agents";
    AgentsNone = "还没有经办人。", "No agents yet.";
    AddAgent = "添加经办人", "Add an agent";
    AgentsList = "经办人", "Agents";
    InvitesList = "邀请", "Invites";
    Share = "分享到微信", "Share in WeChat";
    ShareHint = "把下面的链接发给对方。发出后按 Enter；按 Esc 则保持“未发送”，可再次分享或撤回。", "Send the link below. Press Enter once it is out; Esc leaves the invite not sent.";
    OpenLink = "打开认证链接", "Open an invite link";
    LinkLabel = "认证链接", "Invite link";
    Invite = "认证链接", "Invite";
    Consent = "同意认证", "Consent";
    ConsentHint = "人脸识别已通过。同意之前不会授权任何权限。", "The face check has passed. Nothing is granted before you agree.";
    PinSet = "设置PIN码", "Set the PIN";
    PinSetHint = "签名PIN码为6位数字，不保存、不上传。", "Six digits; neither stored nor uploaded.";
    PinNew = "设置6位PIN码", "New PIN";
    PinRepeat = "再次输入PIN码", "The PIN once more";
    PinEnter = "输入PIN码", "Enter the PIN";
    PinPlease = "请输入PIN码，验证签名", "Please enter the PIN";
    PinForInstall = "输入PIN码以授权安装证书", "The PIN authorises the installation";
    PinWaitLeft = "请等待", "Please wait";
    PinSettings = "PIN码设置", "PIN";
    PinStateUnset = "未设置", "not set";
    PinStateSetting = "设置结果待确认", "being set";
    PinStateSet = "已设置", "set";
    PinStateBlocked = "已锁定，请通过人脸识别重置", "blocked; reset it by face";
    PinStateResetting = "正在通过人脸识别重置", "being reset by face";
    PinStateRevoked = "本机已挂失", "this phone was reported lost";
    PinStateLost = "与平台记录不一致，请联系客服", "differs from the platform's record; ask the service desk";
    TriesLeft = "剩余次数", "tries left";
    Certificates = "数字证书", "Certificates";
    CertificatesNone = "没有可安装或已安装的证书。", "No certificate can be installed or is installed.";
    Certificate = "证书详情", "Certificate";
    CertificateInstall = "安装证书", "Install";
    ScanToUse = "扫码用证", "Scan to use";
    Seals = "印章", "Seals";
    SealsNone = "还没有印章，请先生成。", "No seal yet; generate one first.";
    SealPreview = "印章预览", "Seal preview";
    SealPreviewHint = "请确认印章无误，然后生成。", "Check that the seal is right, then generate it.";
    SealNeeded = "证书安装成功。还没有印章，首次下载后须先生成印章。去生成？", "The certificate is installed. There is no seal yet; generate it now?";
    Scan = "扫一扫", "Scan";
    ScanHint = "终端没有相机：输入电脑页面截图（PNG/JPEG）的路径，或把文件拖进来。仅用于开发与测试。", "A terminal has no camera: type the path of a screenshot (PNG/JPEG) of the PC's page, or drop the file here. For development.";
    ScanWatching = "正在监视文件夹", "Watching the folder";
    ScanPath = "截图路径", "Path of the screenshot";
    ScanNothing = "图片中没有可识别的二维码", "There is no readable code in the picture";
    Connecting = "正在连接电脑", "Connecting with the PC";
    Checking = "正在核验电脑端请求", "Checking the PC's request";
    SiteCheck = "核对网址", "Check the address";
    SiteCheckHint = "电脑浏览器地址栏显示的是哪一个网址？请看电脑屏幕后选择。", "Which address does the PC's browser show? Look at the PC, then choose.";
    Connected = "已连接电脑", "Connected with the PC";
    ConnectedHint = "请在电脑端继续操作，使用完成后断开。", "Go on at the PC; disconnect when you are done.";
    HandOver = "交出证书与印章", "Hand over certificate and seal";
    HandOverHint = "电脑端已选择以下证书与印章。同意把它们交给该网站吗？", "The PC picked this certificate and seal. May they go to the site?";
    Documents = "待签文件", "Documents to sign";
    DocumentPage = "文件页面", "Page";
    Signing = "正在签署", "Signing";
    Result = "签署结果", "Result";
    Closed = "连接已断开", "Disconnected";
    Amber = "⚠ 此文件须单独确认", "⚠ To be confirmed alone";
    SignOthers = "其余未选文件将记为拒签。", "All others that are shown will be refused.";
    DisconnectAsk = "断开与电脑的连接？", "Disconnect from the PC?";
    PageDrawing = "正在绘制页面…", "Drawing the page…";
    PageOf = "页", "page";
    Account = "账号", "Account";
    Enterprise = "企业", "Enterprise";
    EnterpriseName = "企业名称", "Registered name";
    Uscc = "统一社会信用代码", "Unified social credit code";
    Query = "企业名称或统一社会信用代码", "Name or unified social credit code";
    Role = "身份", "Role";
    LoginName = "账号", "Account";
    Password = "密码", "Password";
    Name = "姓名", "Name";
    Document = "证件类型", "Document";
    Number = "证件号码", "Document number";
    Phone = "手机号码", "Mobile number";
    ValidDays = "有效期", "Valid for";
    Scope = "授权范围", "Scope";
    State = "状态", "State";
    ValidTo = "有效期至", "Valid to";
    Serial = "证书编码", "Serial number";
    Kind = "类型", "Kind";
    Who = "网站", "Site";
    Contact = "联系方式", "Contact";
    Origin = "网址", "Address";
    Topic = "事项（网站自述）", "Subject (as the site says)";
    Sas = "核对数字（与电脑一致）", "Digits (the PC shows the same)";
    Lease = "授权剩余时间", "Lease ends in";
    PcOffline = "电脑暂时离线，等待重新连接", "The PC is offline; waiting";
    Subject = "证书", "Certificate";
    SealName = "印章", "Seal";
    NoSeal = "不使用印章", "no seal";
    Inviter = "邀请人", "Asked by";
    Invitee = "被邀请人", "Invited";
    Size = "尺寸", "Size";
    Admin = "证书管理员", "Certificate admin";
    Yes = "是", "yes";
    No = "否", "no";
    Unfinished = "未完成的签署", "Unfinished signatures";
    UnfinishedHint = "重新扫码连接同一电脑页面后会继续送达，不会重复签署。", "They are delivered when the same page connects again; nothing is signed twice.";
    MiniProgramPath = "小程序路径", "Path";
    MatchCode = "核对数字（小程序显示相同）", "Digits (the mini program shows the same)";
    Simulator = "在浏览器打开（模拟微信）", "Open in a browser (stands in for WeChat)";
    FaceWaiting = "等待人脸识别完成…", "Waiting for the face check…";
    FaceFinishing = "正在取回结果…", "Fetching the result…";
    FaceCodeAsked = "人脸识别已完成：请输入成功页上的6位验证码，或粘贴返回链接。", "The face check is done: type the six digits of the success page, or paste the return link.";
    FaceReturn = "返回链接或6位验证码", "Return link or six digits";
    FaceLeft = "剩余时间", "Time left";
    LinkUnknown = "链接无效或不属于本次认证", "The link is not valid, or of another face check";
    LinkAsked = "申请已提交，等待对方同意", "The request was sent";
    LoggedIn = "登录成功", "Logged in";
    Selected = "已选择办事企业", "The enterprise was selected";
    PinDone = "PIN码设置成功", "The PIN is set";
    Installed = "证书安装成功", "The certificate is installed";
    Generated = "印章生成成功", "The seal was generated";
    Agreed = "已同意，企业已加入列表", "Agreed; the enterprise is in your list";
    Declined = "已拒绝", "Declined";
    Verified = "人脸识别通过", "The face check has passed";
    EnrolAgain = "本机密钥或数据已丢失，请重新安装证书", "This phone's keys or data are gone; install certificates again";
    SoftwareKey = "本机密钥为软件密钥，仅供开发测试", "This phone's key is in software: for development only";
    Busy = "处理中…", "Working…";
    ResidentId = "居民身份证", "Resident id";
    HkMacaoPermit = "港澳居民来往内地通行证", "HK/Macao permit";
    TaiwanPermit = "台湾居民来往大陆通行证", "Taiwan permit";
    ResidencePermit = "港澳台居民居住证", "Residence permit";
    PermanentResidence = "外国人永久居留身份证", "Permanent residence";
    Passport = "护照", "Passport";
    ScopeMatters = "办事", "matters";
    ScopeCertificates = "证书", "certificates";
    ScopeSeals = "印章", "seals";
    OneYear = "1年", "1 year";
    ThreeYears = "3年", "3 years";
    OneMonth = "30天", "30 days";
    KeyBack = "返回", "back";
    KeyPreviousStep = "返回上一步", "previous step";
    KeyNextStep = "下一步", "next";
    KeyNextField = "下一项", "next field";
    KeyChoose = "选择", "choose";
    KeyOpen = "打开", "open";
    KeyMove = "移动", "move";
    KeyScroll = "翻阅", "scroll";
    KeyAgree = "同意", "agree";
    KeyRefuse = "不同意", "decline";
    KeyQuit = "退出", "quit";
    KeyConfirm = "确认", "confirm";
    KeyGoGenerate = "去生成", "generate it";
    QuitAsk = "离开木棉？未完成的操作会保留，下次接着做。", "Leave Kapok? What is under way is kept for the next start.";
    SignWith = "使用印章", "With the seal";
    SignWithout = "不使用印章，仅证书签名", "Without a seal, by the certificate";
    KeyCancel = "取消", "cancel";
    KeySet = "去设置", "set";
    KeyDigits = "数字", "digits";
    KeyLogin = "登录", "log in";
    KeyStart = "开始人脸识别", "start";
    KeyReturn = "返回粤商通", "come back";
    KeyOpenAgain = "重新打开小程序", "open again";
    KeySelect = "选择办事", "select";
    KeyAddNow = "立即添加", "add now";
    KeyFind = "查找", "search";
    KeyRegister = "选择该企业", "choose this one";
    KeyAskLink = "申请关联", "ask";
    KeyAskAuthentication = "分享给法定代表人认证", "ask the legal representative";
    KeyInvite = "生成邀请", "make the invite";
    KeyRevoke = "撤回/注销授权", "revoke";
    KeySent = "已发送", "it is sent";
    KeyAccept = "去人脸识别", "go to the face check";
    KeyAgreeAuth = "同意认证", "agree";
    KeyGenerate = "生成", "generate";
    KeyGenerateOrganisation = "生成机构印章", "organisation seal";
    KeyGenerateEmployee = "生成员工印章", "employee seal";
    KeyScan = "识别", "scan";
    KeyScanAgain = "重新扫码", "scan again";
    KeyHandOver = "同意交出", "hand over";
    KeyDisconnect = "断开", "disconnect";
    KeyLook = "查看页面", "look at the pages";
    KeyTick = "选中/取消", "tick";
    KeySign = "签署", "sign";
    KeyRefuseDocument = "拒签", "refuse";
    KeyPages = "翻页", "turn pages";
    RevokeInviteAsk = "撤回这个邀请？", "Take this invite back?";
    RevokeGrantAsk = "注销该经办人的授权？", "Revoke this agent's authorisation?";
    SignedCount = "已签署", "Signed";
    RefusedCount = "未签署", "Not signed";
    ByeUser = "已断开连接", "Disconnected";
    ByeDone = "电脑端已完成并断开", "The PC is done and has disconnected";
    ByeIdle = "长时间无操作，连接已断开", "Nothing happened for too long";
    ByeAbsolute = "连接已达到最长时间", "The session reached its longest life";
    ByeRevoked = "证书、授权或设备已被停用", "Certificate, authorisation or device was revoked";
    ByeReplaced = "已被新的连接取代", "Another session took its place";
    ByeError = "电脑端出错，连接已断开", "The PC ended with an error";
    NotTty = "交互式手机需要终端（tty）。脚本请使用 kapok phone --auto --pin-stdin。", "The interactive phone needs a terminal (tty). For scripts use kapok phone --auto --pin-stdin.";
}
