import type { Dialect } from './listing.ts';
import { readSymbolReference, type SymbolReference } from './symbol-reference.ts';

/** Columns of a line, from 0; `end` is behind the last one. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Instruction {
  readonly address: bigint;
  readonly addressSpan: Span;
  /** Raw bytes as they stand in the line, which has none with `--no-show-raw-insn`. */
  readonly bytes: (Span & { readonly count: number }) | null;
  /** `lock`, `rep`, `data16 cs`: words before the mnemonic; empty where there are none. */
  readonly prefix: string;
  readonly mnemonic: Span & { readonly text: string };
  /** From the first operand to before the comment; empty where there are none. */
  readonly operands: Span;
  /** `# 2006 <table>`, `// b.none`, `@ 0x4d2`, `! 12345678`. */
  readonly comment: Span | null;
  readonly target: AddressTarget | null;
}

/** An address that objdump worked out: where a jump goes, what a load reads. */
export interface AddressTarget extends Span {
  readonly address: bigint;
  /** Absent where the file has no symbol for it. */
  readonly symbol: SymbolReference | null;
}

const address = /^ *([0-9a-f]{1,16}):(?: \(File Offset: 0x[0-9a-f]+\):)?/u;
/** GNU writes a blank behind each group. */
const gnuBytes = /\t[-|/\\>+X* ]*?((?:[0-9a-f]{2}){1,8}(?: (?:[0-9a-f]{2}){1,8})*) +(?=\t|$)/uy;
const llvmBytes = /[ \t]((?:[0-9a-f]{2}){1,8}(?: (?:[0-9a-f]{2}){1,8})*) *(?=\t|$)/uy;
/** The arrows of `--visualize-jumps` and the templates of IA-64 bundles stand before the mnemonic. */
const beforeMnemonic = /\s*(?:[|/\\>+X -]*(?=[\w({<.])|)(?:\[[A-Z]{3}\]\s*)?(?:\(p\d+\)\s+)?/uy;
/** Prefixes of x86 that objdump writes as words of their own. */
const prefix =
  /(?:lock|rep(?:n?[ez])?|bnd|notrack|(?:data|addr)(?:16|32)|rex(?:\.[WRXB]+)?|rex2\S*|[cdefgs]s|xacquire|xrelease|\{\w+\})[ \t]+(?=[a-z{])/uy;
const word = /\S+/uy;
const commentMark = /(?:^|\s)(?:#|\/\/|@|!|;)(?=\s)/gu;
const targetAddress = /(?:^|[\s,=(#@!;/*$])(0x)?([0-9a-f]{1,16}) (?=<)/gu;

/** Reads a line that {@link parseListing} took for an instruction. */
export function readInstruction(line: string, dialect: Dialect): Instruction {
  const head = address.exec(line);
  const digits = head?.[1] ?? '0';
  const behindAddress = head?.[0].length ?? 0;
  const addressEnd = line.indexOf(':') < 0 ? line.length : line.indexOf(':');
  const bytes = readBytes(line, behindAddress, dialect);
  const textStart = skip(beforeMnemonic, line, bytes?.end ?? behindAddress);
  let mnemonicStart = textStart;
  for (let next = skip(prefix, line, mnemonicStart); next > mnemonicStart; next = skip(prefix, line, mnemonicStart)) {
    mnemonicStart = next;
  }
  const mnemonicEnd = skip(word, line, mnemonicStart);
  const operandsStart = skip(/\s*/uy, line, mnemonicEnd);
  const target = findTarget(line, operandsStart, line.slice(mnemonicStart, mnemonicEnd), dialect);
  const comment = findComment(line, operandsStart, target);
  const operandsEnd = operandsStart + line.slice(operandsStart, comment?.start ?? line.length).trimEnd().length;
  return {
    address: BigInt(`0x${digits}`),
    addressSpan: { start: addressEnd - digits.length, end: addressEnd },
    bytes,
    prefix: line.slice(textStart, mnemonicStart).trim(),
    mnemonic: { start: mnemonicStart, end: mnemonicEnd, text: line.slice(mnemonicStart, mnemonicEnd) },
    operands: { start: operandsStart, end: operandsEnd },
    comment,
    target,
  };
}

/**
 * Whether the target is where control goes: objdump writes it as an operand. What a load or an address computation refers to
 * it writes as a comment (x86, ARM, RISC-V), or as the operand of one of these mnemonics.
 */
export function isBranch({ target, operands, mnemonic }: Instruction): boolean {
  // AArch64 adr*, ldr*, prfm; ARM v?ld*, pld*; x86 and m68k lea*, mov*, pea; SuperH mova; s390 larl, lgrl, exrl, …; Xtensa l32r.
  const refersOnly = /^(?:adr|prfm|v?ld|pl[di]|lea|mov|pea|l32r|st|tst|cmp(?!i?b))|rl$/u;
  return target !== null && target.start < operands.end && !refersOnly.test(mnemonic.text);
}

/** The mnemonics of x86, ARM, AArch64, RISC-V, MIPS and PowerPC that begin so are jumps and calls when an address follows. */
const jumpsToAddress =
  /^(?:j|call|loop|xbegin|br|bl?$|b\.|bl?x?(?:eq|ne|[cghlmv][est]|[cmpv][cilsy]|al)|b[egln][eqtuz]+|[ct]bn?z)/u;

function readBytes(line: string, from: number, dialect: Dialect): Instruction['bytes'] {
  const pattern = dialect === 'gnu' ? gnuBytes : llvmBytes;
  pattern.lastIndex = from;
  const match = pattern.exec(line);
  const text = match?.[1];
  if (match === null || text === undefined) return null;
  const start = match.index + match[0].indexOf(text);
  return { start, end: start + text.length, count: text.replaceAll(' ', '').length / 2 };
}

/** The column behind what the sticky pattern matches at `from`; `from` where it does not match. */
function skip(pattern: RegExp, line: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(line) ? pattern.lastIndex : from;
}

function findTarget(line: string, from: number, mnemonic: string, dialect: Dialect): AddressTarget | null {
  targetAddress.lastIndex = Math.max(0, from - 1);
  let tries = 0;
  for (let match = targetAddress.exec(line); match !== null && tries < 8; match = targetAddress.exec(line)) {
    tries += 1;
    const symbol = readSymbolReference(line, targetAddress.lastIndex);
    const digits = match[2] ?? '0';
    const start = targetAddress.lastIndex - 1 - digits.length;
    // LLVM's other numbers are decimal: for MIPS and before version 15 distances, with a symbol that means nothing.
    if (dialect === 'llvm' && match[1] === undefined) continue;
    if (symbol !== null && start >= from) return { start, end: symbol.end, address: BigInt(`0x${digits}`), symbol };
  }
  // A file without symbols: only a branch says that its last operand is an address of code.
  const bare = jumpsToAddress.test(mnemonic) ? /(?:^|[,\s])0x([0-9a-f]{1,16})(?=\s|$)/u.exec(line.slice(from)) : null;
  if (bare === null) return null;
  const digits = bare[1] ?? '0';
  const end = from + bare.index + bare[0].length;
  return { start: end - digits.length, end, address: BigInt(`0x${digits}`), symbol: null };
}

/** The comment begins at the first mark that is not inside a symbol's name. */
function findComment(line: string, from: number, target: AddressTarget | null): Span | null {
  commentMark.lastIndex = Math.max(0, from - 1);
  for (let match = commentMark.exec(line); match !== null; match = commentMark.exec(line)) {
    const start = match.index + (/\s/u.test(match[0][0] ?? '') ? 1 : 0);
    const insideName = target?.symbol != null && start > target.symbol.start && start < target.symbol.end;
    if (!insideName && start >= from) return { start, end: line.length };
  }
  return null;
}
