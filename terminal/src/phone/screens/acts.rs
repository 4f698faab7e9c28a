//! What can happen to the screens, what they ask to be done, and how that ends. No IO here.

use super::model::Key;
use super::pages::seals;
use super::pictures::Picture;
use crate::exit::Failure;
use kapok_core::login::{HandoffView, Outcome, Resumed};
use kapok_core::signing::View;
use kapok_core::types::{
    AccountView, AgentList, CertificateKind, CertificateView, ConsentPage, DeviceId, DocumentId,
    EnterpriseId, EnterpriseView, GrantId, InviteAnswered, InviteId, InvitePage, InviteView,
    LinkId, LinkView, NewInvite, PhoneView, PinState, PreviewId, RegistryHit, SealKind,
    TypedIdentity,
};
use kapok_core::{AppError, Event, Pin, PrivacyNotice, ShellRequest};
use std::path::PathBuf;
use zeroize::Zeroizing;

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
    /// The rules take the typed PIN: it is typed once more.
    PinFits(Pin),
    /// The PIN is set.
    PinSet,
    /// The face check has passed; the new PIN must be typed again.
    PinAgain,
    /// The account's phones.
    Phones(Vec<PhoneView>),
    /// A phone is reported lost.
    ReportedLoss,
    /// A new revocation code.
    RevocationCode(Zeroizing<String>),
    /// The phone is not lost.
    Objected,
    /// The reset is stopped.
    StoppedReset,
    /// The wait has passed, or cannot be passed on this platform.
    TimePassed(bool),
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
    /// There is no picture at the path.
    Unreadable(Failure),
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
    /// Whether the rules take a PIN.
    CheckPin(Pin),
    /// 去设置.
    SetPin(Pin, Pin),
    /// 修改PIN码: the one that holds, the new one twice.
    ChangePin(Pin, Pin, Pin),
    /// A new PIN, and off to the face check.
    StartReset(Pin, Pin),
    /// The face check has passed: sets what was typed before it.
    FinishReset,
    /// The same with the PIN typed again.
    FinishResetWith(Pin, Pin),
    /// 我的手机.
    LoadPhones,
    /// 挂失.
    ReportLoss(DeviceId),
    /// 凭吊销码挂失.
    ReportLossByCode(TypedIdentity, String),
    /// 吊销码.
    RevocationCode(Pin),
    /// 撤销挂失.
    ObjectToLoss(Pin),
    /// 停止PIN码重置.
    StopReset(String),
    /// Lets so many seconds pass on the demonstration's platform, which has these pages.
    PassTime(String, u32),
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
