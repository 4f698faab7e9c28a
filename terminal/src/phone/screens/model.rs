//! The state of the phone's screens, and the keys and moves between them. No IO here.

pub use super::acts::{Action, Effect, Reply, Start};
use super::form::Form;
use super::new_pin::PinSet;
use super::pages::{
    agents, certificates, enterprises, home, invite, login, phones, scan, seals, session,
};
use super::pin::{PinEntry, PinFor};
use super::texts::Text;
use crate::cli::Lang;
use kapok_core::signing::View;
use kapok_core::types::{
    AccountView, CertificateView, EnterpriseView, InviteId, InvitePage, PinState,
};
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
    /// Where the PIN was when it was last asked.
    pub pin: Option<PinState>,
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
    /// PIN码设置
    PinMenu(home::Menu),
    /// 设置PIN码
    PinSet(PinSet),
    /// 输入PIN码 for one act
    PinEnter(PinEntry, PinFor),
    /// 我的手机
    Phones(phones::Phones),
    /// 凭吊销码挂失手机
    ReportByCode(Form),
    /// 停止PIN码重置
    StopReset(Form),
    /// 吊销码
    RevocationCode(Zeroizing<String>),
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
            Self::PinMenu(_) => "PinMenu",
            Self::PinSet(_) => "PinSet",
            Self::PinEnter(..) => "PinEnter",
            Self::Phones(_) => "Phones",
            Self::ReportByCode(_) => "ReportByCode",
            Self::StopReset(_) => "StopReset",
            Self::RevocationCode(_) => "RevocationCode",
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
        f.debug_list()
            .entries(self.screens.iter().map(Screen::name))
            .finish()
    }
}

/// A question with the act that follows from yes.
pub struct Confirm {
    /// The question.
    pub question: String,
    /// What yes is called.
    pub yes: Text,
    /// What is done on yes, taken once; none leaves the phone.
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
    /// Leaves the phone.
    Quit,
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
