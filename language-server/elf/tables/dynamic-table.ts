import type { ByteText } from '../../protocol/elf.ts';
import { type DynamicTagName, dynamicTagName } from '../names/dynamic-tags.ts';
import type { DynamicEntry } from '../reader/dynamic-entries.ts';
import type { DynamicSection } from '../reader/dynamic-section.ts';
import { hex } from '../reader/fields.ts';
import { corruptName } from '../reader/string-table.ts';
import { digits } from './number-text.ts';
import { type Cells, column, type ElfTable } from './table.ts';

/** The dynamic section, as `readelf -dW` prints it. */
export const dynamicTable: ElfTable = {
  id: 'dynamic',
  title: 'Dynamic Section',
  columns: [column('tag', 'Tag', 'address'), column('type', 'Type', 'name'), column('value', 'Name/Value', 'text')],
  command: ['readelf', '-dW'],
  open(file) {
    const dynamic = file.dynamic();
    if (dynamic === null) return null;
    const { entries } = dynamic;
    const { fields, header } = file.image;
    const cells = (entry: DynamicEntry): Cells => {
      const tag = dynamicTagName(entry.tag, header.machine);
      return [digits(entry.tag, fields), tag.name, dynamicValueText(dynamic, entry, tag, header.machine)];
    };
    return {
      count: entries.count,
      page(first, count) {
        const rows: Cells[] = [];
        for (let index = first; index < Math.min(first + count, entries.count); index += 1) {
          const entry = entries.at(index);
          if (entry !== undefined) rows.push(cells(entry));
        }
        return rows;
      },
    };
  },
};

export function dynamicValueText(
  dynamic: DynamicSection,
  { value }: DynamicEntry,
  tag: DynamicTagName,
  machineCode: number,
): ByteText {
  switch (tag.kind) {
    case 'hex':
      return hex(value);
    case 'bytes':
      return `${value} (bytes)`;
    case 'number':
      return String(value);
    case 'nothing':
      return '';
    case 'tag':
      return dynamicTagName(value, machineCode).name;
    case 'time':
      return timeText(value);
    case 'text': {
      const text = dynamic.strings?.at(Number(value)) ?? corruptName;
      return text === corruptName ? `${tag.label}: ${hex(value)}` : `${tag.label}: [${text}]`;
    }
    case 'flags':
      return flagsText(value, tag);
  }
}

function flagsText(value: bigint, { label, bits = [] }: DynamicTagName): string {
  const names = bits.filter((_, bit) => (value & (1n << BigInt(bit))) !== 0n);
  const rest = value & ~((1n << BigInt(bits.length)) - 1n);
  const all = [...names, ...(rest === 0n ? [] : [rest.toString(16)])];
  if (label === undefined) return all.join(' ');
  return `${label}: ${all.length === 0 ? 'None' : all.join(' ')}`;
}

/** Seconds since 1970; a date beyond what JavaScript knows stays a number. */
function timeText(seconds: bigint): string {
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace(/\.000Z$/u, '');
}
