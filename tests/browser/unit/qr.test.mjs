import assert from 'node:assert/strict';
import { test } from 'node:test';
import jsqr from 'jsqr';
import { qr, svg } from '../../../platform/page/qr.js';

const SCALE = 4;

/** Draws the modules with a quiet zone of four and reads them with an independent reader. */
function read(grid) {
  const side = (grid.length + 8) * SCALE;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const dark = grid[((y / SCALE) | 0) - 4]?.[((x / SCALE) | 0) - 4];
      if (dark) pixels.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
    }
  }
  return jsqr(pixels, side, side);
}

const digits = (seed) => Array.from({ length: 192 }, (_, i) => (i * 7 + seed * 31 + ((i * i * (seed + 3)) % 11)) % 10).join('');

test('every code reads back, of version 6 for a short host and 7 for a long one', () => {
  for (let seed = 0; seed < 40; seed++) {
    for (const [host, version] of [
      ['a.cn', 6],
      ['127.0.0.1:8080', 6],
      ['sign.kapok-portal.example.gov.cn', 7],
      ['sign.kapok-portal.guangdong.example.gov.cn', 7],
    ]) {
      const grid = qr(host, digits(seed));
      assert.equal(grid.length, 17 + 4 * version, host);
      assert.ok(grid.flat().every((m) => m === 0 || m === 1));
      const code = read(grid);
      assert.equal(code?.data, `HTTPS://${host.toUpperCase()}/#${digits(seed)}`);
      assert.equal(code.version, version);
    }
  }
});

test('codes differ in their mask, so the penalty chooses', () => {
  const masks = new Set();
  for (let seed = 0; seed < 40; seed++) {
    const grid = qr('127.0.0.1:8080', digits(seed));
    masks.add([grid[8][2], grid[8][3], grid[8][4]].join(''));
  }
  assert.ok(masks.size > 2, [...masks].join());
});

test('a host that does not fit or cannot be written is refused', () => {
  assert.throws(() => qr('x'.repeat(60), digits(1)), RangeError);
  assert.throws(() => qr('例.cn', digits(1)), RangeError);
});

test('the picture is dark on light with its quiet zone', () => {
  const text = decodeURIComponent(svg(qr('a.cn', digits(2))));
  assert.match(text, /viewBox="0 0 49 49"/);
  assert.match(text, /fill="#fff" d="M0 0h49v49H0z"/);
  assert.match(text, /d="M4 4h7v1h-7z/);
});
