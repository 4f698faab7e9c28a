// The demo portal's own calls. Identifiers are hexadecimal and byte strings base64url in JSON, bytes in the channel.

export class PortalError extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
const unhex = (text) => Uint8Array.from(text.match(/../g), (pair) => Number.parseInt(pair, 16));
const b64 = (bytes) =>
  btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(''))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=/g, '');
const unb64 = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));

const online = () =>
  new Promise((resolve) => (navigator.onLine ? setTimeout(resolve, 1000) : addEventListener('online', resolve, { once: true })));

/** Asks the server; a request that the network swallowed goes out again, `tries` times in all. */
async function call(path, options, tries = 1) {
  try {
    const answer = await fetch(`portal/api/${path}`, options);
    if (answer.ok) return answer;
    const { code = 'UNKNOWN' } = await answer.json().catch(() => ({}));
    throw new PortalError(code);
  } catch (error) {
    if (error instanceof PortalError) throw error;
    if (tries < 2) throw new PortalError('OFFLINE');
    await online();
    return call(path, options, tries - 1);
  }
}

const post = async (path, body, tries) => {
  const headers = { 'content-type': 'application/json' };
  const answer = await call(path, { method: 'POST', headers, body: JSON.stringify(body) }, tries);
  return answer.status === 204 ? {} : answer.json();
};

const TRIES = 5;

export const list = async () => (await (await call('documents')).json()).documents;

export const upload = async (file) => {
  const headers = { 'content-type': 'application/pdf' };
  return (await call(`documents?name=${encodeURIComponent(file.name)}`, { method: 'POST', headers, body: file })).json();
};

/** Opens a session; gives what `SignSession.start` takes: the session, and the calls bound to it. */
export async function open(docs) {
  const { sid, ticket, relay_path, qr_host } = await post('sessions', { docs });
  const relayUrl = new URL(relay_path, location.href.replace('http', 'ws')).href;
  const base = `sessions/${sid}`;
  const portal = {
    request: (ask) => post(`${base}/request`, { ...ask, phone_nonce: b64(ask.phone_nonce), cb: b64(ask.cb) }, TRIES),
    async batch({ cb, chain, seal, docs }) {
      const ask = { cb: b64(cb), chain: chain.map(b64), seal: seal && b64(seal), docs };
      const { batch_id, jws, manifest } = await post(`${base}/batch`, ask, TRIES);
      return {
        batch_id: unhex(batch_id),
        jws,
        manifest: manifest.map((entry) => ({ ...entry, doc: unhex(entry.doc), digest: unb64(entry.digest) })),
      };
    },
    async part(doc, offset, len) {
      const headers = { range: `bytes=${offset}-${offset + len - 1}` };
      return new Uint8Array(await (await call(`${base}/documents/${hex(doc)}`, { headers }, TRIES)).arrayBuffer());
    },
    async result({ batch_id, doc, cms, receipt }) {
      const body = { batch_id: hex(batch_id), doc: hex(doc), cms: b64(cms), receipt: b64(receipt) };
      return { ...(await post(`${base}/results`, body, TRIES)), doc: body.doc };
    },
    end: () => post(`${base}/end`, {}).catch(() => {}),
  };
  return [{ sid: unhex(sid), ticket: unb64(ticket), relayUrl, qrHost: qr_host }, portal];
}
