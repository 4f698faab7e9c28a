//! Persons and their enterprise: log in, select, invite the agent, who accepts on the other phone.

use super::{AGENT, Journey, World};
use crate::demo::report::Progress;
use crate::exit::{Failure, codes};
use crate::person::Return;
use kapok_core::ErrorCode;
use kapok_core::types::{DocumentKind, NewInvite};
use kapok_platform::simulators::People;

impl Journey<'_> {
    /// Log in, find and select the enterprise, invite the agent, who accepts on the other phone.
    pub(super) async fn enrol(
        &self,
        progress: &mut Progress,
        world: &World,
    ) -> Result<(), Failure> {
        let (admin, agent) = (&world.admin, &world.agent);
        let by_button = (
            "法定代表人刷脸登录（App → 粤信签 → App）",
            "legal representative logs in by face (app → mini program → app)",
        );
        progress
            .step("login", by_button, admin.log_in(Return::Button))
            .await?;
        progress
            .step(
                "enterprise",
                (
                    "查出名下企业并选择办事企业",
                    "find the enterprises under the name, select one",
                ),
                async {
                    let found = admin.app.enterprises().list().await?;
                    let first = found
                        .iter()
                        .find(|e| e.name.contains("公司"))
                        .or(found.first());
                    let enterprise =
                        first.ok_or(kapok_core::AppError::from(ErrorCode::EnterpriseRequired))?;
                    admin
                        .app
                        .enterprises()
                        .select(enterprise.enterprise_id)
                        .await?;
                    Ok::<_, Failure>(())
                },
            )
            .await?;
        let link = progress
            .step(
                "invite",
                (
                    "邀请经办人，链接分享到微信",
                    "invite an agent, share the link",
                ),
                async {
                    let invite = admin.app.agents().invite(self.invitation()?).await?;
                    admin.app.agents().share(invite.invite_id).await?;
                    admin.app.agents().sent(invite.invite_id).await?;
                    Ok::<_, Failure>(invite.link)
                },
            )
            .await?;
        let by_hand = (
            "经办人刷脸登录（手工返回，输入验证码）",
            "agent logs in by face (comes back by hand, types the code)",
        );
        progress
            .step("agent_login", by_hand, agent.log_in(Return::Typed))
            .await?;
        progress
            .step(
                "accept",
                (
                    "经办人打开链接、刷脸、同意，并切换到该企业",
                    "agent opens the link, passes the face check, agrees, switches",
                ),
                async {
                    agent.accept(&link).await?;
                    let mine = agent.app.enterprises().list().await?;
                    let enterprise = mine
                        .first()
                        .ok_or(kapok_core::AppError::from(ErrorCode::EnterpriseRequired))?;
                    agent
                        .app
                        .enterprises()
                        .select(enterprise.enterprise_id)
                        .await?;
                    Ok::<_, Failure>(())
                },
            )
            .await
    }

    fn invitation(&self) -> Result<NewInvite, Failure> {
        let missing = || {
            Failure::new(
                codes::FAILED,
                "模拟人员缺失。",
                "A simulated person is missing.",
            )
        };
        let people = People::built_in().map_err(|_| missing())?;
        let person = people.named(AGENT).ok_or_else(missing)?;
        Ok(NewInvite {
            name: person.name.clone(),
            document: DocumentKind::ResidentId,
            number: person.number.clone(),
            phone: "13800138000".to_owned(),
            valid_days: 365,
            scope: vec!["matters".to_owned(), "certificates".to_owned()],
        })
    }
}
