// The page's channel against the vectors that the Rust side runs too: a whole session with fixed keys.

import assert from 'node:assert/strict';
import { createECDH } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Screen } from '../../../platform/page/channel.js';

const vectors = JSON.parse(readFileSync(new URL('../../../protocol/tests/vectors/channel.json', import.meta.url), 'utf8'));
const unhex = (text) => new Uint8Array(Buffer.from(text, 'hex'));
const hex = (bytes) => Buffer.from(bytes).toString('hex');

/** A key pair as the page makes it, but from a known scalar. */
async function pair(scalar) {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(scalar, 'hex');
  const point = ecdh.getPublicKey();
  const [x, y, d] = [point.subarray(1, 33), point.subarray(33), Buffer.from(scalar, 'hex')].map((b) => b.toString('base64url'));
  const algorithm = { name: 'ECDH', namedCurve: 'P-256' };
  const jwk = { kty: 'EC', crv: 'P-256', x, y };
  return {
    publicKey: await crypto.subtle.importKey('jwk', jwk, algorithm, true, []),
    privateKey: await crypto.subtle.importKey('jwk', { ...jwk, d }, algorithm, false, ['deriveBits']),
  };
}

const payload = unhex(vectors.qr_payload);
const screen = async () => Screen.make(payload.slice(2, 18), await pair(vectors.pc_static_scalar), payload.slice(51, 67));

async function connect() {
  const pc = await screen();
  const claim = await pc.read(unhex(vectors.m1));
  const answer = await pc.write(unhex(vectors.hello), await pair(vectors.pc_ephemeral_scalar));
  return { claim, ...answer };
}

test('the code holds the 79 bytes as 192 digits', async () => {
  const pc = await screen();
  const frame = new DataView(payload.buffer).getUint32(67);
  assert.equal(`HTTPS://SIGN.KAPOK.CN/#${pc.digits(frame, payload.slice(71))}`, vectors.qr_text);
});

test('the handshake gives the same messages, digits and binding', async () => {
  const { claim, m2, channel } = await connect();
  assert.equal(hex(claim), vectors.claim_info);
  assert.equal(hex(m2), vectors.m2);
  assert.equal(channel.sas, vectors.sas);
  assert.equal(hex(channel.cb), vectors.cb);
});

test('frames open and seal to the same bytes', async () => {
  const { channel } = await connect();
  for (const frame of vectors.frames_up) {
    assert.equal(hex(await channel.open(unhex(frame.bytes))), frame.message);
  }
  for (const frame of vectors.frames_down) {
    assert.equal(hex(await channel.seal(unhex(frame.message))), frame.bytes);
  }
});

test('a first message made for another code, or changed, is refused', async () => {
  const other = await Screen.make(payload.slice(2, 18), await pair(vectors.pc_static_scalar), new Uint8Array(16));
  await assert.rejects(other.read(unhex(vectors.m1)));
  for (const at of [0, 10, 70, 200]) {
    const m1 = unhex(vectors.m1);
    m1[at] ^= 1;
    await assert.rejects((await screen()).read(m1), `byte ${at}`);
  }
});

test('a frame out of its place or changed does not open', async () => {
  const [first] = vectors.frames_up;
  const { channel } = await connect();
  const changed = unhex(first.bytes);
  changed[3] ^= 1;
  await assert.rejects(channel.open(changed));
  await assert.rejects(channel.open(unhex(first.bytes)), 'the number has moved on');
});
