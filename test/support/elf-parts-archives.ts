/** Archives written byte by byte, for what no `ar` at hand writes. */
export function memberHeader(name: string, size: number | string): Buffer {
  const field = (text: string, width: number): string => text.padEnd(width).slice(0, width);
  const text = `${field(name, 16)}${field('0', 12)}${field('0', 6)}${field('0', 6)}${field('644', 8)}${field(String(size), 10)}\`\n`;
  return Buffer.from(text, 'latin1');
}

/** A member with its contents and the newline that brings the next one to an even offset. */
export function member(name: string, contents: Buffer | string): Buffer {
  const bytes = Buffer.from(contents as string);
  return Buffer.concat([memberHeader(name, bytes.length), bytes, Buffer.alloc(bytes.length % 2, '\n')]);
}

export function archive(...members: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from('!<arch>\n'), ...members]);
}

/** The symbol index of BSD ar: pairs of offsets, then names. */
export function bsdIndex(
  entries: readonly (readonly [name: string, memberOffset: number])[],
  wordBytes: 4 | 8,
  order: 'little' | 'big',
): Buffer {
  const word = (value: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    const low = bytes.subarray(0, wordBytes);
    return order === 'little' ? low : Buffer.from(low).reverse();
  };
  let names = '';
  const pairs = entries.map(([name, offset]) => {
    const pair = Buffer.concat([word(names.length), word(offset)]);
    names += `${name}\0`;
    return pair;
  });
  const array = Buffer.concat(pairs);
  return Buffer.concat([word(array.length), array, word(names.length), Buffer.from(names)]);
}

/** The symbol index of GNU ar with 64-bit words. */
export function gnuIndex64(entries: readonly (readonly [name: string, memberOffset: number])[]): Buffer {
  const word = (value: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(value));
    return bytes;
  };
  const names = entries.map(([name]) => `${name}\0`).join('');
  return Buffer.concat([word(entries.length), ...entries.map(([, offset]) => word(offset)), Buffer.from(names)]);
}
