// A connection that stays: several batches on one PIN, and what ends it from outside.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { choose, freshPicture, openPage, samplePdf, showCode, World } from '../harness.mjs';

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

/** A page whose code the phone has scanned; the phone goes as far as `more` lets it. */
async function connected(more) {
  const { page, context, faults } = await openPage(browser, platform.http);
  await showCode(page, '第一份.pdf', samplePdf('first'));
  const run = phone.scan(await freshPicture(page), more);
  await page.locator('#link').waitFor();
  return { page, context, faults, run };
}

const names = (run) => run.events.map(({ event }) => event);

/** The signed file behind the download of a document, checked by pdfsig. */
async function signedFile(page, name, line) {
  const started = page.waitForEvent('download');
  await page.locator('#list .signed').filter({ hasText: name }).getByRole('link').click();
  const path = join(world.folder('download'), 'signed.pdf');
  await (await started).saveAs(path);
  assert.match(execFileSync('pdfsig', [path], { encoding: 'utf8' }), /Signature Validation: Signature is Valid/);
  assert.ok(readFileSync(path).includes(line), 'it is the very document');
}

test('yqq_026_a_second_document_is_signed_over_the_same_connection_without_scan_and_pin', async () => {
  const { page, context, faults, run } = await connected(['--batches', '3']);
  const sockets = [];
  page.on('websocket', (socket) => sockets.push(socket.url()));
  await page.locator('#choose [type=submit]').click();
  await page.locator('#done').waitFor({ timeout: 60_000 });
  await page.locator('#another').click();
  await page.locator('#pick').waitFor();
  assert.match(await page.locator('#link_text').textContent(), /已连接手机/);
  await choose(page, '第二份.pdf', samplePdf('second'));
  await page.locator('#done').waitFor({ timeout: 60_000 });
  await signedFile(page, '第一份.pdf', '(first)');
  await signedFile(page, '第二份.pdf', '(second)');
  assert.deepEqual(sockets, [], 'no other session was opened');
  assert.deepEqual(
    names(run).filter((event) => /scanned|connected|handed_over|signed/.test(event)),
    ['scanned', 'connected', 'handed_over', 'signed', 'signed'],
    'one scan, one PIN, one hand-over for both',
  );
  await page.locator('#finish').click();
  assert.notEqual((await run).code, 0, 'the PC has disconnected the phone');
  assert.ok(await page.locator('#done').isVisible(), 'what was signed stays on screen');
  assert.ok(await page.locator('#link').isHidden());
  assert.equal(await page.locator('#list .signed').count(), 2);
  assert.deepEqual(faults, []);
  await context.close();
});

test('yqq_020_both_sides_show_the_same_digits', async () => {
  const { page, context, run } = await connected(['--until', 'request_checked']);
  await page.locator('#confirm').waitFor();
  const shown = await page.locator('#sas').textContent();
  assert.equal((await run.said('request_checked')).sas, shown);
  assert.match(await page.getByRole('status').textContent(), new RegExp([...shown].join(' ')), 'also for a screen reader');
  await page.locator('#disconnect').click();
  await run;
  await context.close();
});

test('t4_not_me_ends_the_session_before_anything_is_handed_over', async () => {
  const { page, context, faults, run } = await connected(['--until', 'request_checked']);
  await page.getByRole('button', { name: '不是我，断开' }).click();
  await page.locator('#ended').waitFor();
  assert.equal(await page.locator('#ended_why').textContent(), '连接已断开。');
  const { code, events } = await run;
  assert.notEqual(code, 0);
  assert.ok(!events.some(({ event }) => event === 'connected'), 'no PIN was given');
  await page.locator('#again').click();
  await page.locator('#qr[src]').waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test('a_closed_tab_ends_the_session_for_the_phone_and_the_document_waits', async () => {
  const { page, context, run } = await connected(['--until', 'connected']);
  await page.locator('#choose').waitFor();
  await page.close({ runBeforeUnload: false });
  assert.notEqual((await run).code, 0);
  const again = await context.newPage();
  await again.goto(platform.http);
  const row = again.locator('#list li').filter({ hasText: '第一份.pdf' });
  await row.getByRole('button', { name: /继续签署/ }).click();
  await again.locator('#qr[src]').waitFor();
  await context.close();
});

test('p10_the_platform_is_killed_in_the_middle_and_the_document_is_signed_after_its_restart', async () => {
  const { page, context, faults, run } = await connected(['--until', 'connected']);
  await page.locator('#choose').waitFor();
  await platform.kill();
  await page.locator('.bar.away').waitFor();
  platform = await world.platform(platform);
  // The relay forgets: both sides learn that their session is over.
  await page.locator('#ended').waitFor({ timeout: 60_000 });
  assert.notEqual((await run).code, 0);
  await page.locator('#again').click();
  await page.locator('#qr[src]').waitFor();
  const anew = phone.scan(await freshPicture(page));
  await page.locator('#choose [type=submit]').click();
  await page.locator('#done').waitFor({ timeout: 60_000 });
  assert.equal((await anew).code, 0);
  await signedFile(page, '第一份.pdf', '(first)');
  assert.deepEqual(faults, []);
  await context.close();
});
