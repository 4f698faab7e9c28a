// The page against a real platform, without a phone: its code, its policy, its words, its reach.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { encode } from '../../../platform/page/cbor.js';
import { found, openPage, payloadOf, readCode, samplePdf, showCode, World } from '../harness.mjs';

const SID = [2, 18];
const MAC = [71, 79];

const world = new World();
let platform;
let browser;

before(async () => {
  platform = await world.platform();
  browser = await world.browser();
});
after(() => world.close());

const open = (options) => openPage(browser, platform.http, options);

/** The payload of the first code that satisfies `wanted`: the relay sends a new one every 2 s. */
const codeThat = (page, wanted) =>
  found(page, async () => {
    const text = readCode(await page.locator('#qr').screenshot());
    return text && wanted(payloadOf(text)) && payloadOf(text);
  });

test('yqq_019_the_code_is_read_at_three_zoom_levels_and_in_the_dark', async () => {
  for (const deviceScaleFactor of [1, 1.5, 2]) {
    for (const colorScheme of ['light', 'dark']) {
      const { page, context, faults } = await open({ deviceScaleFactor, colorScheme });
      await showCode(page, '采购合同.pdf', samplePdf());
      const text = readCode(await page.screenshot());
      assert.match(text ?? '', /^HTTPS:\/\/[A-Z0-9.:-]+\/#\d{192}$/, `${deviceScaleFactor} ${colorScheme}`);
      assert.equal(payloadOf(text).subarray(0, 2).toString('hex'), '0100');
      const box = await page.locator('#qr').boundingBox();
      assert.ok(box.width / (45 + 8) >= 6, 'six pixels a module');
      assert.deepEqual(faults, []);
      await context.close();
    }
  }
});

test('the_code_rotates_with_the_relay_and_a_new_session_has_another_one', async () => {
  const { page, context } = await open();
  await showCode(page, 'a.pdf', samplePdf());
  const first = await codeThat(page, () => true);
  const second = await codeThat(page, (code) => !code.equals(first));
  assert.deepEqual(second.subarray(...SID), first.subarray(...SID));
  assert.notDeepEqual(second.subarray(...MAC), first.subarray(...MAC));
  await page.locator('#renew').click();
  const renewed = await codeThat(page, (code) => !code.subarray(...SID).equals(first.subarray(...SID)));
  assert.notDeepEqual(renewed.subarray(18, 67), first.subarray(18, 67), 'key and secret are new too');
  await context.close();
});

test('a_code_whose_time_is_over_is_covered_and_can_be_renewed', async () => {
  const { page, context } = await open();
  await page.clock.install();
  await showCode(page, 'a.pdf', samplePdf());
  const old = await codeThat(page, () => true);
  // Without a network no frame comes, as on a laptop that sleeps.
  await context.setOffline(true);
  await page.clock.fastForward(130_000);
  await page.locator('#expired').waitFor();
  assert.equal(await page.locator('#status').textContent(), '二维码已失效');
  await context.setOffline(false);
  await page.locator('#renew').click();
  await codeThat(page, (code) => !code.subarray(...SID).equals(old.subarray(...SID)));
  await context.close();
});

test('t8_the_connection_breaks_and_comes_back_with_the_same_session', async () => {
  const { page, context, faults } = await open();
  await showCode(page, 'a.pdf', samplePdf());
  const before = await codeThat(page, () => true);
  await context.setOffline(true);
  await page.getByText('连接中断，正在重新连接').waitFor();
  await context.setOffline(false);
  await page.locator('#problem').waitFor({ state: 'hidden' });
  const later = await codeThat(page, (code) => code.readUInt32BE(67) > before.readUInt32BE(67));
  assert.deepEqual(later.subarray(...SID), before.subarray(...SID));
  assert.deepEqual(faults, []);
  await context.close();
});

test('yqq_023_after_a_reload_the_documents_are_there_and_can_be_gone_on_with', async () => {
  const { page, context } = await open();
  await showCode(page, '采购合同.pdf', samplePdf());
  const before = await codeThat(page, () => true);
  await page.reload();
  const row = page.locator('#list li').filter({ hasText: '采购合同.pdf' });
  assert.match(await row.textContent(), /未完成/);
  await row.getByRole('button', { name: /继续签署/ }).click();
  const again = await codeThat(page, () => true);
  assert.notDeepEqual(again.subarray(...SID), before.subarray(...SID), 'keys do not survive a reload: another session');
  await context.close();
});

test('another_browser_sees_none_of_the_documents', async () => {
  const mine = await open();
  await showCode(mine.page, 'secret.pdf', samplePdf());
  const other = await open();
  assert.equal(await other.page.locator('#list li').count(), 0);
  await mine.context.close();
  await other.context.close();
});

test('what_cannot_be_signed_is_refused_with_a_sentence_in_both_languages', async () => {
  const dir = world.folder('files');
  const file = (name, bytes) => {
    writeFileSync(join(dir, name), bytes);
    return join(dir, name);
  };
  const pdf = samplePdf();
  const plain = file('plain.pdf', pdf);
  const locked = join(dir, 'locked.pdf');
  execFileSync('qpdf', ['--encrypt', 'secret', 'secret', '256', '--', plain, locked]);
  const large = file('large.pdf', pdf);
  truncateSync(large, 50 * 1024 * 1024 + 1);
  const bad = [
    [file('empty.pdf', ''), '文件为空', 'The file is empty'],
    [file('text.pdf', 'not a PDF at all, but long enough to be one'), '文件不是PDF', 'The file is not a PDF'],
    [file('cut.pdf', pdf.subarray(0, pdf.length >> 1)), '文件已损坏或不完整', 'The file is damaged or cut off'],
    [locked, '文件已加密，请先解除密码', 'The file is encrypted'],
    [large, '文件过大', 'The document is too large'],
  ];
  for (const lang of ['zh-CN', 'en']) {
    const { page, context, faults } = await openPage(browser, `${platform.http}/?lang=${lang}`);
    for (const [path, chinese, english] of bad) {
      await page.locator('#file').setInputFiles(path);
      const sentence = lang === 'en' ? english : chinese;
      await page.getByRole('alert').getByText(sentence, { exact: true }).waitFor();
      await page.locator('#pick').waitFor();
    }
    assert.equal(await page.locator('#list li').count(), 0);
    await page.locator('#file').setInputFiles(plain);
    await page.locator('#qr[src]').waitFor();
    assert.ok(await page.getByRole('alert').isHidden(), 'the sentence goes with the next try');
    assert.deepEqual(faults, []);
    await context.close();
  }
});

test('the_whole_way_to_the_code_and_back_works_by_keyboard', async () => {
  const { page, context } = await open();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'file');
  const chooser = page.waitForEvent('filechooser');
  await page.keyboard.press('Space');
  await (await chooser).setFiles({ name: 'a.pdf', mimeType: 'application/pdf', buffer: samplePdf() });
  await page.locator('#qr[src]').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'scan_title', 'focus follows the panel');
  await page.locator('#back').focus();
  await page.keyboard.press('Enter');
  await page.locator('#pick').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'pick_title');
  await context.close();
});

test('the_words_are_english_on_request', async () => {
  const { page, context } = await openPage(browser, `${platform.http}/?lang=en`);
  assert.equal(await page.title(), 'Kapok · scan to sign');
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  const words = await page.locator('[data-t]').allTextContents();
  assert.ok(words.length > 20);
  assert.deepEqual(
    words.filter((text) => /[\u4e00-\u9fff]/.test(text)),
    [],
  );
  await page.getByRole('link', { name: '中文' }).click();
  assert.equal(await page.title(), '木棉 · 扫码签署');
  await context.close();
});

test('the_policy_is_in_force_and_its_reports_are_heard', async () => {
  const { page, context, faults } = await open();
  await page.evaluate(() => {
    const style = document.createElement('style');
    style.textContent = 'body { color: red }';
    document.head.append(style);
    const picture = document.createElement('img');
    picture.src = 'http://elsewhere.invalid/x.png';
    document.body.append(picture);
  });
  await found(page, () => faults.length >= 2);
  assert.match(faults.join(), /style-src/);
  assert.match(faults.join(), /img-src/);
  const html = await page.evaluate(() => {
    try {
      document.body.innerHTML = '<b>x</b>';
      return 'written';
    } catch (error) {
      return error.name;
    }
  });
  assert.equal(html, 'TypeError', 'trusted types');
  await context.close();
});

test('the_module_weighs_at_most_20_kib_as_chromium_receives_it', async () => {
  const { page, context } = await open();
  const scripts = new Map();
  page.on('response', (answer) => {
    const name = new URL(answer.url()).pathname.split('/').at(-1);
    if (name.endsWith('.js')) scripts.set(name, answer);
  });
  await page.evaluate(async () => {
    const { module, integrity } = await (await fetch('sign.json')).json();
    const folder = new URL('.', new URL(module, location.href));
    const load = (name) => fetch(new URL(name, folder), { integrity: integrity[name], cache: 'no-store' });
    return Promise.all(Object.keys(integrity).map(load));
  });
  assert.deepEqual([...scripts.keys()].sort(), ['cbor.js', 'channel.js', 'qr.js', 'relay.js', 'sign.js']);
  const bodies = await Promise.all([...scripts.values()].map((answer) => answer.body()));
  const total = bodies.reduce((sum, body) => sum + body.length, 0);
  assert.ok(total <= 20 * 1024, `${total} bytes`);
  for (const answer of scripts.values()) assert.equal(await answer.headerValue('content-encoding'), 'gzip');
  await context.close();
});

test('a_module_that_was_changed_on_its_way_does_not_run', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.route('**/relay.js', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: `${await answer.text()};globalThis.changed = true` });
  });
  const refused = page.waitForEvent('console', (message) => /integrity/.test(message.text()));
  await page.goto(platform.http);
  await refused;
  assert.equal(await page.evaluate(() => globalThis.changed), undefined);
  assert.equal(await page.locator('body[data-panel]').count(), 0, 'the page has not started');
  await context.close();
});

test('yqq_019_the_relay_ends_an_old_code_and_the_page_offers_a_new_one', async () => {
  const { page, context, faults } = await open();
  const ends = [];
  await page.routeWebSocket(/\/v1\/relay$/, (socket) => {
    socket.connectToServer();
    ends.push(() => socket.send(Buffer.from(encode({ t: 'closed', code: 'SESSION_EXPIRED' }))));
  });
  await showCode(page, 'a.pdf', samplePdf());
  const old = await codeThat(page, () => true);
  // What the relay says when 120 s have gone by without a claim; its own tests let that time pass on a clock of theirs.
  ends[0]();
  await page.locator('#expired').waitFor();
  assert.equal(await page.locator('#status').textContent(), '二维码已失效');
  await page.locator('#refresh').click();
  await codeThat(page, (code) => !code.subarray(...SID).equals(old.subarray(...SID)));
  assert.ok(await page.locator('#expired').isHidden());
  assert.deepEqual(faults, []);
  await context.close();
});

test('two_pages_show_two_sessions', async () => {
  const [one, two] = [await open(), await open()];
  await showCode(one.page, 'a.pdf', samplePdf());
  await showCode(two.page, 'b.pdf', samplePdf());
  const [a, b] = [await codeThat(one.page, () => true), await codeThat(two.page, () => true)];
  assert.notDeepEqual(a.subarray(...SID), b.subarray(...SID));
  await one.context.close();
  await two.context.close();
});
