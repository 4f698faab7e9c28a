// Who can use the page: on which screens, with which senses and hands, in every state that a session comes to.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { freshPicture, grave, openPage, samplePdf, showCode, World } from '../harness.mjs';

const WIDTHS = [360, 390, 600, 768, 1024, 1440, 1920];
/** CSS pixels: less is hard to hit (WCAG 2.2, 2.5.5). */
const TARGET = 44;

const world = new World();
let platform;
let browser;
let phone;

before(async () => {
  platform = await world.platform();
  browser = await world.browser();
  phone = world.phone(platform);
  const { code, errors } = await phone.ready();
  assert.equal(code, 0, errors);
});
after(() => world.close());

const open = (options) => openPage(browser, platform.http, options);
const panels = (page) => page.locator('main > .card').evaluateAll((cards) => cards.map((card) => card.id));

/** Shows a panel as it is, with everything around it that can be there at the same time. */
function put(page, panel) {
  return page.evaluate((shown) => {
    for (const card of document.querySelectorAll('main > .card')) card.hidden = card.id !== shown;
    for (const id of ['link', 'problem', 'expired']) document.getElementById(id).hidden = false;
    document.getElementById('problem').textContent = '文件已损坏或不完整';
    document.getElementById('link_text').textContent = '已连接手机「张伟的 Mate 60 Pro」';
    document.getElementById('sas').textContent = '0427';
  }, panel);
}

test('axe_finds_nothing_serious_on_any_panel_in_either_scheme', async () => {
  for (const colorScheme of ['light', 'dark']) {
    const { page, context } = await open({ colorScheme, bypassCSP: true, reducedMotion: 'reduce' });
    await showCode(page, '采购合同.pdf', samplePdf());
    const all = await panels(page);
    assert.ok(all.length >= 7);
    for (const panel of all) {
      await put(page, panel);
      assert.deepEqual(await grave(page), [], `${panel} ${colorScheme}`);
    }
    await context.close();
  }
});

test('every_panel_fits_screens_from_360_to_1920_with_targets_that_can_be_hit', async () => {
  const { page, context } = await open({ reducedMotion: 'reduce' });
  await showCode(page, '2026年第三季度木棉科技办公设备及耗材集中采购框架协议补充条款.pdf', samplePdf());
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    for (const panel of await panels(page)) {
      await put(page, panel);
      const at = `${panel} at ${width}`;
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(overflow, 0, at);
      const small = await page.locator('button:visible, a.button:visible, .offer:visible').evaluateAll(
        (all, least) =>
          all
            .map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
            .filter(([, { width, height }]) => width < least || height < least)
            .map(([text]) => text),
        TARGET,
      );
      assert.deepEqual(small, [], at);
    }
  }
  await context.close();
});

test('nothing_moves_for_who_asked_for_less_motion', async () => {
  const running = async (reducedMotion) => {
    const { page, context } = await open({ reducedMotion });
    await page.evaluate(() => {
      globalThis.moved = 0;
      addEventListener('animationstart', () => globalThis.moved++);
      addEventListener('transitionstart', () => globalThis.moved++);
    });
    await showCode(page, 'a.pdf', samplePdf());
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    const moved = await page.evaluate(() => globalThis.moved);
    await context.close();
    return moved;
  };
  assert.equal(await running('reduce'), 0);
  assert.ok((await running('no-preference')) > 0, 'the panels come up softly for everyone else');
});

/** Follows one session through its states; `seen(name)` is called in each. */
async function throughAllStates(options, seen) {
  const { page, context, faults } = await open(options);
  await seen(page, 'pick');
  await showCode(page, '采购合同.pdf', samplePdf());
  await seen(page, 'scan');
  let run = phone.scan(await freshPicture(page), ['--until', 'request_checked']);
  await page.locator('#confirm').waitFor();
  await seen(page, 'confirm');
  await page.locator('#not_me').click();
  await page.locator('#ended').waitFor();
  await seen(page, 'ended');
  await run;
  await page.locator('#again').click();
  await page.locator('#qr[src]').waitFor();
  run = phone.scan(await freshPicture(page), ['--until', 'reviewed']);
  await page.locator('#choose').waitFor();
  await seen(page, 'choose');
  await page.locator('#choose [type=submit]').click();
  await page.getByRole('heading', { name: '请在手机上查看并确认' }).waitFor();
  await seen(page, 'wait');
  await page.locator('#cancel').click();
  await page.locator('#pick').waitFor();
  await seen(page, 'pick');
  await page.locator('#disconnect').click();
  await run;
  await page.locator('#again').click();
  await page.locator('#qr[src]').waitFor();
  run = phone.scan(await freshPicture(page));
  await page.locator('#choose [type=submit]').click();
  await page.locator('#done').waitFor({ timeout: 60_000 });
  await seen(page, 'done');
  await run;
  await context.close();
  return faults;
}

test('axe_finds_nothing_serious_in_any_state_of_a_real_session', async () => {
  const states = [];
  const faults = await throughAllStates({ bypassCSP: true, reducedMotion: 'reduce' }, async (page, state) => {
    states.push(state);
    assert.equal(await page.locator('body').getAttribute('data-panel'), state);
    assert.deepEqual(await grave(page), [], state);
  });
  assert.deepEqual([...new Set(states)].sort(), ['choose', 'confirm', 'done', 'ended', 'pick', 'scan', 'wait']);
  assert.deepEqual(faults, []);
});

test('a_whole_session_breaks_no_policy_and_writes_no_error', async () => {
  assert.deepEqual(await throughAllStates({ colorScheme: 'dark' }, async () => {}), []);
});

test('a_whole_session_works_by_keyboard', async () => {
  const { page, context, faults } = await open();
  const press = async (id, key) => {
    for (let tabs = 0; tabs < 30; tabs++) {
      if ((await page.evaluate(() => document.activeElement.id || document.activeElement.name)) === id) break;
      await page.keyboard.press('Tab');
    }
    assert.equal(await page.evaluate(() => document.activeElement.id || document.activeElement.name), id);
    const ring = await page.evaluate(() => {
      const outlined = document.activeElement.closest('.drop, .offer') ?? document.activeElement;
      return getComputedStyle(outlined).outlineStyle;
    });
    assert.notEqual(ring, 'none', `the focus on ${id} can be seen`);
    await page.keyboard.press(key);
  };
  const chooser = page.waitForEvent('filechooser');
  await press('file', 'Space');
  await (await chooser).setFiles({ name: 'a.pdf', mimeType: 'application/pdf', buffer: samplePdf() });
  await page.locator('#qr[src]').waitFor();
  const run = phone.scan(await freshPicture(page), ['--batches', '2']);
  await page.locator('#choose').waitFor();
  await press('offer', 'Enter');
  await page.locator('#done').waitFor({ timeout: 60_000 });
  const download = page.waitForEvent('download');
  await press('download', 'Enter');
  assert.equal((await download).suggestedFilename(), 'a-已签.pdf');
  await press('finish', 'Enter');
  await page.locator('#link').waitFor({ state: 'hidden' });
  await run;
  assert.deepEqual(faults, []);
  await context.close();
});
