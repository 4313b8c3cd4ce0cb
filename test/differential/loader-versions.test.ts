import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { versionProviders } from '../../language-server/dependencies/glibc/versions.ts';
import { resolveFile } from '../../language-server/dependencies/resolve-file.ts';
import { decodeBytes } from '../../language-server/native/byte-text.ts';
import { elfFilesBelow } from '../support/loader-files.ts';
import { glibcLoader } from '../support/loader-oracle.ts';

/**
 * Programs and libraries of this machine: which object is asked for which version, as `ldd -v` prints it. A sample, or with
 * LOADER_VERSIONS=all every file.
 */
const folders = ['/usr/bin', '/usr/sbin', '/usr/lib', '/usr/libexec', '/usr/local', '/lib', '/opt'].filter(existsSync);
const own = elfFilesBelow(folders).filter(({ machine, class: bits }) => machine === 62 && bits === 64);
const step = process.env['LOADER_VERSIONS'] === 'all' ? 1 : Math.max(1, Math.floor(own.length / 200));
const files = own.filter((_, index) => index % step === 0).map(({ path }) => path);

/** `requester name (VERSION) => path`, each once, sorted; null where the loader gives up. */
function versionsByLoader(file: string): Promise<readonly string[] | null> {
  return new Promise(resolve => {
    const env = { LC_ALL: 'C', LD_TRACE_LOADED_OBJECTS: '1', LD_WARN: 'yes', LD_VERBOSE: 'yes' };
    execFile(glibcLoader, [file], { cwd: '/', env, encoding: 'buffer', maxBuffer: 1 << 28 }, (_error, stdout) => {
      const [, listed] = decodeBytes(stdout).split('\n\tVersion information:\n');
      let requester = '';
      const lines = new Set<string>();
      for (const line of listed?.split('\n') ?? []) {
        const header = /^\t(\S.*):$/u.exec(line)?.[1];
        const [, need] = /^\t\t(.*)$/u.exec(line) ?? [];
        if (header !== undefined) requester = header;
        if (need !== undefined) lines.add(`${requester} ${need}`);
      }
      resolve(listed === undefined ? null : [...lines].sort());
    });
  });
}

async function versionsByUs(file: string): Promise<readonly string[]> {
  const { loadOrder, root } = await resolveFile(file, { cwd: '/' }, undefined);
  const lines = versionProviders(loadOrder).flatMap(({ requester, need, provider }) =>
    need.versions.map(({ name, weak }) => {
      const defined = provider?.object.versionDefinitions?.some(definition => definition.name === name) === true;
      const path = defined ? provider.shownPath : 'not found';
      return `${requester.shownPath} ${need.file} (${name}) ${weak ? '[WEAK] ' : ''}=> ${path}`;
    }),
  );
  expect(root.shownPath).toBe(file);
  return [...new Set(lines)].sort();
}

test(`versions of ${files.length} files as ldd -v lists them`, async () => {
  const disagreements: string[] = [];
  let compared = 0;
  for (const file of files) {
    const theirs = await versionsByLoader(file);
    if (theirs === null) continue;
    compared += 1;
    const ours = await versionsByUs(file);
    const here = ours.filter(line => !theirs.includes(line));
    const there = theirs.filter(line => !ours.includes(line));
    if (here.length + there.length > 0)
      disagreements.push(`${file}: here ${here.slice(0, 2)}, there ${there.slice(0, 2)}`);
  }
  expect(disagreements.slice(0, 5)).toEqual([]);
  expect(compared).toBeGreaterThan(50);
});
