//! What a phone calls.

use super::call::{Call, Who, get, post};
use kapok_protocol::api::agents::{
    AgentList, AnswerInvite, InviteAnswered, InvitePage, InviteView, NewInvite,
};
use kapok_protocol::api::certificates::{
    CertificateIssued, CertificateStatus, CertificateView, OrderCertificate,
};
use kapok_protocol::api::guard::{
    AskAssertion, LossReported, PhoneView, ReportLoss, SignedBody, StopReset,
};
use kapok_protocol::api::identity::{
    AccountView, FinishHandoff, HandoffFinished, HandoffStarted, HandoffStatus, LoggedIn,
    PasswordLogin, RefreshTokens, StartHandoff, Tokens,
};
use kapok_protocol::api::portal::RelyingParty;
use kapok_protocol::api::profile::Profile;
use kapok_protocol::api::registry::{
    AddEnterprise, AnswerLink, AskLink, EnterpriseView, LinkAsked, LinkView, RegisterEnterprise,
    RegistryHit, SelectEnterprise,
};
use kapok_protocol::api::seals::{AskPreview, GenerateSeal, SealPreview, SealStatus, SealView};

const IDENTITY: &str = "identity";
const REGISTRY: &str = "registry";
const AGENTS: &str = "agents";

/// All calls of the phone's side.
pub fn calls() -> Vec<Call> {
    let mut all = shared();
    all.extend(identity());
    all.extend(registry());
    all.extend(agents());
    all.extend(guard());
    all.extend(certificates());
    all
}

/// Calls that both sides have.
pub fn shared() -> Vec<Call> {
    vec![
        get("server", "/healthz", "Whether the platform answers.").gives_file("text/plain"),
        get("server", "/openapi.json", "This document.").gives_file("application/json"),
        get(
            "server",
            "/plain.css",
            "Looks of the pages without scripts.",
        )
        .gives_file("text/css"),
        get(AGENTS, "/i/{id}", "The page behind an invite's link.").gives_file("text/html"),
        get("relay", "/v1/relay", "The relay's WebSocket.").opens_socket(),
    ]
}

fn identity() -> Vec<Call> {
    vec![
        get(
            "profile",
            "/v1/profile",
            "What the system allows, its names and its public keys.",
        )
        .gives::<Profile>(),
        post(
            IDENTITY,
            "/v1/handoffs",
            "Starts a face check in the mini program.",
        )
        .by(Who::DeviceOrAccount)
        .takes::<StartHandoff>()
        .gives::<HandoffStarted>(),
        get(IDENTITY, "/v1/handoffs/{id}", "Where a handoff is.")
            .by(Who::Device)
            .gives::<HandoffStatus>(),
        post(IDENTITY, "/v1/handoffs/{id}/cancel", "Cancels a handoff.").by(Who::Device),
        post(
            IDENTITY,
            "/v1/handoffs/{id}/finish",
            "Comes back from the mini program.",
        )
        .by(Who::Device)
        .once()
        .takes::<FinishHandoff>()
        .gives::<HandoffFinished>(),
        post(
            IDENTITY,
            "/v1/sessions/password",
            "Logs an enterprise account in.",
        )
        .by(Who::Device)
        .takes::<PasswordLogin>()
        .gives::<LoggedIn>(),
        post(IDENTITY, "/v1/sessions/end", "Logs out.").by(Who::Account),
        post(
            IDENTITY,
            "/v1/tokens/refresh",
            "New tokens for a refresh token, once.",
        )
        .by(Who::Device)
        .once()
        .takes::<RefreshTokens>()
        .gives::<Tokens>(),
        get(IDENTITY, "/v1/me", "The account.")
            .by(Who::Account)
            .gives::<AccountView>(),
    ]
}

fn registry() -> Vec<Call> {
    vec![
        get(REGISTRY, "/v1/enterprises", "Enterprises of the account.")
            .by(Who::Account)
            .lists::<EnterpriseView>(),
        post(
            REGISTRY,
            "/v1/enterprises/select",
            "Selects the enterprise to act for.",
        )
        .by(Who::Account)
        .takes::<SelectEnterprise>()
        .gives::<EnterpriseView>(),
        post(
            REGISTRY,
            "/v1/enterprises/add",
            "Adds an enterprise of the legal representative.",
        )
        .by(Who::Account)
        .takes::<AddEnterprise>()
        .gives::<EnterpriseView>(),
        post(
            REGISTRY,
            "/v1/enterprises/register",
            "Registers an enterprise account.",
        )
        .by(Who::Account)
        .takes::<RegisterEnterprise>()
        .gives::<EnterpriseView>(),
        get(
            REGISTRY,
            "/v1/registry/search",
            "Finds enterprises of the register.",
        )
        .by(Who::Account)
        .query("q", "The code, or a part of the name.")
        .lists::<RegistryHit>(),
        get(
            REGISTRY,
            "/v1/links",
            "Requests to link that wait for this account.",
        )
        .by(Who::Account)
        .lists::<LinkView>(),
        post(
            REGISTRY,
            "/v1/links",
            "Asks to be linked to an enterprise account.",
        )
        .by(Who::Account)
        .once()
        .takes::<AskLink>()
        .gives::<LinkAsked>(),
        post(
            REGISTRY,
            "/v1/links/{id}/answer",
            "Answers a request to link.",
        )
        .by(Who::Account)
        .takes::<AnswerLink>(),
    ]
}

fn agents() -> Vec<Call> {
    vec![
        get(
            AGENTS,
            "/v1/enterprises/{id}/agents",
            "Agents and open invites of an enterprise.",
        )
        .by(Who::Account)
        .gives::<AgentList>(),
        post(
            AGENTS,
            "/v1/enterprises/{id}/invites",
            "Invites one named person.",
        )
        .by(Who::Account)
        .once()
        .takes::<NewInvite>()
        .gives::<InviteView>(),
        post(
            AGENTS,
            "/v1/enterprises/{id}/authentication",
            "Asks the legal representative to authenticate the enterprise.",
        )
        .by(Who::Account)
        .once()
        .gives::<InviteView>(),
        get(
            AGENTS,
            "/v1/invites/{id}",
            "What an invite says, with masked names.",
        )
        .gives::<InvitePage>(),
        post(
            AGENTS,
            "/v1/invites/{id}/open",
            "The app has opened an invite.",
        )
        .by(Who::Account)
        .gives::<InvitePage>(),
        post(AGENTS, "/v1/invites/{id}/sent", "The link was shared.").by(Who::Account),
        post(AGENTS, "/v1/invites/{id}/revoke", "Takes an invite back.").by(Who::Account),
        post(
            AGENTS,
            "/v1/invites/{id}/answer",
            "Accepts or declines after a face check.",
        )
        .by(Who::Account)
        .takes::<AnswerInvite>()
        .gives::<InviteAnswered>(),
        post(AGENTS, "/v1/grants/{id}/revoke", "Ends a grant.").by(Who::Account),
    ]
}

fn guard() -> Vec<Call> {
    vec![
        post(
            "guard",
            "/v1/guard/{name}",
            "A message to the PIN guard, signed by the phone's key inside.",
        )
        .takes::<SignedBody>()
        .gives::<SignedBody>(),
        post(
            "face",
            "/v1/face/assertions",
            "A statement about a face check.",
        )
        .by(Who::Account)
        .takes::<AskAssertion>()
        .gives::<SignedBody>(),
        post(
            "face",
            "/v1/face/shares",
            "Stages the recovery share's half.",
        )
        .by(Who::Account)
        .takes::<SignedBody>()
        .gives::<SignedBody>(),
        post(
            "face",
            "/v1/face/releases",
            "Gives the recovery share's half back in a PIN reset.",
        )
        .by(Who::Account)
        .takes::<SignedBody>()
        .gives::<SignedBody>(),
        get(
            "guard",
            "/v1/phones",
            "Phones on which the account has a PIN.",
        )
        .by(Who::Account)
        .lists::<PhoneView>(),
        post(
            "guard",
            "/v1/phones/{device}/lost",
            "Reports a phone lost by a statement about a face check.",
        )
        .by(Who::Account)
        .takes::<SignedBody>()
        .gives::<LossReported>(),
        post(
            "guard",
            "/v1/phones/lost",
            "Reports a phone lost by its revocation code.",
        )
        .takes::<ReportLoss>()
        .gives::<LossReported>(),
        post(
            "guard",
            "/v1/resets/stop",
            "Ends a PIN reset that its owner did not ask for.",
        )
        .takes::<StopReset>(),
        get(
            "portal",
            "/v1/relying-parties/{leaf}",
            "A relying party by the SHA-256 of its certificate.",
        )
        .gives::<RelyingParty>(),
    ]
}

fn certificates() -> Vec<Call> {
    vec![
        get("ca", "/v1/certificates", "Certificates of the account.")
            .by(Who::Account)
            .lists::<CertificateView>(),
        post("ca", "/v1/certificates", "Orders a certificate.")
            .by(Who::Account)
            .takes::<OrderCertificate>()
            .gives::<CertificateIssued>(),
        get(
            "ca",
            "/v1/certificates/by-csr/{hash}",
            "The certificate of a request, by its SHA-256 in hexadecimal.",
        )
        .by(Who::Account)
        .gives::<CertificateIssued>(),
        get(
            "ca",
            "/v1/certificates/{serial}/status",
            "Whether a certificate is good now.",
        )
        .by(Who::Account)
        .gives::<CertificateStatus>(),
        post(
            "ca",
            "/v1/certificates/{serial}/revoke",
            "Revokes a certificate of an enterprise that the account manages.",
        )
        .by(Who::Account),
        post(
            "ca",
            "/v1/certificates/{serial}/suspend",
            "Suspends a certificate of an enterprise that the account manages.",
        )
        .by(Who::Account),
        post(
            "ca",
            "/v1/certificates/{serial}/resume",
            "Ends a suspension.",
        )
        .by(Who::Account),
        post(
            "seals",
            "/v1/seals/previews",
            "Draws a seal to be confirmed.",
        )
        .by(Who::Account)
        .takes::<AskPreview>()
        .gives::<SealPreview>(),
        post(
            "seals",
            "/v1/seals",
            "Makes the seal of a confirmed picture.",
        )
        .by(Who::Account)
        .takes::<GenerateSeal>()
        .gives::<SealView>(),
        get("seals", "/v1/seals", "Seals of the account.")
            .by(Who::Account)
            .lists::<SealView>(),
        get(
            "seals",
            "/v1/seals/{es_id}/status",
            "Whether a seal is good now.",
        )
        .gives::<SealStatus>(),
    ]
}
