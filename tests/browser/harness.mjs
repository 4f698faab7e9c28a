// What every journey needs: a real platform in a folder of its own, Chromium, the page, and the core as a phone.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import jsqr from 'jsqr';
import { chromium } from 'playwright-core';
import pngjs from 'pngjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const binary = process.env.KAPOK_BIN ?? ['release', 'debug'].map((kind) => join(root, 'target', kind, 'kapok')).find(existsSync);

/** Without these, Chromium looks for its maker's hosts at every start. */
const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
const FLAGS = [...QUIET, '--disable-component-update', '--disable-sync'];

/** What a journey has opened and must close, newest first. */
export class World {
  #open = [];

  folder(name) {
    const path = mkdtempSync(join(tmpdir(), `kapok-${name}-`));
    this.#open.push(() => rmSync(path, { recursive: true, force: true }));
    return path;
  }

  /**
   * Starts `kapok up` on free ports; gives its line: `http`, `https` and `root`, the file with the phones' root certificate. `again` is
   * an earlier one that was killed: the same folder and ports.
   */
  async platform(again) {
    const dir = again?.dir ?? this.folder('platform');
    const port = (url) => (url ? new URL(url).port : '0');
    const ports = ['--http-port', port(again?.http), '--https-port', port(again?.https)];
    const child = this.#spawn(['up', ...ports, '--dir', dir, '--json']);
    const first = await new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve);
      child.once('exit', (code) => reject(new Error(`kapok up ended with ${code}: ${child.errors}`)));
    });
    return { ...JSON.parse(first), dir, kill: () => gone(child, 'SIGKILL') };
  }

  /** What `kapok up` says to a person. */
  async greeting() {
    const child = this.#spawn(['up', '--http-port', '0', '--https-port', '0', '--dir', this.folder('platform')]);
    let text = '';
    for await (const part of child.stdout) {
      text += part;
      if (text.includes('Ctrl-C')) return text;
    }
    throw new Error(`kapok up ended: ${child.errors}`);
  }

  #spawn(args) {
    const child = spawn(binary, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    child.errors = '';
    child.stderr.on('data', (text) => {
      child.errors += text;
    });
    this.#open.push(() => gone(child, 'SIGTERM'));
    return child;
  }

  async browser() {
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
    this.#open.push(() => browser.close());
    return browser;
  }

  /** A phone of its own: the core with everything done that comes before a scan. */
  phone(platform, person = '张伟') {
    return new Phone(this, platform, person, (args) => this.#spawn(args));
  }

  async close() {
    for (const close of this.#open.reverse()) await close();
    this.#open = [];
  }
}

/** Ends a process and waits until it is gone. */
async function gone(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await over;
}

const PIN = '739206';

/** `kapok phone --auto`: the real core, which logs in, sets a PIN, installs a certificate, generates a seal, scans and signs. */
class Phone {
  constructor(world, platform, person, start) {
    this.dir = world.folder('phone');
    this.pictures = world.folder('pictures');
    Object.assign(this, { platform, person, start });
  }

  #args(more) {
    const { https, http, root } = this.platform;
    const common = ['phone', '--auto', '--pin-stdin', '--json', '--dir', this.dir, '--person', this.person];
    return [...common, '--platform', https, '--simulators', http, '--root', root, ...more];
  }

  /** A promise of the run's end; `events` fill up meanwhile, `said(name)` waits for one. */
  #run(more) {
    const child = this.start(this.#args(more));
    child.stdin.end(`${PIN}\n`);
    const events = [];
    const lines = createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line)));
    const said = (name) =>
      new Promise((resolve) => {
        const look = () => {
          const found = events.find(({ event }) => event === name);
          if (!found) return;
          lines.off('line', look);
          resolve(found);
        };
        lines.on('line', look);
        look();
      });
    const end = new Promise((resolve) => child.once('close', (code) => resolve({ code, errors: child.errors, events })));
    return Object.assign(end, { events, said });
  }

  /** Goes as far as the scan and stops. */
  ready() {
    return this.#run([]);
  }

  /** Scans a screenshot and follows the PC to the end; `more` are further arguments of `kapok phone --auto`. */
  scan(picture, more = []) {
    const path = join(this.pictures, `${Date.now()}.png`);
    writeFileSync(`${path}.part`, picture);
    renameSync(`${path}.part`, path);
    return this.#run(['--scan', path, ...more]);
  }
}

/** What Chromium itself writes on the console of a page that is cut off or answered with an error: the page shows it in words. */
const CONSOLE_NETWORK = /^(Failed to load resource|WebSocket connection to )/;

/** The page in a context of its own, with what it breaks: violations of its policy, errors, also on the console. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1180, height: 900 }, locale: 'zh-CN', ...options });
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !CONSOLE_NETWORK.test(message.text())) faults.push(`console: ${message.text()}`);
  });
  // Reported by the browser to the page's own world, as a script of the page would hear it.
  await context.exposeBinding('reportViolation', (_, text) => faults.push(`policy: ${text}`));
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (e) => globalThis.reportViolation(`${e.violatedDirective} ${e.blockedURI}`));
  });
  await page.goto(url);
  await page.locator('body[data-panel]').waitFor();
  return { context, page, faults };
}

/** Chooses a file as a person does; the page goes on by itself. */
export async function choose(page, name, buffer) {
  await page.locator('#file').setInputFiles({ name, mimeType: 'application/pdf', buffer });
}

/** Uploads a document and waits for its code, and until its panel has come up: half transparent, no reader finds it. */
export async function showCode(page, name, buffer) {
  await choose(page, name, buffer);
  await page.locator('#qr[src]').waitFor();
  await settled(page);
}

/** Waits for what moves once; what moves for ever is left to it. */
export async function settled(page) {
  await page.evaluate(() => {
    const once = document.getAnimations().filter((animation) => animation.effect.getTiming().iterations === 1);
    return Promise.allSettled(once.map((animation) => animation.finished)).then(() => {});
  });
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core calls serious or critical on the page as it stands; the context must have been opened with `bypassCSP`. */
export async function grave(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, nodes }) => [id, nodes.map((node) => node.html)]);
}

/** What `look` finds, once it finds something. */
export async function found(page, look) {
  for (let tries = 0; tries < 200; tries++) {
    const thing = await look();
    if (thing) return thing;
    await page.waitForTimeout(100);
  }
  throw new Error(`not found in 20 s: ${look}`);
}

/** A screenshot of a code that has just come: the phone has the most of its 8 s. */
export async function freshPicture(page) {
  let old;
  return found(page, async () => {
    const picture = await page.screenshot();
    const frame = frameOf(picture);
    if (old !== undefined && frame > old) return picture;
    old ??= frame;
  });
}

/** The relay's counter in the code on a screenshot; nothing while the panel is still coming up. */
export function frameOf(picture) {
  const text = readCode(picture);
  return text && payloadOf(text).readUInt32BE(67);
}

/** Reads the code on a screenshot with an independent reader. */
export function readCode(picture) {
  const { data, width, height } = pngjs.PNG.sync.read(picture);
  return jsqr(new Uint8ClampedArray(data), width, height)?.data;
}

/** The 79 bytes behind a code's text. */
export function payloadOf(text) {
  const digits = text.split('#')[1];
  const bytes = [];
  for (let at = 0; at < digits.length; at += 17) {
    let value = BigInt(digits.slice(at, at + 17));
    for (let i = digits.length - at < 17 ? 2 : 7; i--; value >>= 8n) bytes.push(Number(value & 255n));
  }
  return Buffer.from(bytes);
}

/** A PDF with one page and a line of text. */
export function samplePdf(line = 'Kapok') {
  const stream = `BT /F1 24 Tf 72 720 Td (${line}) Tj ET`;
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
    `<</Length ${stream.length}>>\nstream\n${stream}\nendstream`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
  ];
  let text = '%PDF-1.7\n';
  const offsets = objects.map((object, i) => {
    const at = text.length;
    text += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return String(at).padStart(10, '0');
  });
  const table = offsets.map((offset) => `${offset} 00000 n \n`).join('');
  text += `xref\n0 6\n0000000000 65535 f \n${table}trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n${text.length}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}
