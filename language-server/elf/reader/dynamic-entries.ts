import type { FieldReader } from './fields.ts';

/** An entry of the dynamic section (gABI, "Dynamic Section"). */
export interface DynamicEntry {
  readonly tag: bigint;
  readonly value: bigint;
}

/** The entries of a dynamic section up to and with the first DT_NULL. They stay bytes: most who look for a tag need one of dozens. */
export interface DynamicEntries {
  readonly count: number;
  /** Whether the last one is a DT_NULL. */
  readonly isTerminated: boolean;
  has(tag: number): boolean;
  /** Of the last entry of a tag. */
  value(tag: number): bigint | undefined;
  /** Of all entries of a tag, in their order. */
  values(tag: number): readonly bigint[];
  /** Place of the last entry of a tag; -1: there is none. */
  lastIndexOf(tag: number): number;
  /** Undefined beyond the last one. */
  at(index: number): DynamicEntry | undefined;
}

/** @param bytes Whole entries, from the first one on. */
export function decodeDynamicEntries(fields: FieldReader, bytes: Buffer): DynamicEntries {
  const { wordBytes } = fields;
  const entryBytes = 2 * wordBytes;
  // Rounded where they are beyond 2^53, which no tag is that anybody asks for.
  const tags: number[] = [];
  for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) {
    const tag = fields.word(bytes, at);
    tags.push(tag);
    if (tag === 0) break;
  }
  const valueAt = (index: number): bigint => fields.bigWord(bytes, index * entryBytes + wordBytes);
  // By hand: Array.prototype.lastIndexOf makes an object of each number that is no small integer.
  const lastIndexOf = (tag: number): number => {
    let index = tags.length - 1;
    while (index >= 0 && tags[index] !== tag) index -= 1;
    return index;
  };
  return {
    count: tags.length,
    isTerminated: tags.at(-1) === 0,
    has: tag => lastIndexOf(tag) >= 0,
    value(tag) {
      const index = lastIndexOf(tag);
      return index < 0 ? undefined : valueAt(index);
    },
    values(tag) {
      const values: bigint[] = [];
      for (let index = 0; index < tags.length; index += 1) if (tags[index] === tag) values.push(valueAt(index));
      return values;
    },
    lastIndexOf,
    at(index) {
      if (!(index >= 0 && index < tags.length)) return undefined;
      return { tag: fields.bigWord(bytes, index * entryBytes), value: valueAt(index) };
    },
  };
}
