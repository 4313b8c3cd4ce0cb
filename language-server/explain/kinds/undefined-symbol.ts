import type { ByteText } from '../../protocol/elf.ts';
import { type ErrorKind, group, matches } from '../error-kind.ts';
import { originOf } from '../origin.ts';
import type { UndefinedSymbol } from '../searched-symbol.ts';
import { explainUndefinedSymbol } from '../undefined-symbol.ts';

/**
 * glibc elf/dl-lookup.c `_dl_lookup_symbol_x`: "OBJECT: undefined symbol: NAME[, version VERSION]", and ldd -r, which puts the
 * object behind it in brackets.
 */
export const undefinedSymbol: ErrorKind = {
  *recognise(text) {
    const pattern = /^(?<before>[^\n]*?)(?<said>undefined symbol:\s+)(?<rest>[^\n]+)/gmu;
    for (const match of matches(text.text, pattern)) {
      const before = group(match, 'before').replace(/\s?:\s*$/u, '');
      // The link editors of LLVM and mold say the same words of a link.
      if (
        /(?:^|[\s/])(?:ld\.lld|ld64\.lld|wasm-ld|lld|mold|ld)(?:\.\w+)?: (?:error|fatal)$/u.test(before) ||
        /^\s*>>>/u.test(before)
      )
        continue;
      const told = parseSymbol(group(match, 'rest'));
      if (told === null) continue;
      const origin = originOf(before);
      const object = told.where ?? origin.object;
      const start = match.index + before.length - (told.where === null ? origin.length : 0);
      yield {
        start,
        end: match.index + group(match, 'before').length + group(match, 'said').length + told.length,
        key: JSON.stringify(['undefined-symbol', origin.program, object, told.symbol, told.version]),
        explain: world =>
          explainUndefinedSymbol(world, {
            ...told,
            object,
            program: origin.program,
            requester: null,
            loader: 'glibc',
            context: text.context,
          }),
      };
    }
  },
};

/** glibc up to 2.26: "symbol NAME, version V not defined in file LIBRARY with link time reference". */
export const missingSymbolVersion: ErrorKind = {
  *recognise(text) {
    const pattern =
      /^(?<before>[^\n]*?)symbol\s+(?<symbol>[^\s,]+?)(?:,?\s+version\s+(?<version>\S+))?\s+not\s+defined\s+in\s+file\s+(?<file>\S+)\s+with\s+link\s+time\s+reference/gmu;
    for (const match of matches(text.text, pattern)) {
      const before = group(match, 'before').replace(/\s?:\s*$/u, '');
      const origin = originOf(before);
      const [symbol, version] = [group(match, 'symbol'), group(match, 'version') || null];
      yield {
        start: match.index + before.length - origin.length,
        end: match.index + match[0].length,
        key: JSON.stringify(['missing-symbol-version', origin.program, origin.object, symbol, version]),
        explain: world =>
          explainUndefinedSymbol(world, {
            symbol,
            version,
            object: origin.object,
            program: origin.program,
            requester: null,
            loader: 'glibc',
            context: text.context,
          }),
      };
    }
  },
};

/** musl ldso/dynlink.c `do_relocs`: "Error relocating OBJECT: NAME: symbol not found". */
export const muslSymbolNotFound: ErrorKind = {
  *recognise(text) {
    for (const match of matches(
      text.text,
      /Error relocating (?<object>[^\n]+?): (?<symbol>[^\s:]+): symbol not found/gu,
    )) {
      const [object, symbol] = [group(match, 'object'), group(match, 'symbol')];
      const before = text.lineAt(match.index);
      const program = /(?:^|\s)(?<program>\S+): $/u.exec(before.text.slice(0, match.index - before.start))?.groups?.[
        'program'
      ];
      const told: UndefinedSymbol = {
        symbol,
        version: null,
        object,
        program: program ?? null,
        requester: null,
        loader: 'musl',
        context: text.context,
      };
      yield {
        start: match.index,
        end: match.index + match[0].length,
        key: JSON.stringify(['undefined-symbol', object, symbol]),
        explain: world => explainUndefinedSymbol(world, told),
      };
    }
  },
};

interface ToldSymbol {
  readonly symbol: ByteText;
  readonly version: ByteText | null;
  /** The object in brackets behind it. */
  readonly where: ByteText | null;
  /** Characters of the text that are part of it. */
  readonly length: number;
}

/** A name, or what a demangler made of one, with parameters and blanks. */
function parseSymbol(rest: string): ToldSymbol | null {
  const plain =
    /^(?<symbol>[A-Za-z_.$][\w.$@]*)(?=[\s,;'")\]]|$)(?:,\s+version\s+(?<version>[\w.+-]+))?(?:\s+\((?<where>[^()\s]*[/.][^()]*)\))?/u.exec(
      rest,
    );
  const match =
    plain ??
    /^(?<symbol>[A-Za-z_~][^\n']*?)(?:,\s+version\s+(?<version>[\w.+-]+))?(?:\s+\((?<where>\.{0,2}\/[^()]*)\))?\s*['"]?$/u.exec(
      rest,
    );
  const symbol = match?.groups?.['symbol'];
  if (match === null || symbol === undefined) return null;
  const where = match.groups?.['where'];
  return {
    symbol: symbol.trim(),
    version: match.groups?.['version'] ?? null,
    where: where === undefined || where === 'fatal' ? null : where,
    length: match[0].trimEnd().length,
  };
}
