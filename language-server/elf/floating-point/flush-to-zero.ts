import type { ByteText } from '../../protocol/elf.ts';
import type { ElfFile } from '../elf-file.ts';
import { machine } from '../names/machines.ts';
import { initializerArrays } from '../reader/initializers.ts';
import { initializerTargets } from '../relocations/initializer-targets.ts';

/** A function that runs when the file is loaded, and has the processor take subnormal numbers for zero from then on. */
export interface FlushToZero {
  readonly address: bigint;
  /** Empty where no symbol tells it. */
  readonly symbol: ByteText;
  /** Results that would be subnormal become zero. */
  readonly flushesResults: boolean;
  /** Subnormal operands are taken for zero. */
  readonly flushesOperands: boolean;
  /** The instruction that does it. */
  readonly instruction: string;
}

type Mode = Pick<FlushToZero, 'flushesResults' | 'flushesOperands' | 'instruction'>;

/** GCC's function has 23 bytes, the one of i386, which asks for SSE first, some 150. */
const longestFunction = 512;

/**
 * GCC and Clang link `crtfastmath.o` into what is linked with -ffast-math (GCC up to 12 into shared libraries too): a constructor
 * that sets bits of MXCSR or FPCR, for the thread that loads it and all that it starts. It is found by its code: the symbol
 * `set_fast_math` is local and is stripped.
 */
export function flushToZeroOf(file: ElfFile): FlushToZero | null {
  const read = readers[file.image.header.machine];
  if (read === undefined) return null;
  const codeAt: ReadCode = address => functionBytes(file, address);
  for (const array of initializerArrays(file)) {
    if (array.kind === 'fini' || array.kind === 'fini array' || array.kind === 'destructors') continue;
    for (const { address, symbol } of initializerTargets(file, array)) {
      const mode = address === null || address === 0n ? null : read(codeAt, address);
      if (address !== null && mode !== null) return { address, symbol, ...mode };
    }
  }
  return null;
}

/** Bytes from the start of a function on, with more behind its end. Empty where the address leads nowhere. */
type ReadCode = (address: bigint) => Buffer;

function functionBytes({ image }: ElfFile, address: bigint): Buffer {
  const offset = image.offsetOfAddress(address);
  if (offset < 0) return Buffer.alloc(0);
  // _init, the first function of all, ends with its section and is not padded.
  const section = image
    .firstSections()
    .find(candidate => address >= candidate.address && address < candidate.address + BigInt(candidate.sizeBytes));
  const left = section === undefined ? longestFunction : Number(section.address + BigInt(section.sizeBytes) - address);
  return image.source.read(offset, Math.min(longestFunction, left));
}

const readers: Readonly<Record<number, (codeAt: ReadCode, address: bigint) => Mode | null>> = {
  [machine.x86_64]: (codeAt, address) => x86Mode(codeAt(address), address),
  [machine.i386]: i386Mode,
  [machine.aarch64]: (codeAt, address) => aarch64Mode(codeAt(address)),
};

/** On i386 the constructor asks by CPUID whether there is an MXCSR, and calls another function to set it. */
function i386Mode(codeAt: ReadCode, address: bigint): Mode | null {
  const code = codeAt(address);
  const own = x86Mode(code, address);
  if (own !== null) return own;
  if (!code.includes(cpuid)) return null;
  for (let at = 0; at + 5 <= code.length; at += 1) {
    if (code[at] !== 0xe8) continue;
    const called = address + BigInt(at + 5 + code.readInt32LE(at + 1));
    const mode = x86Mode(codeAt(called), called);
    if (mode !== null) return mode;
  }
  return null;
}

const cpuid = Buffer.from([0x0f, 0xa2]);

/** MXCSR (Intel SDM 10.2.3): bit 15 FZ, bit 6 DAZ. */
const [flushToZeroBit, denormalsAreZeroBit] = [0x8000, 0x40];

/**
 * LDMXCSR of memory (0F AE /2, with VEX too), and before it an OR of a constant with one of the bits: into memory (81 /1), into EAX
 * (0D) or another register. The code is not decoded from its start: that these bytes stand together by chance is next to impossible.
 */
function x86Mode(bytes: Buffer, address: bigint): Mode | null {
  const code = bytes.subarray(0, x86FunctionEnd(bytes, address));
  for (let at = 1; at + 2 < code.length; at += 1) {
    const isLoad = (code[at - 1] === 0x0f || code[at - 1] === 0xf8) && code[at] === 0xae;
    const modRm = code[at + 1] ?? 0xff;
    if (!isLoad || ((modRm >> 3) & 7) !== 2 || modRm >> 6 === 3) continue;
    const bits = orConstant(code.subarray(0, at));
    const isFlushing = (bits & (flushToZeroBit | denormalsAreZeroBit)) !== 0;
    if (!isFlushing) continue;
    return {
      flushesResults: (bits & flushToZeroBit) !== 0,
      flushesOperands: (bits & denormalsAreZeroBit) !== 0,
      instruction: `or $0x${bits.toString(16)}; ldmxcsr`,
    };
  }
  return null;
}

/**
 * Where a function ends: behind a RET or a JMP, where padding begins (NOP, INT3) or the next multiple of 16, to which compilers align
 * functions.
 */
function x86FunctionEnd(code: Buffer, address: bigint): number {
  for (let at = 1; at < code.length; at += 1) {
    const isOver = code[at - 1] === 0xc3 || code[at - 2] === 0xeb || code[at - 5] === 0xe9;
    if (isOver && ((address + BigInt(at)) % 16n === 0n || isPadding(code, at))) return at;
  }
  return code.length;
}

function isPadding(code: Buffer, at: number): boolean {
  let start = at;
  while (code[start] === 0x66 || code[start] === 0x2e) start += 1;
  return code[start] === 0x90 || code[start] === 0xcc || (code[start] === 0x0f && code[start + 1] === 0x1f);
}

/** The constants of all ORs, which may set the bits one by one. Control bits of MXCSR are 16. */
function orConstant(code: Buffer): number {
  let bits = 0;
  for (let at = 0; at < code.length; at += 1) {
    const constant = orAt(code, at);
    if (constant > 0 && constant <= 0xffff) bits |= constant;
  }
  return bits;
}

/** The constant of an OR that begins here; 0: none does (Intel SDM, OR: 81 /1, 83 /1, 0D, 80 /1, 0C). */
function orAt(code: Buffer, at: number): number {
  const modRm = code[at + 1] ?? 0;
  const isGroup = ((modRm >> 3) & 7) === 1;
  const constantAt = at + 2 + addressBytes(modRm, code[at + 2] ?? 0);
  const isRegister = modRm >> 6 === 3;
  switch (code[at]) {
    case 0x0d:
      return at + 5 <= code.length ? code.readUInt32LE(at + 1) : 0;
    case 0x81:
      return isGroup && constantAt + 4 <= code.length ? code.readUInt32LE(constantAt) : 0;
    case 0x83:
      // The byte keeps its sign: 0x40 is that bit, 0x80 would be all upper ones.
      return isGroup && constantAt < code.length ? code.readInt8(constantAt) : 0;
    case 0x80:
      // AH, CH, DH and BH are the second byte of their registers.
      return isGroup && isRegister ? (code[at + 2] ?? 0) << ((modRm & 4) === 0 ? 0 : 8) : 0;
    default:
      return 0;
  }
}

/** Bytes of SIB and displacement behind ModR/M (Intel SDM 2.1.3), with 32 or 64 bits of address. */
function addressBytes(modRm: number, sib: number): number {
  const [mod, rm] = [modRm >> 6, modRm & 7];
  if (mod === 3) return 0;
  const hasSib = rm === 4;
  const hasBase = hasSib ? (sib & 7) !== 5 : rm !== 5;
  const displacement = mod === 1 ? 1 : mod === 2 || !hasBase ? 4 : 0;
  return (hasSib ? 1 : 0) + displacement;
}

/** FPCR (Arm ARM, C5.2.8): bit 24 FZ, which flushes operands and results. */
const fpcrFlush = 1 << 24;

/** MSR FPCR, Xt, and before it a constant with the bit: MOVZ of it, or ORR with it. Instructions are little-endian on every Arm. */
function aarch64Mode(code: Buffer): Mode | null {
  let hasBit = false;
  for (let at = 0; at + 4 <= code.length; at += 4) {
    const word = code.readUInt32LE(at);
    if (word === 0xd65f03c0) return null;
    // MOVZ Wd/Xd, #0x100, LSL #16; ORR Xd, Xn, #1<<24; ORR Wd, Wn, #1<<24.
    if ((word & 0x7fffffe0) === 0x52a02000) hasBit = true;
    if ((word & 0xfffffc00) >>> 0 === 0xb2680000 || (word & 0xfffffc00) >>> 0 === 0x32080000) hasBit = true;
    if (hasBit && (word & 0xffffffe0) >>> 0 === 0xd51b4400)
      return {
        flushesResults: true,
        flushesOperands: true,
        instruction: `orr #0x${fpcrFlush.toString(16)}; msr fpcr`,
      };
  }
  return null;
}
