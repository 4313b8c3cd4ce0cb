/**
 * Reads the numbers of DWARF one after the other (DWARF 5, section 7.6 for LEB128). What is not there reads as 0, and sets
 * `failed`: a caller looks at that once behind each structure instead of before each field.
 */
export class DwarfCursor {
  readonly bytes: Buffer;
  readonly isLittle: boolean;
  readonly end: number;
  at: number;
  failed = false;

  constructor(bytes: Buffer, isLittle: boolean, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.isLittle = isLittle;
    this.at = at;
    this.end = Math.min(end, bytes.length);
  }

  get left(): number {
    return this.end - this.at;
  }

  /** False, and failed, where fewer than `count` bytes are left. */
  has(count: number): boolean {
    if (count <= this.end - this.at) return true;
    this.failed = true;
    this.at = this.end;
    return false;
  }

  skip(count: number): void {
    if (this.has(count)) this.at += count;
  }

  u8(): number {
    return this.has(1) ? (this.bytes[this.at++] ?? 0) : 0;
  }

  i8(): number {
    return (this.u8() << 24) >> 24;
  }

  /** A number of 1 to 4 bytes. */
  unsigned(length: number): number {
    if (!this.has(length)) return 0;
    const { bytes, at } = this;
    this.at += length;
    return this.isLittle ? bytes.readUIntLE(at, length) : bytes.readUIntBE(at, length);
  }

  u16(): number {
    return this.unsigned(2);
  }

  u32(): number {
    return this.unsigned(4);
  }

  /** An address of 1, 2, 4 or 8 bytes. */
  address(length: number): bigint {
    if (length !== 8) return BigInt(this.unsigned(Math.min(length, 4)));
    if (!this.has(8)) return 0n;
    const { bytes, at } = this;
    this.at += 8;
    return this.isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at);
  }

  /** An offset or a length of 4 or 8 bytes. Past 2^53 it comes out rounded, and leads out of any section all the same. */
  offset(length: number): number {
    return length === 8 ? Number(this.address(8)) : this.u32();
  }

  /** Past 2^53 it comes out rounded. */
  uleb(): number {
    let value = 0;
    let scale = 1;
    for (let byte = 0x80; byte >= 0x80; scale *= 128) {
      if (!this.has(1)) return 0;
      byte = this.bytes[this.at++] ?? 0;
      // A hostile one can be as long as the section.
      if (scale <= 2 ** 70) value += (byte & 0x7f) * scale;
    }
    return value;
  }

  sleb(): number {
    let value = 0;
    let scale = 1;
    let byte = 0x80;
    for (; byte >= 0x80; ) {
      if (!this.has(1)) return 0;
      byte = this.bytes[this.at++] ?? 0;
      if (scale <= 2 ** 70) {
        value += (byte & 0x7f) * scale;
        scale *= 128;
      }
    }
    return (byte & 0x40) === 0 ? value : value - scale;
  }

  /** An address or a length that has to be exact: of the 64 lowest bits. */
  bigUleb(): bigint {
    const start = this.at;
    const value = this.uleb();
    if (value <= Number.MAX_SAFE_INTEGER) return BigInt(value);
    let exact = 0n;
    let shift = 0n;
    for (let at = start; at < this.at && shift < 70n; at += 1) {
      exact |= BigInt((this.bytes[at] ?? 0) & 0x7f) << shift;
      shift += 7n;
    }
    return BigInt.asUintN(64, exact);
  }

  /** Bytes up to a NUL, which is skipped. */
  string(): Buffer {
    const found = this.bytes.indexOf(0, this.at);
    if (found < 0 || found >= this.end) {
      this.failed = true;
      this.at = this.end;
      return Buffer.alloc(0);
    }
    const text = this.bytes.subarray(this.at, found);
    this.at = found + 1;
    return text;
  }

  block(length: number): Buffer {
    if (!this.has(length)) return Buffer.alloc(0);
    const block = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return block;
  }
}
