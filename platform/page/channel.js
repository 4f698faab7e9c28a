// The secure channel's PC end: Noise_NKpsk0_P256_AESGCM_SHA256 (Noise revision 34) as responder, by WebCrypto. The QR code carries
// the static key B and the secret s; the phone speaks first. Points travel as 65 bytes (SEC1 uncompressed), in the QR as 33.

import { be, concat } from './cbor.js';

const { subtle } = globalThis.crypto;
const P256 = { name: 'ECDH', namedCurve: 'P-256' };
const NONE = new Uint8Array();
const VERSION = 1;
const RELAY = 0;
const POINT = 65;
const BUCKETS = [256, 1024, 4096, 16384, 63488];

export const random = (n) => crypto.getRandomValues(new Uint8Array(n));
export const ascii = (text) => new TextEncoder().encode(text);
export const sha256 = async (...parts) => new Uint8Array(await subtle.digest('SHA-256', concat(...parts)));

async function hkdf(salt, ikm, info, length) {
  const key = await subtle.importKey('raw', ikm, 'HKDF', false, ['deriveBits']);
  return new Uint8Array(await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, key, length * 8));
}

const aesKey = (raw) => subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
/** `act` is `encrypt` or `decrypt`. */
const gcm = async (act, key, seq, additionalData, text) =>
  new Uint8Array(await subtle[act]({ name: 'AES-GCM', iv: be(seq, 12), additionalData }, key, text));

const publicBytes = async (pair) => new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
const newPair = () => subtle.generateKey(P256, false, ['deriveBits']);
// importKey refuses points that are not on the curve.
async function agree(pair, point) {
  const peer = await subtle.importKey('raw', point, P256, false, []);
  return new Uint8Array(await subtle.deriveBits({ name: 'ECDH', public: peer }, pair.privateKey, 256));
}

/** Length as u32, text, zeros up to the next bucket, so that sizes tell little. */
function pad(text) {
  const padded = new Uint8Array(BUCKETS.find((n) => n >= text.length + 4));
  padded.set(be(text.length, 4));
  padded.set(text, 4);
  return padded;
}
const unpad = (padded) => padded.subarray(4, 4 + new DataView(padded.buffer).getUint32(0));

/** The symmetric state of Noise § 5.2. */
class Symmetric {
  static async start(prologue, key) {
    const state = new Symmetric();
    state.h = state.ck = concat(ascii('Noise_NKpsk0_P256_AESGCM_SHA256'), [0]);
    await state.mixHash(prologue);
    await state.mixHash(key);
    return state;
  }
  async mixHash(data) {
    this.h = await sha256(this.h, data);
  }
  async mix(ikm, withHash) {
    const out = await hkdf(this.ck, ikm, NONE, withHash ? 96 : 64);
    this.ck = out.slice(0, 32);
    if (withHash) await this.mixHash(out.slice(32, 64));
    this.key = await aesKey(out.slice(-32));
    this.seq = 0;
  }
  async mixPoint(point) {
    await this.mixHash(point);
    await this.mix(point);
  }
  async seal(text) {
    const sealed = await gcm('encrypt', this.key, this.seq++, this.h, text);
    await this.mixHash(sealed);
    return sealed;
  }
  async open(sealed) {
    const text = await gcm('decrypt', this.key, this.seq++, this.h, sealed);
    await this.mixHash(sealed);
    return text;
  }
}

/** What the screen holds for one session: the key pair of B and the secret s. `sid` is 16 bytes. */
export class Screen {
  static async make(sid, pair, secret = random(16)) {
    const screen = Object.assign(new Screen(), { sid, secret });
    screen.pair = pair ?? (await newPair());
    screen.point = await publicBytes(screen.pair);
    screen.short = concat([2 + (screen.point[64] & 1)], screen.point.subarray(1, 33));
    /** SHA-256(B ‖ s): ties the relay's frames to this screen without telling the relay either. */
    screen.commit = await sha256(screen.short, secret);
    return screen;
  }

  /** The digits of the QR for one frame of the relay: 79 bytes, 7 at a time as 17 digits, little endian. */
  digits(frame, mac) {
    const payload = concat([VERSION, RELAY], this.sid, this.short, this.secret, be(frame, 4), mac);
    let text = '';
    for (let i = 0; i < payload.length; i += 7) {
      const part = payload.subarray(i, i + 7);
      text += part
        .reduceRight((v, b) => v * 256n + BigInt(b), 0n)
        .toString()
        .padStart(part.length === 7 ? 17 : 5, '0');
    }
    return text;
  }

  /** Reads the handshake's first message and gives what it carries. Throws if it was not made for this screen. */
  async read(m1) {
    const prologue = concat(ascii('JQ1'), [VERSION, RELAY], this.sid, this.short);
    const noise = await Symmetric.start(prologue, this.point);
    await noise.mix(await hkdf(this.sid, this.secret, concat(ascii('JQ1 psk'), this.commit), 32), true);
    this.peer = m1.slice(0, POINT);
    await noise.mixPoint(this.peer);
    await noise.mix(await agree(this.pair, this.peer));
    this.noise = noise;
    return unpad(await noise.open(m1.slice(POINT)));
  }

  /** Writes the second message with `hello` inside; the channel stands. */
  async write(hello, pair) {
    const { noise } = this;
    const own = pair ?? (await newPair());
    const point = await publicBytes(own);
    await noise.mixPoint(point);
    await noise.mix(await agree(own, this.peer));
    const m2 = concat(point, await noise.seal(pad(hello)));
    const keys = await hkdf(noise.ck, NONE, NONE, 64);
    const channel = new Channel(this.sid, await aesKey(keys.slice(0, 32)), await aesKey(keys.slice(32)));
    const four = await sha256(ascii('JQ1 sas'), noise.h);
    channel.sas = String(new DataView(four.buffer).getUint32(0) % 10000).padStart(4, '0');
    channel.cb = await sha256(ascii('JQ1 cb'), noise.h);
    return { m2, channel };
  }
}

/** Sealed, padded frames, each direction numbered from 0. */
class Channel {
  #sent = 0;
  #received = 0;
  constructor(sid, up, down) {
    Object.assign(this, { sid, up, down });
  }
  #aad(direction, seq) {
    return concat(this.sid, [direction], be(seq, 8));
  }
  /** Callers keep the ciphertext until it is acknowledged: a number never seals two texts. */
  seal(text) {
    const seq = this.#sent++;
    return gcm('encrypt', this.down, seq, this.#aad(1, seq), pad(text));
  }
  async open(sealed) {
    const seq = this.#received++;
    return unpad(await gcm('decrypt', this.up, seq, this.#aad(0, seq), sealed));
  }
}
