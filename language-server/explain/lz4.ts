/** LZ4 Frame Format 1.6: the magic number, little-endian. */
const magic = 0x184d2204;
const windowBytes = 64 << 10;
const largestBlock = 4 << 20;

/**
 * The contents of an LZ4 frame, block by block, as far as it is in order: apt keeps its lists so. A damaged frame ends early.
 * (LZ4 Frame Format Description 1.6.4, LZ4 Block Format Description.)
 */
export function* decompressLz4(bytes: Buffer): Generator<Buffer> {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== magic) return;
  const flags = bytes.readUInt8(4);
  const [hasBlockChecksum, hasSize, hasDictionary] = [(flags & 0x10) !== 0, (flags & 0x08) !== 0, (flags & 1) !== 0];
  let at = 7 + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0);
  let before = Buffer.alloc(0);
  while (at + 4 <= bytes.length) {
    const word = bytes.readUInt32LE(at);
    const size = word & 0x7fffffff;
    at += 4;
    if (size === 0 || size > largestBlock || at + size > bytes.length) return;
    const data = bytes.subarray(at, at + size);
    at += size + (hasBlockChecksum ? 4 : 0);
    const block = word >>> 31 === 1 ? data : decompressBlock(data, before);
    if (block === null) return;
    yield block;
    before = Buffer.concat([before, block]).subarray(-windowBytes);
  }
}

/** Null: the block is damaged. `before` is what matches may reach back into. */
function decompressBlock(data: Buffer, before: Buffer): Buffer | null {
  const out = Buffer.allocUnsafe(before.length + largestBlock);
  before.copy(out);
  let [from, to] = [0, before.length];
  const length = (nibble: number): number => {
    let sum = nibble;
    if (nibble < 15) return sum;
    for (let byte = 255; byte === 255 && from < data.length; from += 1) {
      byte = data[from] ?? 0;
      sum += byte;
    }
    return sum;
  };
  while (from < data.length) {
    const token = data[from] ?? 0;
    from += 1;
    const literals = length(token >> 4);
    if (from + literals > data.length || to + literals > out.length) return null;
    data.copy(out, to, from, from + literals);
    from += literals;
    to += literals;
    // The last sequence has literals only.
    if (from >= data.length) break;
    if (from + 2 > data.length) return null;
    const offset = data.readUInt16LE(from);
    from += 2;
    const matched = length(token & 15) + 4;
    if (offset === 0 || offset > to || to + matched > out.length) return null;
    copyWithin(out, to, offset, matched);
    to += matched;
  }
  return out.subarray(before.length, to);
}

/** A match may overlap what it makes: it then repeats. */
function copyWithin(out: Buffer, to: number, offset: number, count: number): void {
  if (offset >= count) {
    out.copyWithin(to, to - offset, to - offset + count);
    return;
  }
  for (let index = 0; index < count; index += 1) out[to + index] = out[to + index - offset] ?? 0;
}
