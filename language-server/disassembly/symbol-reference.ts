/** `<main+0x1f>` of a listing. */
export interface SymbolReference {
  /** Column of `<`. */
  readonly start: number;
  /** Column behind `>`. */
  readonly end: number;
  /** Without the offset: `main`, `rand@plt`, `malloc@@GLIBC_2.2.5`. */
  readonly name: string;
  readonly offset: bigint;
}

/**
 * Reads the reference whose `<` stands at `start`; null where it has no end. Demangled names hold angle brackets of their
 * own, in pairs, and the operators `<`, `>`, `->`, `<<`, `<=>`, … alone.
 */
export function readSymbolReference(line: string, start: number): SymbolReference | null {
  if (line[start] !== '<') return null;
  const end = endOfReference(line, start);
  if (end < 0) return null;
  const inside = line.slice(start + 1, end - 1);
  const offset = /^(.*)([+-])0x([0-9a-f]+)$/su.exec(inside);
  if (offset === null) return { start, end, name: inside, offset: 0n };
  const distance = BigInt(`0x${offset[3]}`);
  return { start, end, name: offset[1] ?? '', offset: offset[2] === '-' ? -distance : distance };
}

function endOfReference(line: string, start: number): number {
  let depth = 0;
  for (let at = start; at < line.length; at += 1) {
    const character = line[at];
    if (character === '<') depth += 1;
    else if (character === '>' && line[at - 1] !== '-') depth -= 1;
    else if (character === 'o' && line.startsWith('operator', at)) at = behindOperator(line, at + 8) - 1;
    if (depth === 0) return at + 1;
  }
  // Brackets that have no partner: the name ends where the line has its last one.
  const last = line.lastIndexOf('>');
  return last > start ? last + 1 : -1;
}

/** The operator's own brackets, behind which its parameters, its template arguments, an offset or the end follow. */
function behindOperator(line: string, at: number): number {
  const operator = /(?:<=>|<<=|>>=|->\*|->|<<|>>|<=|>=|<|>)(?=[(<+>@\s-])/uy;
  operator.lastIndex = at;
  return operator.test(line) ? operator.lastIndex : at;
}
