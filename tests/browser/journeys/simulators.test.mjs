// The pages around the platform, clicked through as a person does: the mini program, the inbox, the link of an invite.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Caller } from '../caller.mjs';
import { grave, World } from '../harness.mjs';

const world = new World();
let platform;
let browser;

before(async () => {
  platform = await world.platform();
  browser = await world.browser();
});
after(() => world.close());

/** A page that is looked at: `seen` wants it in order, without scripts, at phone's width too. */
async function visitor(options) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, bypassCSP: true, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  const seen = async (heading) => {
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
    assert.deepEqual(await grave(page), [], heading);
    for (const width of [360, 390, 1280]) {
      await page.setViewportSize({ width, height: 844 });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(overflow, 0, `${heading} at ${width}`);
    }
    assert.deepEqual(faults, [], heading);
  };
  return { page, context, seen };
}

const click = (page, name) => page.getByRole('button', { name }).click();

async function enter(page, handoff) {
  await page.goto(`${platform.http}/sim/mini?h=${handoff.handoff_id}`);
  await page.getByLabel('微信用户').selectOption('张伟');
  await click(page, '进入小程序');
}

test('yst_003_to_008_a_person_passes_the_face_check_in_the_mini_program_and_is_logged_in', async () => {
  for (const colorScheme of ['light', 'dark']) {
    const phone = await Caller.make(platform);
    const handoff = await phone.start();
    const { page, context, seen } = await visitor({ colorScheme });
    await page.goto(`${platform.http}/sim/mini?h=${handoff.handoff_id}`);
    await seen('打开粤信签');
    await enter(page, handoff);
    await seen('确认身份');
    assert.equal(await page.locator('.digits').textContent(), handoff.match_code, 'app and mini program show the same digits');
    await page.getByLabel('选择本人身份').selectOption('张伟');
    await click(page, '数字一致，开始人脸识别');
    await seen('人脸识别');
    await click(page, '不是本人（不通过）');
    await seen('无法继续');
    await click(page, '再试一次');
    await seen('确认身份');
    await page.getByLabel('选择本人身份').selectOption('张伟');
    await click(page, '数字一致，开始人脸识别');
    await click(page, '是本人（通过）');
    await seen('认证成功');
    const account = await phone.finish(handoff, await page.locator('.digits').textContent());
    assert.equal(account.display_name, '张*');
    await context.close();
  }
});

test('yst_006_a_person_cancels_in_the_mini_program', async () => {
  const phone = await Caller.make(platform);
  const handoff = await phone.start();
  const { page, context, seen } = await visitor();
  await enter(page, handoff);
  await click(page, '取消');
  await seen('已取消');
  assert.equal((await phone.call('GET', `/v1/handoffs/${handoff.handoff_id}`)).state, 'cancelled');
  await context.close();
});

test('yst_020_the_invited_person_finds_the_message_and_sees_what_the_link_offers', async () => {
  const phone = await Caller.make(platform);
  const handoff = await phone.start();
  const { page, context, seen } = await visitor();
  await enter(page, handoff);
  await page.getByLabel('选择本人身份').selectOption('张伟');
  await click(page, '数字一致，开始人脸识别');
  await click(page, '是本人（通过）');
  await phone.finish(handoff, await page.locator('.digits').textContent());
  const [enterprise] = await phone.call('GET', '/v1/enterprises');
  const invited = { name: '李娜', document: 'resident_id', number: '440305199208274627', phone: '13800138000' };
  const invite = await phone.call('POST', `/v1/enterprises/${enterprise.enterprise_id}/invites`, {
    ...invited,
    valid_days: 30,
    scope: ['matters'],
  });
  await page.goto(`${platform.http}/sim`);
  await seen('模拟器');
  await page.getByRole('link', { name: '短信收件箱' }).click();
  await seen('短信收件箱');
  assert.match(await page.locator('main').textContent(), /138\*{4}8000/);
  await page.goto(`${platform.http}${new URL(invite.link).pathname}`);
  await seen('经办人邀请');
  assert.equal(
    await page.getByRole('link', { name: '在 App 中打开' }).getAttribute('href'),
    `kapok://invite/${invite.invite_id}`,
  );
  await phone.call('POST', `/v1/invites/${invite.invite_id}/revoke`);
  await page.reload();
  await page.getByText('邀请已被撤回。').waitFor();
  await seen('经办人邀请');
  await context.close();
});

test('kapok_up_says_that_its_simulators_are_for_development', async () => {
  const text = await world.greeting();
  assert.match(text, /开发模式：模拟的人员、账号和人脸识别已开启，仅供本机演示/);
  assert.match(text, /Development: simulated people, accounts and face checks are on/);
});
