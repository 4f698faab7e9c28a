// A phone's calls without the core: DPoP proofs (RFC 9449) by WebCrypto, over TLS under the platform's root. For what a person clicks
// through in a browser while a phone waits.

import { readFileSync } from 'node:fs';
import { request } from 'node:https';

const { subtle } = globalThis.crypto;
const b64 = (bytes) => Buffer.from(bytes).toString('base64url');
const json = (value) => b64(JSON.stringify(value));
const random = (n) => crypto.getRandomValues(new Uint8Array(n));
const sha256 = async (bytes) => new Uint8Array(await subtle.digest('SHA-256', Buffer.from(bytes)));

export class Caller {
  static async make(platform) {
    const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
    const { crv, kty, x, y } = await subtle.exportKey('jwk', pair.publicKey);
    const ca = readFileSync(platform.root);
    return Object.assign(new Caller(), { key: pair.privateKey, jwk: { crv, kty, x, y }, ca, base: platform.https });
  }

  async #proof(method, path) {
    const claims = { jti: b64(random(16)), htm: method, htu: this.base + path, iat: Math.floor(Date.now() / 1000) };
    if (this.token) claims.ath = b64(await sha256(this.token));
    const text = `${json({ typ: 'dpop+jwt', alg: 'ES256', jwk: this.jwk })}.${json(claims)}`;
    return `${text}.${b64(await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, this.key, Buffer.from(text)))}`;
  }

  /** Calls the phone's side; a refusal is an error with its code. */
  async call(method, path, body) {
    const headers = { dpop: await this.#proof(method, path), 'idempotency-key': Buffer.from(random(16)).toString('hex') };
    if (this.token) headers.authorization = `DPoP ${this.token}`;
    if (body) headers['content-type'] = 'application/json';
    const [status, text] = await new Promise((resolve, reject) => {
      const sent = request(this.base + path, { method, headers, ca: this.ca }, (answer) => {
        let all = '';
        answer.setEncoding('utf8');
        answer.on('data', (part) => {
          all += part;
        });
        answer.on('end', () => resolve([answer.statusCode, all]));
      });
      sent.on('error', reject);
      sent.end(body && JSON.stringify(body));
    });
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
    return text && JSON.parse(text);
  }

  /** Starts a login by face; gives what the mini program is opened with and the two digits that both show. */
  async start(purpose = 'login') {
    const verifier = random(32);
    const ask = { purpose, mode: 'same_device', locale: 'zh-CN', device_label: '张伟的手机' };
    const { handoff_id, match_code } = await this.call('POST', '/v1/handoffs', {
      ...ask,
      code_challenge: b64(await sha256(verifier)),
    });
    return { handoff_id, match_code, purpose, verifier };
  }

  /** Comes back from the mini program with the six digits of its last page, and keeps the tokens. */
  async finish({ handoff_id, purpose, verifier }, typed_code) {
    const body = { verifier: b64(verifier), purpose, proof: { typed_code } };
    const { logged_in } = await this.call('POST', `/v1/handoffs/${handoff_id}/finish`, body);
    this.token = logged_in.tokens.access;
    return logged_in.account;
  }
}
