// Writes docs/pictures/pc-page-*.png: every panel of the page as a person sees it, with the real core as the phone.

import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freshPicture, openPage, samplePdf, settled, showCode, World } from './harness.mjs';

const out = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
mkdirSync(out, { recursive: true });
const world = new World();
try {
  const platform = await world.platform();
  const browser = await world.browser();
  const dark = await openPage(browser, platform.http, { colorScheme: 'dark' });
  await showCode(dark.page, '采购合同.pdf', samplePdf());
  await take(dark.page, 'scan-dark');
  await dark.context.close();

  const phone = world.phone(platform);
  await phone.ready();
  const { page } = await openPage(browser, platform.http);
  await take(page, 'pick');
  await showCode(page, '采购合同.pdf', samplePdf());
  await take(page, 'scan');
  const held = phone.scan(await freshPicture(page), ['--until', 'request_checked']);
  await page.locator('#confirm').waitFor();
  await take(page, 'confirm');
  await page.locator('#not_me').click();
  await held;
  await page.locator('#again').click();
  await page.locator('#qr[src]').waitFor();
  const run = phone.scan(await freshPicture(page));
  await page.locator('#choose').waitFor();
  await take(page, 'choose');
  await page.locator('#choose [type=submit]').click();
  await page.locator('#done').waitFor();
  await take(page, 'done');
  await run;
} finally {
  await world.close();
}

async function take(page, name) {
  await settled(page);
  await page.screenshot({ path: `${out}pc-page-${name}.png`, fullPage: true });
}
