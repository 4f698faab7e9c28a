// QR codes (ISO/IEC 18004), as much as a session code needs: versions 6 and 7 at level M, segments in the modes that keep
// `HTTPS://HOST/#digits` short: alphanumeric, byte for the `#`, numeric.

const ALPHANUMERIC = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
// Four blocks each at level M. `info` is the BCH-coded version number, which only version 7 and up carry.
const VERSIONS = [
  { size: 41, data: 27, ecc: 16, align: [6, 34] },
  { size: 45, data: 31, ecc: 18, align: [6, 22, 38], info: 0x07c94 },
];
const BLOCKS = 4;
const MASKS = [
  (x, y) => (x + y) % 2,
  (_, y) => y % 2,
  (x) => x % 3,
  (x, y) => (x + y) % 3,
  (x, y) => (((x / 3) | 0) + ((y / 2) | 0)) & 1,
  (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

function segments(host, digits) {
  const bits = [];
  const put = (value, length) => {
    for (let i = length; i--; ) bits.push((value >> i) & 1);
  };
  const text = `HTTPS://${host.toUpperCase()}/`;
  put(2, 4);
  put(text.length, 9);
  for (let i = 0; i < text.length; i += 2) {
    const [a, b] = [...text.slice(i, i + 2)].map((c) => ALPHANUMERIC.indexOf(c));
    if (a < 0 || b < 0) throw new RangeError('host');
    b === undefined ? put(a, 6) : put(a * 45 + b, 11);
  }
  put(4, 4);
  put(1, 8);
  put(35, 8);
  put(1, 4);
  put(digits.length, 10);
  for (let i = 0; i < digits.length; i += 3) {
    const part = digits.slice(i, i + 3);
    put(Number(part), part.length * 3 + 1);
  }
  return bits;
}

const EXP = new Uint8Array(510);
const LOG = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i++, x = (x << 1) ^ (x & 128 ? 0x11d : 0)) {
  EXP[i] = EXP[i + 255] = x;
  LOG[x] = i;
}
const times = (a, b) => (a && b ? EXP[LOG[a] + LOG[b]] : 0);

/** Reed-Solomon check bytes of a block. */
function check(data, length) {
  const generator = new Uint8Array(length);
  generator[length - 1] = 1;
  for (let i = 0; i < length; i++) {
    for (let j = 0; j < length; j++) generator[j] = times(generator[j], EXP[i]) ^ (generator[j + 1] ?? 0);
  }
  const rest = new Uint8Array(length);
  for (const byte of data) {
    const factor = byte ^ rest[0];
    rest.copyWithin(0, 1);
    rest[length - 1] = 0;
    for (let j = 0; j < length; j++) rest[j] ^= times(generator[j], factor);
  }
  return rest;
}

function codewords(bits, { data, ecc }) {
  const capacity = BLOCKS * data;
  bits.push(...Array(Math.min(4, capacity * 8 - bits.length)).fill(0));
  const bytes = new Uint8Array(capacity);
  bits.forEach((bit, i) => {
    bytes[i >> 3] |= bit << (7 - (i & 7));
  });
  for (let i = Math.ceil(bits.length / 8), pad = 0xec; i < capacity; i++, pad ^= 0xfd) bytes[i] = pad;
  const blocks = Array.from({ length: BLOCKS }, (_, i) => bytes.subarray(i * data, (i + 1) * data));
  const checks = blocks.map((block) => check(block, ecc));
  const woven = (parts, length) => Array.from({ length: length * BLOCKS }, (_, i) => parts[i % BLOCKS][(i / BLOCKS) | 0]);
  return [...woven(blocks, data), ...woven(checks, ecc)];
}

const BCH_FORMAT = 0x537;
/** The 15 format bits of level M (00) with a mask. */
function format(mask) {
  let rest = mask;
  for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >> 9) * BCH_FORMAT);
  return ((mask << 10) | rest) ^ 0x5412;
}

/** Everything but data and format bits; undefined where data goes. */
function frame({ size, align, info }) {
  const grid = Array.from({ length: size }, () => Array(size));
  const square = (cx, cy, radius, light) => {
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const ring = Math.max(Math.abs(x - cx), Math.abs(y - cy));
        if (ring <= radius) grid[y][x] ??= +!light.includes(ring);
      }
    }
  };
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ])
    square(x, y, 4, [2, 4]);
  // An alignment square stands wherever no finder does; the timing line runs through it with the same cells.
  for (const y of align) {
    for (const x of align) {
      if (grid[y][x] === undefined) square(x, y, 2, [1]);
    }
  }
  for (let i = 8; i < size - 8; i++) grid[6][i] = grid[i][6] = (i + 1) % 2;
  for (let i = 0; info && i < 18; i++) {
    const [a, b] = [size - 11 + (i % 3), (i / 3) | 0];
    grid[a][b] = grid[b][a] = (info >> i) & 1;
  }
  return grid;
}

/** Writes the format bits; `-1` in place of a mask only keeps their cells free. */
function putFormat(grid, mask) {
  const size = grid.length;
  const bits = mask < 0 ? 0 : format(mask);
  for (let i = 0; i < 15; i++) {
    const bit = (bits >> i) & 1;
    if (i < 8) grid[i < 6 ? i : i + 1][8] = grid[8][size - 1 - i] = bit;
    else grid[8][i === 8 ? 7 : 14 - i] = grid[size - 15 + i][8] = bit;
  }
  grid[size - 8][8] = 1;
}

function putData(grid, bytes, mask) {
  const size = grid.length;
  let at = 0;
  for (let right = size - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right--;
    for (let i = 0; i < size; i++) {
      const y = up ? size - 1 - i : i;
      for (const x of [right, right - 1]) {
        if (grid[y][x] !== undefined) continue;
        const bit = (bytes[at >> 3] >> (7 - (at & 7))) & 1;
        grid[y][x] = bit ^ +(MASKS[mask](x, y) === 0);
        at++;
      }
    }
  }
}

function penalty(grid) {
  const size = grid.length;
  let score = 0;
  const lines = [...grid, ...grid.map((_, x) => grid.map((row) => row[x]))].map((line) => line.join(''));
  for (const line of lines) {
    for (const run of line.match(/0{5,}|1{5,}/g) ?? []) score += run.length - 2;
    score += 40 * [...line.matchAll(/(?=10111010000|00001011101)/g)].length;
  }
  let dark = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      dark += grid[y][x];
      const sum = x && y ? grid[y][x] + grid[y - 1][x] + grid[y][x - 1] + grid[y - 1][x - 1] : 1;
      if (sum % 4 === 0) score += 3;
    }
  }
  return score + 10 * Math.floor(Math.abs((20 * dark) / size ** 2 - 10));
}

/** The modules of `HTTPS://HOST/#digits` as rows of 0 and 1. Throws a RangeError if the host does not fit. */
export function qr(host, digits) {
  const bits = segments(host, digits);
  const version = VERSIONS.find((v) => v.data * BLOCKS * 8 >= bits.length);
  if (!version) throw new RangeError('host');
  const bytes = codewords(bits, version);
  const grids = MASKS.map((_, mask) => {
    const grid = frame(version);
    putFormat(grid, -1);
    putData(grid, bytes, mask);
    putFormat(grid, mask);
    return { grid, score: penalty(grid) };
  });
  return grids.reduce((best, g) => (g.score < best.score ? g : best)).grid;
}

/** A data URL of the code as SVG, always dark on light, with the quiet zone of four modules. */
export function svg(grid) {
  const side = grid.length + 8;
  const runs = grid.flatMap((row, y) =>
    [...row.join('').matchAll(/1+/g)].map((m) => `M${m.index + 4} ${y + 4}h${m[0].length}v1h-${m[0].length}z`),
  );
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${side}v${side}H0z"/><path d="${runs.join('')}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(picture)}`;
}
