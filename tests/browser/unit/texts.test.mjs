// The page's words: complete in both languages, and for errors the very sentences of the one list in protocol/src/error.rs.
// `UPDATE=1 npm run unit` writes the sentences into the page's files.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

const page = (name) => new URL(`../../../platform/page/${name}`, import.meta.url);
const read = (name) => readFileSync(page(name), 'utf8');
const json = (lang) => JSON.parse(read(`text.${lang}.json`));

/** Codes with their texts in zh-CN, zh-HK and en. */
function codes() {
  const source = readFileSync(new URL('../../../protocol/src/error.rs', import.meta.url), 'utf8');
  const entry = /^\s+\w+ = "([A-Z_]+)", \d+, \w+, "([^"]+)", "[^"]+", "([^"]+)";$/gm;
  const unknown = source.match(/Self::Unknown => \["([^"]+)", "[^"]+", "([^"]+)"\]/);
  return [...source.matchAll(entry), [null, 'UNKNOWN', unknown[1], unknown[2]]];
}

test('every code has the sentence of the one list', () => {
  const all = codes();
  assert.ok(all.length > 80);
  for (const [lang, at] of [
    ['zh-CN', 2],
    ['en', 3],
  ]) {
    const expected = Object.fromEntries(all.map((code) => [code[1], code[at]]));
    if (process.env.UPDATE) {
      writeFileSync(page(`text.${lang}.json`), `${JSON.stringify({ ...json(lang), errors: expected }, null, 2)}\n`);
    }
    assert.deepEqual(json(lang).errors, expected);
  }
});

test('both languages have every text that the page asks for', () => {
  const html = read('index.html');
  const inHtml = [...html.matchAll(/data-t="(\w+)"/g)].map((m) => m[1]);
  const inScript = [...read('page.js').matchAll(/\bt\('(\w+)'/g)].map((m) => m[1]);
  const [zh, en] = [json('zh-CN'), json('en')];
  for (const key of [...inHtml, ...inScript]) assert.ok(en[key], `en: ${key}`);
  for (const key of inScript) assert.ok(zh[key], `zh-CN: ${key}`);
  for (const key of Object.keys(zh)) assert.ok(key in en, `en lacks ${key}`);
  for (const key of Object.keys(en)) assert.ok(key in zh || inHtml.includes(key), `zh-CN lacks ${key}`);
  assert.deepEqual(Object.keys(zh.here), Object.keys(en.here));
  for (const code of Object.keys(zh.here)) assert.ok(zh.errors[code], `no such code: ${code}`);
});

test('placeholders are the same in both languages', () => {
  const [zh, en] = [json('zh-CN'), json('en')];
  const names = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const key of Object.keys(zh).filter((key) => typeof zh[key] === 'string'))
    assert.deepEqual(names(en[key]), names(zh[key]), key);
});
