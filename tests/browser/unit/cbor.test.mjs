import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode } from '../../../platform/page/cbor.js';

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const unhex = (text) => new Uint8Array(Buffer.from(text, 'hex'));

// RFC 8949, appendix A: those of the subset.
const EXAMPLES = [
  [0, '00'],
  [23, '17'],
  [24, '1818'],
  [100, '1864'],
  [1000, '1903e8'],
  [1000000, '1a000f4240'],
  [1000000000000, '1b000000e8d4a51000'],
  [false, 'f4'],
  [true, 'f5'],
  [unhex('01020304'), '4401020304'],
  ['IETF', '6449455446'],
  ['\u6c34', '63e6b0b4'],
  [[1, [2, 3], [4, 5]], '8301820203820405'],
  [{}, 'a0'],
  [{ a: 1, b: [2, 3] }, 'a26161016162820203'],
];

test('the examples of RFC 8949 encode and decode', () => {
  for (const [value, text] of EXAMPLES) {
    assert.equal(hex(encode(value)), text);
    assert.deepEqual(decode(unhex(text)), value);
  }
  assert.equal(decode(unhex('f6')), null);
});

test('map keys are sorted by length, then bytes; empty fields are left out', () => {
  assert.equal(hex(encode({ size: 1, doc: 2, mime: 3, id: null, re: undefined })), 'a363646f6302646d696d65036473697a6501');
});

test('what is cut, too deep, of another type or has a tail is refused', () => {
  for (const [, text] of EXAMPLES) {
    for (let end = 0; end < text.length; end += 2) assert.throws(() => decode(unhex(text.slice(0, end))), RangeError);
    assert.throws(() => decode(unhex(`${text}00`)), RangeError);
  }
  for (const text of [
    '5bffffffffffffffff',
    '9bffffffffffffffff',
    '1bffffffffffffffff',
    '20',
    'c000',
    'fb3ff0000000000000',
    'f7',
    '5f',
    'ff',
  ]) {
    assert.throws(() => decode(unhex(text)), RangeError, text);
  }
  assert.throws(() => decode(unhex(`${'81'.repeat(40)}00`)), RangeError);
});
