import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { FieldReader } from './fields.ts';

/**
 * Notes of the annobin plugin in `.gnu.build.attributes` ("Watermark" specification): how each region of code was compiled.
 * Their name holds the attribute: "GA", the kind of its value, its id or name, and the value.
 */
export const buildAttributeNote = { open: 0x100, function: 0x101 } as const;

export function isBuildAttribute(name: Buffer, type: number): boolean {
  const isKnownType = type === buildAttributeNote.open || type === buildAttributeNote.function;
  return isKnownType && name.length >= 4 && name.toString('latin1', 0, 2) === 'GA' && '*$!+'.includes(kindOf(name));
}

const attributeNames: readonly (string | undefined)[] = [
  undefined,
  '<version>',
  '<stack prot>',
  '<relro>',
  '<stack size>',
  '<tool>',
  '<ABI>',
  '<PIC>',
  '<short enum>',
];
const stackProtectionId = 2;
const picId = 7;
const stackProtections = ['off', 'on', 'all', 'strong', 'explicit'];
const picKinds = ['static', 'pic', 'PIC', 'pie', 'PIE'];

/** As `readelf -n` words it: "GA*<stack prot>strong", "GA+stack_clash:true". */
export function buildAttributeText(name: Buffer): ByteText {
  const kind = kindOf(name);
  const id = name[3] ?? 0;
  const isNamed = id >= 0x20;
  const nameEnd = isNamed ? endOfText(name, 3) : 4;
  const label = isNamed ? `${decodeBytes(name.subarray(3, nameEnd))}:` : (attributeNames[id] ?? `<${id}>`);
  const valueAt = isNamed ? nameEnd + 1 : nameEnd;
  return `GA${kind}${label}${valueText(name, kind, id, valueAt)}`;
}

function valueText(name: Buffer, kind: string, id: number, at: number): ByteText {
  if (kind === '+') return 'true';
  if (kind === '!') return 'false';
  if (kind === '$') return decodeBytes(name.subarray(at, endOfText(name, at)));
  let value = 0n;
  for (let index = Math.min(name.length, at + 8) - 1; index >= at; index -= 1)
    value = (value << 8n) | BigInt(name[index] ?? 0);
  const known = id === stackProtectionId ? stackProtections : id === picId ? picKinds : [];
  return known[Number(value)] ?? `0x${value.toString(16)}`;
}

/** "Applies to region from 0x4008b0 to 0x4010c5" */
export function buildAttributeRegion(descriptor: Buffer, fields: FieldReader): string {
  if (descriptor.length < 2 * fields.wordBytes) return 'Applies to region';
  const [from, to] = [0, fields.wordBytes].map(at => fields.bigWord(descriptor, at).toString(16));
  return `Applies to region from 0x${from} to 0x${to}`;
}

function kindOf(name: Buffer): string {
  return String.fromCharCode(name[2] ?? 0);
}

function endOfText(bytes: Buffer, start: number): number {
  const end = bytes.indexOf(0, start);
  return end < 0 ? bytes.length : end;
}
