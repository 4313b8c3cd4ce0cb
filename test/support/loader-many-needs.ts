/** An ELF library of 64 bits whose dynamic section asks for all these names, and has a RUNPATH; nothing else is in it. */
export function libraryWithNeeds(names: readonly string[], runpath: string): Buffer {
  const headerBytes = 64;
  const programHeaderBytes = 56;
  const strings = Buffer.from(`\0${[...names, runpath].join('\0')}\0`, 'latin1');
  const dynamicAt = headerBytes + 2 * programHeaderBytes;
  const dynamicBytes = (names.length + 5) * 16;
  const stringsAt = dynamicAt + dynamicBytes;
  const bytes = Buffer.alloc(stringsAt + strings.length);
  bytes.write('\x7fELF\x02\x01\x01', 'latin1');
  bytes.writeUInt16LE(3, 16);
  bytes.writeUInt16LE(62, 18);
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(BigInt(headerBytes), 32);
  bytes.writeUInt16LE(headerBytes, 52);
  bytes.writeUInt16LE(programHeaderBytes, 54);
  bytes.writeUInt16LE(2, 56);
  programHeader(bytes, headerBytes, { type: 1, flags: 6, offset: 0, sizeBytes: bytes.length });
  programHeader(bytes, headerBytes + programHeaderBytes, {
    type: 2,
    flags: 6,
    offset: dynamicAt,
    sizeBytes: dynamicBytes,
  });
  let at = dynamicAt;
  const entry = (tag: number, value: number): void => {
    bytes.writeBigUInt64LE(BigInt(tag), at);
    bytes.writeBigUInt64LE(BigInt(value), at + 8);
    at += 16;
  };
  let name = 1;
  for (const text of names) {
    entry(1, name);
    name += text.length + 1;
  }
  entry(29, name);
  entry(5, stringsAt);
  entry(10, strings.length);
  entry(6, stringsAt);
  entry(0, 0);
  strings.copy(bytes, stringsAt);
  return bytes;
}

interface ProgramHeader {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly sizeBytes: number;
}

function programHeader(bytes: Buffer, at: number, { type, flags, offset, sizeBytes }: ProgramHeader): void {
  bytes.writeUInt32LE(type, at);
  bytes.writeUInt32LE(flags, at + 4);
  for (const field of [8, 16, 24]) bytes.writeBigUInt64LE(BigInt(offset), at + field);
  for (const field of [32, 40]) bytes.writeBigUInt64LE(BigInt(sizeBytes), at + field);
  bytes.writeBigUInt64LE(4096n, at + 48);
}
