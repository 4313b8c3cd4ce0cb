import type { Span } from './instruction.ts';

/** The registers of one machine, as its disassembler spells them. */
interface RegisterSet {
  /** BFD's and LLVM's file format names. */
  readonly formats: RegExp;
  /** Whole words without the `%` or `$` that some write before them. */
  readonly names: RegExp;
  /** Names of parts of one register become one name; absent: every name is a register of its own. */
  readonly family?: (name: string) => string;
}

const registerSets: readonly RegisterSet[] = [
  {
    formats: /x86-64|i386|x86_64/u,
    names:
      /^(?:[re]?(?:[abcd]x|[sd]i|[bs]p|ip|flags)|[abcd][hl]|(?:[sd]i|[bs]p)l|r(?:[89]|[12]\d|3[01])[bwdl]?|[xyzt]?mm(?:[0-9]|[12]\d|3[01])|st(?:\([0-7]\))?|k[0-7]|[c-gs]s|[cd]r\d+|bnd[0-3])$/u,
    family: x86Family,
  },
  {
    formats: /aarch64|arm64/u,
    names: /^(?:[wx](?:[12]?\d|30|zr)|w?sp|lr|fp|[vqdshbz](?:[12]?\d|3[01])|p(?:\d|1[0-5])|za\d*|ffr)$/u,
    family: name => aarch64Family(name),
  },
  {
    formats: /arm(?!64)/u,
    names: /^(?:r(?:\d|1[0-5])|sp|lr|pc|fp|ip|s[lb]|a[1-4]|v[1-8]|[sdq](?:[12]?\d|3[01])|[acs]psr\w*|fpscr)$/u,
    family: name => armNames[name] ?? name,
  },
  {
    formats: /riscv/u,
    names:
      /^(?:zero|ra|sp|gp|tp|fp|t[0-6]|s(?:\d|1[01])|a[0-7]|ft(?:\d|1[01])|fs(?:\d|1[01])|fa[0-7]|[xfv](?:[12]?\d|3[01]))$/u,
    family: name => (name === 'fp' ? 's0' : name),
  },
  { formats: /mips/u, names: /^(?:zero|at|v[01]|a[0-7]|t\d|s[0-8]|k[01]|gp|sp|fp|ra|f\d+|w\d+|\d+)$/u },
  { formats: /powerpc/u, names: /^(?:r\d+|f\d+|vs?\d+|cr[0-7]|lr|ctr|xer)$/u },
  {
    formats: /loongarch/u,
    names: /^(?:zero|ra|tp|sp|fp|x|a[0-7]|t[0-8]|s[0-9]|f(?:a[0-7]|t\d+|s[0-7])|r\d+|[vx]r\d+|fcc\d)$/u,
  },
];

/** Names of other machines: only what is a register beyond doubt. */
const anyMachine =
  /^(?:r\d{1,3}|f\d{1,3}|fr\d+|sp|fp|lr|pc|gp|ra|[astv]\d{1,2}|[gilo][0-7]|rp|ret\d|br?\d+|p\d+|[ad][0-7])$/u;

const armNames: Readonly<Record<string, string>> = {
  r15: 'pc',
  r14: 'lr',
  r13: 'sp',
  r12: 'ip',
  r11: 'fp',
  r10: 'sl',
  r9: 'sb',
};

export interface RegisterWord {
  readonly start: number;
  readonly end: number;
  /** The same for all parts of one register: `rax` for `%eax`, `%ax` and `%al`. */
  readonly family: string;
}

/** The registers among the operands, in a file of this format. What `except` covers, a symbol's name, is not looked at. */
export function findRegisters(
  line: string,
  { start, end }: Span,
  format: string,
  except: Span | null,
): readonly RegisterWord[] {
  const set = registerSets.find(({ formats }) => formats.test(format));
  const found: RegisterWord[] = [];
  const token = /([%$]?)(\b[a-z]\w*(?:\([0-7]\))?|(?<=\$)\d+)/gu;
  token.lastIndex = start;
  for (let match = token.exec(line); match !== null && match.index < end; match = token.exec(line)) {
    const [whole, mark = '', name] = match;
    if (name === undefined || (except !== null && match.index >= except.start && match.index < except.end)) continue;
    // `%hi(…)` of SPARC is no register.
    const isKnown =
      (set?.names ?? anyMachine).test(name) || (mark === '%' && set === undefined && line[token.lastIndex] !== '(');
    if (isKnown)
      found.push({ start: match.index, end: match.index + whole.length, family: set?.family?.(name) ?? name });
  }
  return found;
}

function x86Family(name: string): string {
  const numbered = /^(r(?:[89]|[12]\d|3[01]))[bwdl]?$/u.exec(name);
  if (numbered?.[1] !== undefined) return numbered[1];
  if (/^[abcd][hlx]$/u.test(name)) return `r${name[0]}x`;
  const general = /^[re]?([abcd]x|[sd]i|[bs]p|ip)l?$/u.exec(name);
  if (general?.[1] !== undefined) return `r${general[1]}`;
  return name.replace(/^[xyz]mm/u, 'zmm');
}

function aarch64Family(name: string): string {
  if (name === 'wsp') return 'sp';
  if (name === 'wzr') return 'xzr';
  if (name === 'lr') return 'x30';
  if (name === 'fp') return 'x29';
  return name.replace(/^w(?=\d)/u, 'x').replace(/^[qdshbz](?=\d)/u, 'v');
}
