import { machine } from '../names/machines.ts';
import type { FieldReader } from './fields.ts';

/** One property of NT_GNU_PROPERTY_TYPE_0 ("Linux Extensions to gABI", Program Property). */
export interface GnuProperty {
  readonly type: number;
  readonly data: Buffer;
}

/** Data is padded to the size of a word. Stops where a property does not fit. */
export function readGnuProperties(descriptor: Buffer, fields: FieldReader): readonly GnuProperty[] {
  const properties: GnuProperty[] = [];
  for (let at = 0; at + 8 <= descriptor.length; ) {
    const type = fields.u32(descriptor, at);
    const sizeBytes = fields.u32(descriptor, at + 4);
    if (sizeBytes > descriptor.length - at - 8) break;
    properties.push({ type, data: descriptor.subarray(at + 8, at + 8 + sizeBytes) });
    at += 8 + Math.ceil(sizeBytes / fields.wordBytes) * fields.wordBytes;
  }
  return properties;
}

interface BitProperty {
  readonly machines: readonly number[];
  readonly type: number;
  readonly label: string;
  /** Names of the bits, lowest first. */
  readonly bits: readonly string[];
}

const x86: readonly number[] = [machine.i386, machine.iamcu, machine.x86_64, machine.l1om, machine.k1om];
const x86Isa = ['x86-64-baseline', 'x86-64-v2', 'x86-64-v3', 'x86-64-v4'];
const x86Features = ['x86', 'x87', 'MMX', 'XMM', 'YMM', 'ZMM', 'FXSR', 'XSAVE', 'XSAVEOPT', 'XSAVEC', 'TMM', 'MASK'];
const x86OldIsa = [
  'CMOV',
  'SSE',
  'SSE2',
  'SSE3',
  'SSSE3',
  'SSE4_1',
  'SSE4_2',
  'AVX',
  'AVX2',
  'FMA',
  'AVX512F',
  'AVX512CD',
  'AVX512ER',
  'AVX512PF',
  'AVX512VL',
  'AVX512DQ',
  'AVX512BW',
  'AVX512_4FMAPS',
  'AVX512_4VNNIW',
  'AVX512_BITALG',
  'AVX512_IFMA',
  'AVX512_VBMI',
  'AVX512_VBMI2',
  'AVX512_VNNI',
  'AVX512_BF16',
];

/** Branch protection that the loader may switch on: Intel CET, AArch64 BTI and PAC. */
export const branchProtection = {
  x86Feature1: 0xc0000002,
  x86Ibt: 1,
  x86Shstk: 2,
  aarch64Feature1: 0xc0000000,
  aarch64Bti: 1,
  aarch64Pac: 2,
} as const;

/** The levels of x86-64 that code needs, lowest bit first: baseline, v2, v3, v4 (x86-64 psABI, GNU_PROPERTY_X86_ISA_1_NEEDED). */
export const x86IsaNeeded = 0xc0008002;

const bitProperties: readonly BitProperty[] = [
  { machines: x86, type: 0xc0000000, label: 'x86 ISA used', bits: x86OldIsa },
  { machines: x86, type: 0xc0000001, label: 'x86 ISA needed', bits: x86OldIsa },
  {
    machines: x86,
    type: branchProtection.x86Feature1,
    label: 'x86 feature',
    bits: ['IBT', 'SHSTK', 'LAM_U48', 'LAM_U57'],
  },
  { machines: x86, type: 0xc0008000, label: 'x86 ISA needed', bits: x86OldIsa },
  { machines: x86, type: 0xc0008001, label: 'x86 feature needed', bits: x86Features },
  { machines: x86, type: x86IsaNeeded, label: 'x86 ISA needed', bits: x86Isa },
  { machines: x86, type: 0xc0010001, label: 'x86 feature used', bits: x86Features },
  { machines: x86, type: 0xc0010002, label: 'x86 ISA used', bits: x86Isa },
  {
    machines: [machine.aarch64],
    type: branchProtection.aarch64Feature1,
    label: 'AArch64 feature',
    bits: ['BTI', 'PAC'],
  },
];

/** As readelf words them: "x86 feature: IBT, SHSTK". */
export function gnuPropertyTexts(descriptor: Buffer, fields: FieldReader, machineCode: number): readonly string[] {
  return readGnuProperties(descriptor, fields).map(property => propertyText(property, fields, machineCode));
}

function propertyText({ type, data }: GnuProperty, fields: FieldReader, machineCode: number): string {
  const known = bitProperties.find(property => property.type === type && property.machines.includes(machineCode));
  if (known !== undefined && data.length === 4) return `${known.label}: ${bitNames(fields.u32(data, 0), known.bits)}`;
  if (type === 1 && data.length === fields.wordBytes) return `stack size: 0x${fields.bigWord(data, 0).toString(16)}`;
  if (type === 2) return 'no copy on protected';
  if (type === 0xb0008000 && data.length === 4) {
    const bits = fields.u32(data, 0);
    return `1_needed: ${bits === 0 ? '<None>' : bitNames(bits, ['indirect external access'])}`;
  }
  const bytes = data
    .subarray(0, 64)
    .toString('hex')
    .replace(/(..)(?=.)/gu, '$1 ');
  return `<type ${type.toString(16)} data: ${bytes}>`;
}

function bitNames(value: number, names: readonly string[]): string {
  if (value === 0) return '<None>';
  const set: string[] = [];
  for (let bit = 0; bit < 32; bit += 1) {
    const mask = 2 ** bit;
    if (Math.floor(value / mask) % 2 === 1) set.push(names[bit] ?? `<unknown: ${mask.toString(16)}>`);
  }
  return set.join(', ');
}
