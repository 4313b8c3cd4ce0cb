import { shellWord } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { type ErrorKind, type Explained, explained, group, matches } from '../error-kind.ts';
import type { World } from '../world.ts';

/** GNU ld: "undefined reference to symbol `S'", then "LIBRARY: error adding symbols: DSO missing from command line". */
export const linkMissingFromCommandLine: ErrorKind = {
  *recognise(text) {
    const pattern =
      /^[^\n]*?undefined reference to symbol '(?<symbol>[^'\n]+)'[^\n]*\n[^\n]*?(?<library>\S+\.so\S*?): (?:error adding symbols: )?(?:DSO missing from command line|[^\n]+)/gmu;
    for (const match of matches(text.text, pattern)) {
      const [symbol, library] = [group(match, 'symbol'), group(match, 'library')];
      yield {
        start: match.index,
        end: match.index + match[0].length,
        key: JSON.stringify(['link-missing-from-command-line', symbol, library]),
        explain: world => explainCommandLine(world, symbol, library),
      };
    }
  },
};

async function explainCommandLine(world: World, versioned: ByteText, library: ByteText): Promise<Explained> {
  const [symbol = versioned, version] = versioned.split(/@+/u);
  const [demangled = symbol] = await world.demangle([symbol]);
  const name = /\blib(?<name>[^/]+?)\.so/u.exec(library)?.groups?.['name'];
  const path = world.locate(library);
  return explained(
    {
      kind: 'link-missing-from-command-line',
      title: `${displayText(library.slice(library.lastIndexOf('/') + 1))} is used and not named in the link command`,
      summary: `${displayText(demangled)} is defined in ${displayText(library)}, which the link editor knows only because another library needs it. It does not link with what is not named (--no-copy-dt-needed-entries).`,
    },
    {
      object: { name: library, path },
      symbol: { name: symbol, demangled: demangled === symbol ? null : demangled, version: version ?? null },
      provider: { name: library, path, how: null, offers: version === undefined ? [] : [version] },
      state: { kind: 'unknown', text: 'It depends on the command that links.' },
      remedies: [
        {
          id: 'link-with',
          title:
            name === undefined
              ? `Add ${displayText(library)} to the link command`
              : `Add -l${displayText(name)} to the link command`,
          why: 'Behind the files that use it. In CMake: target_link_libraries of the target that uses it.',
          command: name === undefined ? shellWord(library) : `-l${shellWord(name)}`,
        },
      ],
      evidence: [{ rule: 'ld(1), --no-copy-dt-needed-entries' }],
    },
  );
}
