import { elfRows } from '../../language-server/protocol/elf.ts';
import type { LanguageClient } from '../support/language-client.ts';
import { type Library, largestLibrary, largestSymbolTable, uriOf } from './machine.ts';
import { count, fact, heading, paired, report, run, timeAsync } from './measure.ts';

/** Filtering the largest symbol tables against nm and grep. Each time another filter, so that no cache answers. */
export async function benchFilter(client: LanguageClient): Promise<void> {
  const libraries = new Map(
    [await largestSymbolTable(), await largestLibrary()].map(library => [library.path, library]),
  );
  for (const library of libraries.values()) await filterOf(client, library);
}

async function filterOf(client: LanguageClient, { path, symbols, table }: Library): Promise<void> {
  heading(`Filter of ${count(symbols)} symbols: ${path}`);
  const page = { uri: uriOf(path), table, start: 0, count: 200 };
  const nm = table === 'symbols' ? 'nm' : 'nm -D';
  const filters: readonly { readonly name: string; wordOf(round: number): string; filterOf?(round: number): string }[] =
    [
      { name: 'a word', wordOf: round => `op${letter(round)}` },
      // The digits may be those of an address or a size: each symbol's numbers are looked at too.
      { name: 'a word of digits', wordOf: round => `a${round}` },
      {
        name: 'name~ and size:>',
        wordOf: round => `a${round}`,
        filterOf: round => `size:>${16 + round} name~a${round}`,
      },
    ];
  const first = await timeAsync(() => client.request(elfRows, { ...page, filter: 'warm' }));
  fact(`${first.toFixed(1)} ms the first time`);
  for (const { name, wordOf, filterOf: filter = wordOf } of filters) {
    const times = await paired(
      9,
      round => client.request(elfRows, { ...page, filter: filter(round) }),
      round => run('sh', ['-c', `${nm} "$1" | grep -i -- "$2" >/dev/null`, 'sh', path, wordOf(round)]),
    );
    report(`${name}, warm server`, times.ours);
    report(`${nm} | grep -i`, times.theirs, times.ours);
  }
}

function letter(round: number): string {
  return String.fromCharCode(0x61 + (round % 26));
}
