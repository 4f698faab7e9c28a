//! The state of the phone's screens, what can happen to it, and what it asks to be done. No IO here.

use super::form::Form;
use super::pages::{agents, certificates, enterprises, home, invite, login, scan, seals, session};
use super::pictures::Picture;
use super::pin::{PinEntry, PinSet};
use crate::cli::Lang;
use kapok_core::login::{HandoffView, Outcome, Resumed};
use kapok_core::signing::View;
use kapok_core::types::{
    AccountView, AgentList, CertificateKind, CertificateView, ConsentPage, DocumentId, EnterpriseId, EnterpriseView, GrantId,
    InviteAnswered, InviteId, InvitePage, InviteView, LinkId, LinkView, NewInvite, PinState, PreviewId, RegistryHit, SealKind,
    TypedIdentity,
};
use kapok_core::{AppError, Event, Pin, PrivacyNotice, ShellRequest};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// What every screen may read.
pub struct Context {
    /// Language of the texts.
    pub lang: Lang,
    /// Address of the simulators' pages, where the mini program is stood in for.
    pub simulators: String,
    /// The folder whose new pictures are scanned.
    pub watch: Option<PathBuf>,
    /// The picture that `--scan` names, until it was scanned.
    pub scan: Option<PathBuf>,
    /// Milliseconds since the epoch at the last tick; for countdowns only.
    pub now_ms: u64,
    /// Who is logged in.
    pub account: Option<AccountView>,
    /// The current enterprise.
    pub enterprise: Option<EnterpriseView>,
    /// The signing session.
    pub session: View,
    /// Signatures of earlier sessions that wait to be delivered.
    pub unfinished: u32,
    /// The mini program's path that is to be opened.
    pub mini_program: Option<String>,
    /// The invite whose link is being shared.
    pub sharing: Option<InviteId>,
}

/// The state of the phone's screens.
pub struct Phone {
    /// What every screen may read.
    pub cx: Context,
    /// The screens; the last one is shown, the first is home.
    pub screens: Vec<Screen>,
    /// Acts whose answer is awaited.
    pub busy: u32,
    /// One line that tells how the last act ended.
    pub notice: Option<Notice>,
    /// The person leaves.
    pub quit: bool,
}

/// How an act ended.
pub struct Notice {
    /// It went well.
    pub good: bool,
    /// The text.
    pub text: String,
}

/// One screen with its state.
pub enum Screen {
    /// 首页
    Home(home::Menu),
    /// 我的
    Mine(home::Menu),
    /// 功能设置
    Settings(home::Menu),
    /// 协议与隐私
    Privacy(login::Privacy),
    /// 登录
    Login(home::Menu),
    /// Identity typed before the face check (YST-005)
    Identity(Form),
    /// 人脸识别登录 and every other face check
    Face(login::Face),
    /// 账号密码登录
    Password(Form),
    /// 选择办事企业
    Enterprises(enterprises::Enterprises),
    /// 手动添加
    AddEnterprise(Form),
    /// 查找企业
    Search(enterprises::Search),
    /// 关联已有企业账号
    AskLink(Form),
    /// 关联申请 of an enterprise account
    Links(enterprises::Links),
    /// 经办人管理
    Agents(agents::Agents),
    /// 添加经办人
    AddAgent(Form),
    /// 分享到微信
    Share(agents::Share),
    /// 打开认证链接
    OpenLink(Form),
    /// 认证链接
    Invite(InvitePage),
    /// 同意认证
    Consent(invite::Consent),
    /// 设置PIN码
    PinSet(PinSet),
    /// 输入PIN码 for an installation
    PinEnter(PinEntry, EnterpriseId, CertificateKind),
    /// 数字证书
    Certificates(certificates::Certificates),
    /// 证书详情
    Certificate(Box<CertificateView>),
    /// 印章
    Seals(seals::Seals),
    /// 印章预览
    SealPreview(seals::Preview),
    /// 扫一扫
    Scan(scan::Scan),
    /// 已连接电脑 and all that follows from a scan
    Session(session::Session),
    /// A question before an act that cannot be taken back
    Confirm(Confirm),
}

impl Screen {
    /// The screen's name: all that may be printed of a state.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Home(_) => "Home",
            Self::Mine(_) => "Mine",
            Self::Settings(_) => "Settings",
            Self::Privacy(_) => "Privacy",
            Self::Login(_) => "Login",
            Self::Identity(_) => "Identity",
            Self::Face(_) => "Face",
            Self::Password(_) => "Password",
            Self::Enterprises(_) => "Enterprises",
            Self::AddEnterprise(_) => "AddEnterprise",
            Self::Search(_) => "Search",
            Self::AskLink(_) => "AskLink",
            Self::Links(_) => "Links",
            Self::Agents(_) => "Agents",
            Self::AddAgent(_) => "AddAgent",
            Self::Share(_) => "Share",
            Self::OpenLink(_) => "OpenLink",
            Self::Invite(_) => "Invite",
            Self::Consent(_) => "Consent",
            Self::PinSet(_) => "PinSet",
            Self::PinEnter(..) => "PinEnter",
            Self::Certificates(_) => "Certificates",
            Self::Certificate(_) => "Certificate",
            Self::Seals(_) => "Seals",
            Self::SealPreview(_) => "SealPreview",
            Self::Scan(_) => "Scan",
            Self::Session(_) => "Session",
            Self::Confirm(_) => "Confirm",
        }
    }
}

impl std::fmt::Debug for Phone {
    /// Names of the screens and nothing of what is typed or shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.screens.iter().map(Screen::name)).finish()
    }
}

/// A question with the act that follows from yes.
pub struct Confirm {
    /// The question.
    pub question: String,
    /// What is done on yes; taken once.
    pub effect: Option<Effect>,
}

/// A key of the terminal, as far as screens use it. Has no `Debug`: it may be a digit of a PIN.
pub enum Key {
    /// A letter or digit.
    Char(char),
    /// Pasted text.
    Paste(Zeroizing<String>),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Next field.
    Tab,
    /// Previous field.
    BackTab,
    /// Takes the last character back.
    Backspace,
    /// Arrow.
    Up,
    /// Arrow.
    Down,
    /// Arrow.
    Left,
    /// Arrow.
    Right,
    /// Ctrl-C.
    Quit,
}

/// What can happen.
pub enum Action {
    /// A key.
    Key(Key),
    /// Time has passed; milliseconds since the epoch.
    Tick(u64),
    /// The core asks the shell for something.
    Request(ShellRequest),
    /// Something changed in the core.
    Event(Event),
    /// The signing session changed.
    Session(View),
    /// A new picture lies in the watched folder.
    Found(PathBuf),
    /// An effect has ended well.
    Reply(Reply),
    /// An effect has failed.
    Failed(AppError),
    /// Waiting for the face check has ended.
    Resumed(Result<Resumed, AppError>),
}

/// What the phone finds when it starts.
pub struct Start {
    /// The privacy text and whether it was agreed to.
    pub privacy: PrivacyNotice,
    /// Who is logged in.
    pub account: Option<AccountView>,
    /// The current enterprise.
    pub enterprise: Option<EnterpriseView>,
    /// The open face check.
    pub handoff: Option<HandoffView>,
    /// The page to agree to.
    pub consent: Option<ConsentPage>,
    /// Signatures that wait to be delivered.
    pub unfinished: u32,
}

/// How an effect ended well.
pub enum Reply {
    /// Nothing to show.
    Done,
    /// What the phone found when it started.
    Started(Box<Start>),
    /// The privacy text was agreed to.
    Agreed,
    /// The privacy text, to be read.
    Privacy(PrivacyNotice),
    /// A face check is open.
    FaceOpened(HandoffView),
    /// The open face check, as it is now.
    Face(Option<HandoffView>),
    /// A face check has come to its end.
    Outcome(Outcome),
    /// The pasted link belongs to no open face check.
    LinkUnknown,
    /// Logged in.
    LoggedIn(AccountView),
    /// The account's enterprises.
    Enterprises(Vec<EnterpriseView>),
    /// This enterprise is the current one now.
    Selected(EnterpriseView),
    /// The current enterprise.
    Current(Option<EnterpriseView>),
    /// Search results.
    Hits(Vec<RegistryHit>),
    /// 申请关联 was sent.
    LinkAsked,
    /// Requests that wait for this enterprise account.
    Links(Vec<LinkView>),
    /// Agents and invites.
    Agents(AgentList),
    /// An invite was made.
    Invited(InviteView),
    /// What an invite's link shows.
    Invite(Option<InvitePage>),
    /// The invite was answered.
    Answered(InviteAnswered),
    /// Where the PIN is.
    Pin(PinState),
    /// The PIN is set.
    PinSet,
    /// The account's certificates.
    Certificates(Vec<CertificateView>),
    /// A certificate was installed.
    Installed(Box<CertificateView>),
    /// The account's seals, each with its picture.
    Seals(Vec<seals::Seal>),
    /// A seal's picture, to be confirmed.
    Preview(seals::Preview),
    /// The seal was generated.
    Generated,
    /// A picture was scanned; whether it held a code.
    Scanned(bool),
    /// A page was drawn.
    Page(DocumentId, u32, Picture),
    /// Signatures that wait to be delivered.
    Unfinished(u32),
}

/// What is to be done. Has no `Debug`: some hold a PIN or a password.
pub enum Effect {
    /// Look at what is there.
    Start,
    /// Agree to the privacy text of this version.
    Agree(String),
    /// The privacy text.
    LoadPrivacy,
    /// Withdraw the agreement.
    Withdraw,
    /// 人脸识别登录.
    StartFace(Option<TypedIdentity>),
    /// Open the mini program once more.
    OpenAgain,
    /// Wait for the face check.
    ResumeFace,
    /// Ask for the open face check.
    LoadFace,
    /// The return link or the six digits.
    Return(Zeroizing<String>),
    /// Give the face check up.
    CancelFace,
    /// 账号密码登录.
    Password(String, Zeroizing<String>),
    /// 退出登录.
    Logout,
    /// The account's enterprises.
    LoadEnterprises,
    /// The current enterprise.
    LoadCurrent,
    /// 选择办事.
    Select(EnterpriseId),
    /// 手动添加.
    Add(String),
    /// 查找企业.
    Search(String),
    /// 选择该企业: name and code.
    Register(String, String),
    /// 申请关联: login and name.
    AskLink(String, String),
    /// 关联申请.
    LoadLinks,
    /// 同意 or not.
    AnswerLink(LinkId, bool),
    /// 经办人管理.
    LoadAgents,
    /// 添加经办人.
    Invite(NewInvite),
    /// 申请认证&授权.
    AskAuthentication,
    /// 分享到微信.
    Share(InviteId),
    /// The link is out.
    Sent(InviteId),
    /// Takes an invite back.
    RevokeInvite(InviteId),
    /// 注销授权.
    RevokeGrant(GrantId),
    /// Opens a 认证链接.
    OpenLink(String),
    /// Goes to the face check of the shown invite.
    Accept,
    /// 同意认证 or not.
    Answer(bool),
    /// Leaves the invite as it is.
    Leave,
    /// Where the PIN is.
    LoadPin,
    /// 去设置.
    SetPin(Pin, Pin),
    /// The account's certificates.
    LoadCertificates,
    /// 安装证书.
    Install(EnterpriseId, CertificateKind, Pin),
    /// The account's seals.
    LoadSeals,
    /// A seal's picture.
    Preview(EnterpriseId, SealKind),
    /// 生成.
    Generate(PreviewId),
    /// Scan a picture.
    Scan(PathBuf),
    /// The address that the PC shows.
    ChooseSite(String),
    /// Prove the PIN.
    Approve(Pin),
    /// Let certificate and seal go to the site.
    HandOver,
    /// Draw a page, from 0.
    DrawPage(DocumentId, u32),
    /// 拒签.
    Refuse(DocumentId),
    /// 签署.
    Sign(Vec<DocumentId>),
    /// 断开.
    Disconnect,
    /// How many signatures wait to be delivered.
    LoadUnfinished,
}

impl Effect {
    /// Nobody waits for the answer: keys stay alive meanwhile.
    pub const fn in_background(&self) -> bool {
        matches!(self, Self::ResumeFace)
    }
}

/// Where a screen goes and what it asks for.
#[derive(Default)]
pub struct Out {
    /// To be done.
    pub effects: Vec<Effect>,
    /// Where to.
    pub go: Option<Go>,
    /// A line to show.
    pub notice: Option<Notice>,
}

/// A move between screens.
pub enum Go {
    /// Closes this screen.
    Back,
    /// Opens a screen over this one.
    To(Box<Screen>),
    /// Home, and everything above it is closed.
    Home,
}

impl Out {
    /// Asks for an effect.
    pub fn run(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Opens a screen.
    pub fn open(&mut self, screen: Screen) {
        self.go = Some(Go::To(Box::new(screen)));
    }

    /// Closes this screen.
    pub fn back(&mut self) {
        self.go = Some(Go::Back);
    }
}
