// The whole way with the real core as the phone: scan, choose on the PC, sign, download.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { frameOf, freshPicture, openPage, samplePdf, showCode, World } from '../harness.mjs';

const world = new World();
let platform;
let browser;
let phone;
let second;

before(async () => {
  platform = await world.platform();
  browser = await world.browser();
  phone = world.phone(platform);
  second = world.phone(platform, '王芳');
  for (const each of [phone, second]) {
    const { code, errors } = await each.ready();
    assert.equal(code, 0, errors);
  }
});
after(() => world.close());

const open = () => openPage(browser, platform.http);

/** A page whose code the phone has scanned. */
async function connected(pdf = samplePdf()) {
  const { page, context, faults } = await open();
  await showCode(page, '采购合同.pdf', pdf);
  const run = phone.scan(await freshPicture(page));
  await page.locator('#link').waitFor();
  return { page, context, faults, run };
}

async function chooseAndSign(page) {
  await page.locator('#choose').waitFor();
  await page.locator('#choose [type=submit]').click();
  await page.locator('#done').waitFor({ timeout: 60_000 });
}

async function download(page) {
  const started = page.waitForEvent('download');
  await page.locator('#download').click();
  const path = join(world.folder('download'), 'signed.pdf');
  await (await started).saveAs(path);
  return path;
}

test('yqq_017_to_024_scan_choose_on_the_pc_sign_download_disconnect', async () => {
  const { page, context, faults, run } = await connected();
  assert.match(await page.locator('#sas').textContent(), /^\d{4}$/);
  await chooseAndSign(page);
  const report = execFileSync('pdfsig', [await download(page)], { encoding: 'utf8' });
  assert.match(report, /Signature Validation: Signature is Valid/);
  assert.equal((await run).code, 0, 'the phone has disconnected');
  await page.locator('#link').waitFor({ state: 'hidden' });
  assert.ok(await page.locator('#download').isVisible(), 'what was signed stays');
  assert.match(await page.locator('#list .signed').textContent(), /采购合同\.pdf.*已签署/);
  assert.deepEqual(faults, []);
  await context.close();
});

test('t4_a_second_phone_is_refused_and_the_page_tells', async () => {
  const { page, context } = await open();
  await showCode(page, 'a.pdf', samplePdf());
  const picture = await freshPicture(page);
  const run = phone.scan(picture);
  await page.locator('#link').waitFor();
  const refused = await second.scan(picture);
  assert.notEqual(refused.code, 0);
  assert.match(JSON.stringify(refused.events), /SESSION_CLAIMED/);
  await page.getByText('有另一部手机尝试扫描同一个二维码').waitFor();
  await chooseAndSign(page);
  assert.equal((await run).code, 0, 'the first phone goes on');
  await context.close();
});

test('t8_an_old_picture_is_refused_and_the_session_lives', async () => {
  const { page, context } = await open();
  await showCode(page, 'a.pdf', samplePdf());
  const old = await freshPicture(page);
  while (frameOf(await freshPicture(page)) <= frameOf(old) + 5);
  const stale = await phone.scan(old);
  assert.notEqual(stale.code, 0);
  assert.match(JSON.stringify(stale.events), /QR_STALE/);
  const run = phone.scan(await freshPicture(page));
  await page.locator('#link').waitFor();
  await chooseAndSign(page);
  assert.equal((await run).code, 0);
  await context.close();
});

test('yqq_023_the_pc_goes_offline_and_comes_back_in_the_middle', async () => {
  const { page, context, run } = await connected();
  await page.locator('#choose').waitFor();
  await context.setOffline(true);
  await page.locator('.bar.away').waitFor();
  await context.setOffline(false);
  await page.locator('.bar:not(.away)').waitFor();
  await chooseAndSign(page);
  assert.equal((await run).code, 0);
  await context.close();
});

test('yqq_024_disconnecting_on_the_pc_ends_the_session_for_the_phone', async () => {
  const { page, context, run } = await connected();
  await page.locator('#disconnect').click();
  await page.locator('#ended').waitFor();
  assert.notEqual((await run).code, 0);
  await context.close();
});

test('a_reload_in_the_middle_ends_the_session_and_offers_a_new_code', async () => {
  const { page, context, run } = await connected();
  await page.reload();
  assert.notEqual((await run).code, 0);
  const row = page.locator('#list li').filter({ hasText: '采购合同.pdf' });
  assert.match(await row.textContent(), /未完成/);
  await row.getByRole('button').click();
  await page.locator('#qr[src]').waitFor();
  await context.close();
});
