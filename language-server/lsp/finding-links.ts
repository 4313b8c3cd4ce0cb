import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where the documentation of a code stands; undefined where it has none. */
export type FindingLinks = (code: string) => string | undefined;

/**
 * Links into docs/findings.md as it is shipped: each code is a heading of that page. They name the line, which editors jump
 * to; a page that is not there gives no links. A rule of the lint has a page of its own beside it, in docs/rules.
 */
export function createFindingLinks(pagePath: string): FindingLinks {
  let lines: ReadonlyMap<string, number> | undefined;
  return code => {
    const page = join(dirname(pagePath), 'rules', `${code.slice(code.indexOf('/') + 1)}.md`);
    if (code.startsWith('cython/') && existsSync(page)) return pathToFileURL(page).href;
    lines ??= headingLines(pagePath);
    const line = lines.get(code);
    return line === undefined ? undefined : `${pathToFileURL(pagePath).href}#L${line}`;
  };
}

function headingLines(pagePath: string): ReadonlyMap<string, number> {
  try {
    const lines = readFileSync(pagePath, 'utf8').split('\n');
    return new Map(
      lines.flatMap((line, index) => {
        const code = /^### `([a-z]+\/[a-z0-9-]+)`$/u.exec(line)?.[1];
        return code === undefined ? [] : [[code, index + 1]];
      }),
    );
  } catch {
    return new Map();
  }
}
