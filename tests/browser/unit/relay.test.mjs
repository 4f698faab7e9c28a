// The page's end of the relay against a socket that the test holds: window, acknowledgements, resume.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { decode, encode } from '../../../platform/page/cbor.js';

const browser = new EventTarget();
globalThis.addEventListener = browser.addEventListener.bind(browser);
globalThis.removeEventListener = browser.removeEventListener.bind(browser);

class Socket {
  static OPEN = 1;
  static last;
  readyState = 0;
  sent = [];
  constructor() {
    Socket.last = this;
  }
  async open() {
    this.readyState = 1;
    await this.onopen();
  }
  send(bytes) {
    this.sent.push(decode(bytes));
  }
  hear(message) {
    this.onmessage({ data: encode(message).buffer });
  }
  close() {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose();
  }
}
globalThis.WebSocket = Socket;
const { Relay } = await import('../../../platform/page/relay.js');

const bytes = (text) => new Uint8Array(Buffer.from(text));
const sha256 = (data) => new Uint8Array(createHash('sha256').update(data).digest());
const dataOf = (socket) => socket.sent.filter(({ t }) => t === 'data');

async function attached() {
  const heard = [];
  const on = (kind, message) => heard.push([kind, message]);
  const relay = new Relay({ url: 'ws://x', sid: bytes('0123456789abcdef'), ticket: bytes('t'), commit: bytes('c'), on });
  const socket = Socket.last;
  await socket.open();
  socket.hear({ t: 'attached' });
  return { relay, socket, heard, verifier: socket.sent[0].verifier };
}

/** Breaks the socket and gives the next one, opened. */
async function reconnected(socket) {
  socket.close();
  browser.dispatchEvent(new Event('online'));
  assert.notEqual(Socket.last, socket);
  await Socket.last.open();
  return Socket.last;
}

test('attaches with ticket, commitment and the hash of a resume token', async () => {
  const { socket, relay } = await attached();
  const [{ t, ticket, commit, verifier }] = socket.sent;
  assert.deepEqual([t, Buffer.from(ticket).toString(), Buffer.from(commit).toString()], ['attach', 't', 'c']);
  assert.equal(verifier.length, 32);
  relay.close();
});

test('sends no more than the window holds, and goes on when the peer acknowledges', async () => {
  const { relay, socket } = await attached();
  for (let i = 0; i < 100; i++) relay.send(bytes(`frame ${i}`));
  assert.equal(dataOf(socket).length, 64);
  socket.hear({ t: 'ack', upto: 10 });
  assert.equal(dataOf(socket).length, 74);
  assert.deepEqual(
    dataOf(socket).map(({ seq }) => seq),
    Array.from({ length: 74 }, (_, i) => i),
  );
  relay.close();
});

test('sends no more bytes than the window holds', async () => {
  const { relay, socket } = await attached();
  for (let i = 0; i < 6; i++) relay.send(new Uint8Array(63_504));
  assert.equal(dataOf(socket).length, 4);
  socket.hear({ t: 'ack', upto: 2 });
  assert.equal(dataOf(socket).length, 6);
  relay.close();
});

test('hands frames on in order, once, and acknowledges each', async () => {
  const { relay, socket, heard } = await attached();
  for (const seq of [0, 1, 0, 1, 2]) socket.hear({ t: 'data', seq, bytes: bytes(`${seq}`) });
  assert.equal(
    heard
      .filter(([kind]) => kind === 'data')
      .map(([, b]) => Buffer.from(b))
      .join(''),
    '012',
  );
  assert.equal(socket.sent.at(-1).upto, 3);
  relay.close();
});

test('a gap ends the session', async () => {
  const { socket, heard } = await attached();
  socket.hear({ t: 'data', seq: 1, bytes: bytes('x') });
  assert.deepEqual(heard.at(-1), ['closed', { code: 'CHANNEL_SEQUENCE' }]);
});

test('yqq_023_a_broken_socket_resumes_with_the_token_and_the_same_ciphertexts', async () => {
  const { relay, socket, heard, verifier } = await attached();
  socket.hear({ t: 'data', seq: 0, bytes: bytes('up') });
  for (const text of ['a', 'b', 'c']) relay.send(bytes(text));
  socket.hear({ t: 'ack', upto: 1 });
  const next = await reconnected(socket);
  relay.send(bytes('d'));
  const [resume] = next.sent;
  assert.deepEqual([resume.t, resume.side, resume.received], ['resume', 'pc', 1]);
  assert.deepEqual(sha256(resume.token), verifier);
  assert.equal(dataOf(next).length, 0, 'nothing before the relay has answered');
  next.hear({ t: 'resumed', received: 2 });
  assert.deepEqual(
    dataOf(next).map(({ seq, bytes: b }) => [seq, `${Buffer.from(b)}`]),
    [
      [2, 'c'],
      [3, 'd'],
    ],
  );
  assert.deepEqual(
    heard.filter(([kind]) => kind !== 'data').map(([kind]) => kind),
    ['broken', 'resumed'],
  );
  const third = await reconnected(next);
  assert.deepEqual(sha256(third.sent[0].token), resume.next);
  relay.close();
});

test('when the answer to a resume was lost, the newer token is tried, and only once', async () => {
  const { socket, heard } = await attached();
  const lost = await reconnected(socket);
  const next = await reconnected(lost);
  assert.deepEqual(next.sent[0].token, lost.sent[0].token);
  next.hear({ t: 'refused', code: 'NOT_ALLOWED' });
  const third = await reconnected(next);
  assert.deepEqual(sha256(third.sent[0].token), next.sent[0].next);
  third.hear({ t: 'refused', code: 'NOT_ALLOWED' });
  assert.deepEqual(heard.at(-1), ['closed', { code: 'NOT_ALLOWED' }]);
});

test('a closed end stays closed', async () => {
  const { relay, socket, heard } = await attached();
  relay.close();
  assert.equal(socket.sent.at(-1).t, 'close');
  browser.dispatchEvent(new Event('online'));
  assert.equal(Socket.last, socket);
  assert.deepEqual(heard, []);
});
