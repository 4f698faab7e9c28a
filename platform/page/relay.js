// The PC's end at the relay: attach with the one-time ticket, a window of unacknowledged frames, and resume after a broken socket with
// the very same ciphertexts.

import { decode, encode } from './cbor.js';
import { random, sha256 } from './channel.js';

const WINDOW_FRAMES = 64;
const WINDOW_BYTES = 256 * 1024;
const RETRY_CAP_MS = 30_000;
const GIVE_UP_MS = 600_000;

export class Relay {
  // Frames that the peer has not acknowledged, oldest first.
  #sent = [];
  // How many frames have gone over this socket or an earlier one.
  #posted = 0;
  #numbered = 0;
  #received = 0;
  #tokens = [random(32), random(32)];
  // The relay knows this end.
  #joined = false;
  // The socket may carry frames.
  #live = false;
  #tries = 0;
  // The newer token is being tried.
  #turned = false;
  #brokenAt = 0;

  /** `on(kind, message)` hears `frame`, `claimed`, `second_phone`, `data`, `presence`, `broken`, `resumed` and `closed`. */
  constructor({ url, sid, ticket, commit, on }) {
    Object.assign(this, { url, sid, ticket, commit, on });
    this.offline = () => this.#socket?.close();
    this.online = () => this.#connect();
    addEventListener('offline', this.offline);
    addEventListener('online', this.online);
    this.#connect();
  }

  #socket;
  #connect() {
    clearTimeout(this.timer);
    if (this.over || this.#socket) return;
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = async () => this.#put(await this.#greeting());
    socket.onmessage = ({ data }) => this.#take(decode(new Uint8Array(data)));
    socket.onclose = () => this.#broken();
  }

  async #greeting() {
    const [token, next] = this.#tokens;
    if (!this.#joined) return { t: 'attach', ticket: this.ticket, commit: this.commit, verifier: await sha256(token) };
    return { t: 'resume', side: 'pc', sid: this.sid, token, next: await sha256(next), received: this.#received };
  }

  #broken() {
    this.#socket = null;
    if (this.over) return;
    if (this.#live || !this.#brokenAt) {
      this.#brokenAt = Date.now();
      this.on('broken');
    }
    this.#live = false;
    if (Date.now() - this.#brokenAt > GIVE_UP_MS) return this.#end('SESSION_EXPIRED');
    // Full jitter, so that all pages of a restarted node do not come back at once.
    this.timer = setTimeout(() => this.#connect(), Math.random() * Math.min(RETRY_CAP_MS, 1000 * 2 ** this.#tries++));
  }

  #put(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(encode(message));
  }

  #take(message) {
    const { t } = message;
    if (t === 'attached' || t === 'resumed') {
      if (t === 'resumed') {
        this.#turnToken();
        this.#turned = false;
        this.#posted = message.received;
        this.on(t);
      }
      this.#joined = this.#live = true;
      this.#tries = 0;
      this.#pump();
    } else if (t === 'data') this.#data(message);
    else if (t === 'ack') {
      this.#sent = this.#sent.filter(({ seq }) => seq >= message.upto);
      this.#pump();
    } else if (t === 'refused' && this.#joined && !this.#live && !this.#turned) {
      // The relay may have taken a token whose answer was lost with the socket.
      this.#turned = true;
      this.#turnToken();
      this.#socket.close();
    } else if (t === 'closed' || t === 'refused') this.#end(message.code);
    else this.on(t, message);
  }

  #turnToken() {
    this.#tokens = [this.#tokens[1], random(32)];
  }

  #data({ seq, bytes }) {
    if (seq > this.#received) return this.#end('CHANNEL_SEQUENCE');
    if (seq === this.#received) {
      this.#received++;
      this.on('data', bytes);
    }
    this.#put({ t: 'ack', upto: this.#received });
  }

  /** Sends in order, as far as the window allows; the rest waits for acknowledgements. */
  send(bytes) {
    this.#sent.push({ t: 'data', seq: this.#numbered++, bytes });
    this.#pump();
  }

  #pump() {
    let [frames, size] = [0, 0];
    for (const frame of this.#sent) {
      frames++;
      size += frame.bytes.length;
      if (!this.#live || frames > WINDOW_FRAMES || size > WINDOW_BYTES) return;
      if (frame.seq < this.#posted) continue;
      this.#posted = frame.seq + 1;
      this.#put(frame);
    }
  }

  /** Drops a socket that has gone silent; the next one resumes. */
  restart() {
    this.#socket?.close();
  }

  #end(code) {
    this.close();
    this.on('closed', { code });
  }

  close() {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    removeEventListener('offline', this.offline);
    removeEventListener('online', this.online);
    this.#put({ t: 'close' });
    this.#socket?.close();
  }
}
