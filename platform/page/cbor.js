// Deterministic CBOR (RFC 8949 § 4.2.1), the subset that relay and channel use: unsigned integers, byte strings, text, arrays,
// maps with text keys, booleans and null. Map keys stand in bytewise order of their encoding: shorter ones first.

const utf8 = new TextEncoder();
const MAX_DEPTH = 16;

export const concat = (...parts) => {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
};

/** Big endian bytes of a number below 2^53. */
export const be = (value, length) => {
  const out = new Uint8Array(length);
  for (let i = length, v = value; i--; v = Math.floor(v / 256)) out[i] = v % 256;
  return out;
};

const head = (major, n) => {
  const size = n < 24 ? 0 : n < 256 ? 1 : n < 65536 ? 2 : n < 2 ** 32 ? 4 : 8;
  const info = size ? 24 + Math.log2(size) : n;
  return concat([(major << 5) | info], be(size ? n : 0, size));
};

const byKey = ([a], [b]) => a.length - b.length || (a < b ? -1 : 1);

export function encode(value) {
  if (typeof value === 'number') return head(0, value);
  if (typeof value === 'string') {
    const bytes = utf8.encode(value);
    return concat(head(3, bytes.length), bytes);
  }
  if (typeof value === 'boolean') return Uint8Array.of(value ? 0xf5 : 0xf4);
  if (value instanceof Uint8Array) return concat(head(2, value.length), value);
  if (Array.isArray(value)) return concat(head(4, value.length), ...value.map(encode));
  const entries = Object.entries(value)
    .filter(([, v]) => v != null)
    .sort(byKey);
  return concat(head(5, entries.length), ...entries.flatMap(([k, v]) => [encode(k), encode(v)]));
}

/** Reads one item that fills `bytes`; throws a RangeError on anything else. */
export function decode(bytes) {
  let at = 0;
  const fail = () => {
    throw new RangeError('CBOR');
  };
  const take = (n) => {
    if (n > bytes.length - at) fail();
    at += n;
    return bytes.subarray(at - n, at);
  };
  const item = (depth) => {
    if (depth > MAX_DEPTH) fail();
    const [first] = take(1);
    const info = first & 31;
    if (info > 27) fail();
    const n = info < 24 ? info : take(2 ** (info - 24)).reduce((v, b) => v * 256 + b, 0);
    const many = (read) => {
      if (n > bytes.length - at) fail();
      return Array.from({ length: n }, read);
    };
    switch (first >> 5) {
      case 0:
        return Number.isSafeInteger(n) ? n : fail();
      case 2:
        return take(n).slice();
      case 3:
        return new TextDecoder('utf-8', { fatal: true }).decode(take(n));
      case 4:
        return many(() => item(depth + 1));
      case 5:
        return Object.fromEntries(many(() => [item(depth + 1), item(depth + 1)]));
      case 7:
        return { 20: false, 21: true, 22: null }[info] ?? (info === 22 ? null : fail());
      default:
        return fail();
    }
  };
  const value = item(0);
  return at === bytes.length ? value : fail();
}
