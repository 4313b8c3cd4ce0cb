import { folderOf } from '../../dependencies/loader/link-map.ts';
import { shellCommand, shellWord } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { Remedy } from '../../protocol/explain.ts';
import { type ErrorKind, type Explained, explained, group, matches } from '../error-kind.ts';
import { originRelative } from '../file-remedies.ts';
import { hintsFor } from '../symbol-hints.ts';
import { exportersAmong, librariesOfMachine, thisMachine } from '../symbol-search.ts';
import type { World } from '../world.ts';

/** "undefined reference to `f'" of GNU ld and gold; "undefined symbol: f" of lld and mold. */
export const linkUndefinedReference: ErrorKind = {
  *recognise(text) {
    const patterns = [
      /^(?<before>[^\n]*?)undefined reference to '(?<symbol>[^'\n]+(?:'[^'\n]*[^'\n.;,)])?)'/gmu,
      /^(?<before>[^\n]*?)(?:[Vv]erweis auf|référence indéfinie (?:vers|à)|referencia a|riferimento non definito a) '(?<symbol>[^'\n]+)'/gmu,
      /^(?<before>[^\n]*?)'(?<symbol>[^'\n]+)' (?:に対する定義されていない参照|への参照が定義されていません|未定义的引用)/gmu,
      /^(?<before>[^\n]*?(?:ld\.lld|lld|mold|ld)(?:\.\w+)?: (?:error|fatal): )undefined (?:hidden |protected )?symbol: (?<symbol>[^\n]+)/gmu,
    ];
    for (const pattern of patterns) {
      for (const match of matches(text.text, pattern)) {
        const before = group(match, 'before');
        if (/symbol lookup error|ImportError|undefined reference to symbol$/u.test(before)) continue;
        const symbol = group(match, 'symbol').trim();
        const from = /(?<file>[^\s:(]+\.(?:o|obj|lo))\b/u.exec(before)?.groups?.['file'] ?? null;
        yield {
          start: match.index + (before.length - before.trimStart().length),
          end: match.index + match[0].length,
          key: JSON.stringify(['link-undefined-reference', symbol]),
          explain: world => explainReference(world, symbol, from),
        };
      }
    }
  },
};

async function explainReference(world: World, symbol: ByteText, from: ByteText | null): Promise<Explained> {
  const [demangled = symbol] = await world.demangle([symbol]);
  // The link editor shows names demangled; only plain ones can be looked up as they are.
  const isPlain = /^[A-Za-z_]\w*$/u.test(symbol);
  const exporters = isPlain
    ? (await exportersAmong(world, librariesOfMachine(world, []), symbol, thisMachine)).slice(0, 5)
    : [];
  const remedies: Remedy[] = exporters.slice(0, 2).flatMap(({ path, soname }): readonly Remedy[] => {
    const library = /^lib(?<name>.+?)\.so/u.exec(soname ?? path.slice(path.lastIndexOf('/') + 1))?.groups?.['name'];
    if (library === undefined || library === 'c') return [];
    const folder = folderOf(path);
    const isUsual = /^(?:\/usr)?\/lib(?:64)?(?:\/[\w-]+-linux-[\w-]+)?$/u.test(folder);
    return [
      {
        id: 'link-with',
        title: `Link with -l${displayText(library)}`,
        why: `${displayText(path)} defines it. Put it behind the files that use it: the link editor takes of a library what is wanted until then.${isUsual ? '' : ' The folder has to be in the RUNPATH as well, for the loader.'}`,
        command: `cc … ${isUsual ? '' : `-L${shellWord(folder)} -Wl,-rpath,${shellWord(originRelative(`${world.environment.cwd}/a.out`, folder))} `}-l${shellWord(library)}`,
      },
    ];
  });
  remedies.push(...hintsFor(symbol).flatMap(({ remedy }) => remedy ?? []));
  if (remedies.length === 0) {
    remedies.push({
      id: 'find-definition',
      title: 'Find what defines it',
      why: 'Most often: a source file or library that is missing in the command, a library before the object that uses it, or a C function that is declared without extern "C" in C++.',
      command: `nm -AC --defined-only *.o *.a 2>/dev/null | grep ${shellWord(symbol)}`,
    });
  }
  return explained(
    {
      kind: 'link-undefined-reference',
      title: `${displayText(demangled)} is used and not defined`,
      summary: `${from === null ? 'A file' : displayText(from)} uses ${displayText(demangled)}, and nothing that was given to the link editor defines it.`,
    },
    {
      object: from === null ? null : { name: from, path: world.locate(from) },
      symbol: { name: symbol, demangled: demangled === symbol ? null : demangled, version: null },
      provider:
        exporters[0] === undefined
          ? null
          : { name: exporters[0].soname ?? exporters[0].path, path: exporters[0].path, how: null, offers: [] },
      facts: [
        ...exporters.map(({ path }) => `${displayText(path)} defines it.`),
        ...hintsFor(symbol).map(({ fact }) => fact),
      ],
      state: { kind: 'unknown', text: 'It depends on the command that links.' },
      remedies,
      evidence: [
        {
          rule: 'gABI, "Symbol Table", SHN_UNDEF',
          ...(from === null ? {} : { command: shellCommand(['nm', '-u', from]) }),
        },
      ],
    },
  );
}
