// Scan to sign: one session between this page and a phone, end to end encrypted. For portals: give the calls of your own server as
// `portal`, listen to the states, and answer them with `pick`, `sign` and `end`.

import { decode, encode } from './cbor.js';
import { Screen } from './channel.js';
import { qr, svg } from './qr.js';
import { Relay } from './relay.js';

export const VERSION = '0.1.0';
const PING_MS = 25_000;
const T = {
  HELLO: 2,
  REQUEST: 3,
  CERT_LIST: 10,
  CERT_PICK: 12,
  BATCH: 20,
  DOC_PART: 22,
  RESULT_ACK: 26,
  CANCEL: 28,
  PING: 40,
  PONG: 41,
  ERROR: 50,
  BYE: 51,
};

const pcLabel = () => {
  const ua = navigator.userAgentData;
  return ua ? `${ua.brands.at(-1)?.brand} · ${ua.platform}` : navigator.platform;
};

/**
 * `made` is what the portal's server answered: {sid, ticket, relayUrl, qrHost}, byte strings as Uint8Array.
 * `portal` has request({phone_nonce, cb, origin}), batch({cb, chain, seal, docs}), part(doc, offset, len), result(signed), end().
 * `on(state, detail)` hears: qr {image, expires}, claimed {label, sas}, certs [..], handover, review {batch}, progress {done, total},
 * signed {doc, download}, done {ok, failed}, away, back, phone {presence}, second_phone, problem {code}, closed {code | reason}.
 */
export class SignSession {
  #id = 0;
  #unanswered = 0;
  #work = Promise.resolve();

  static async start(made, portal, on) {
    const session = Object.assign(new SignSession(), { made, portal, on });
    session.screen = await Screen.make(made.sid);
    session.relay = new Relay({
      url: made.relayUrl,
      sid: made.sid,
      ticket: made.ticket,
      commit: session.screen.commit,
      on: (kind, message) => session.#relay[kind]?.(message),
    });
    return session;
  }

  #relay = {
    frame: ({ frame, mac, expires }) => {
      if (this.channel) return;
      this.on('qr', { image: svg(qr(this.made.qrHost, this.screen.digits(frame, mac))), expires });
    },
    claimed: ({ m1 }) => {
      if (!this.m1) this.#inOrder(() => this.#claimed(m1), 'HANDSHAKE_FAILED');
      this.m1 = m1;
    },
    second_phone: () => this.on('second_phone'),
    data: (bytes) => this.#inOrder(async () => this.#take(decode(await this.channel.open(bytes))), 'CHANNEL_SEQUENCE'),
    presence: ({ online }) => this.on(online ? 'back' : 'away'),
    broken: () => this.on('broken'),
    resumed: () => this.on('back'),
    closed: (why) => this.#closed(why),
  };

  /** Frames are sealed, opened and sent one after the other, whatever WebCrypto's threads do. */
  #inOrder(step, code) {
    this.#work = this.#work.then(step).catch(() => this.#closed({ code }));
    return this.#work;
  }

  async #claimed(m1) {
    const { body } = decode(await this.screen.read(m1));
    const hello = { sdk: VERSION, origin: location.origin, pc_label: pcLabel() };
    const { m2, channel } = await this.screen.write(this.#envelope(T.HELLO, hello));
    this.channel = channel;
    this.relay.send(m2);
    this.on('claimed', { label: body.label, sas: channel.sas });
    this.timer = setInterval(() => this.#ping(), PING_MS);
    this.#ask(async () => {
      const ask = { phone_nonce: body.phone_nonce, cb: channel.cb, origin: location.origin };
      this.#send(T.REQUEST, await this.portal.request(ask));
    });
  }

  #envelope(t, body, re) {
    return encode({ t, id: this.#id++, ts: Date.now(), body, re });
  }

  #send(t, body, re) {
    const message = this.#envelope(t, body, re);
    return this.#inOrder(async () => this.relay.send(await this.channel.seal(message)), 'CHANNEL_SEQUENCE');
  }

  /** Calls the portal's server; its refusals are shown and told to the phone. */
  async #ask(step, re) {
    try {
      await step();
    } catch ({ code = 'INTERNAL' }) {
      if (this.over) return;
      this.#send(T.ERROR, { code, retryable: false }, re);
      this.on('problem', { code });
    }
  }

  #take({ t, id, body }) {
    this.#unanswered = 0;
    this.#messages[t]?.(body, id);
  }

  #messages = {
    // REQ_OK, REQ_NO
    4: () => this.#send(T.CERT_LIST, {}),
    5: ({ code }) => this.end('error', { code }),
    11: ({ certs }) => this.on('certs', certs),
    13: (cert) => {
      this.cert = cert;
      this.sign();
    },
    21: ({ doc, offset, len }, re) =>
      this.#ask(async () => {
        const bytes = await this.portal.part(doc, offset, len);
        this.#send(T.DOC_PART, { doc, offset, bytes }, re);
      }, re),
    23: (review) => this.on('reviewed', review),
    24: (progress) => this.on('progress', progress),
    25: (result, re) =>
      this.#ask(async () => {
        const taken = await this.portal.result(result);
        this.#send(T.RESULT_ACK, { batch_id: result.batch_id, docs: [result.doc] }, re);
        this.on('signed', { doc: result.doc, ...taken });
      }, re),
    27: (end) => this.on('done', end),
    28: () => this.on('problem', { code: 'USER_CANCELLED' }),
    40: (_, re) => this.#send(T.PONG, {}, re),
    42: (state) => this.on('phone', state),
    50: (error) => this.on('problem', error),
    51: (bye) => this.#closed(bye),
  };

  /** The choice of certificate and seal, made on the PC. */
  pick(handle, es_id) {
    this.handle = handle;
    this.#send(T.CERT_PICK, { handle, es_id });
    this.on('handover');
  }

  /** Has documents signed over the standing connection; without `docs` those that the session was opened for. */
  sign(docs = []) {
    return this.#ask(async () => {
      const { chain, seal } = this.cert;
      const batch = await this.portal.batch({ cb: this.channel.cb, chain, seal, docs });
      this.#send(T.BATCH, { ...batch, format: 'pades', handle: this.handle });
      this.on('review', batch);
    });
  }

  /** Asks the phone to stop the running batch. */
  cancel() {
    this.#send(T.CANCEL, {});
  }

  #ping() {
    if (this.#unanswered++ < 2) return this.#send(T.PING, {});
    this.#unanswered = 0;
    this.on('away');
    this.relay.restart();
  }

  /** Ends the session for both sides. */
  async end(reason = 'user', why = { reason }) {
    if (this.over) return;
    if (this.channel) await this.#send(T.BYE, { reason });
    this.#closed(why);
  }

  #closed(why) {
    if (this.over) return;
    this.over = true;
    clearInterval(this.timer);
    this.relay.close();
    this.portal.end();
    this.on('closed', why);
  }
}
