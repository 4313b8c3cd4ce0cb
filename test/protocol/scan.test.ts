import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { CancellationTokenSource, ProgressType } from 'vscode-languageserver/node';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { dependencyTree } from '../../language-server/protocol/dependencies.ts';
import { elfOverview } from '../../language-server/protocol/elf.ts';
import {
  type ScanParams,
  type ScanProgress,
  scan,
  type WhoNeedsProgress,
  whoNeeds,
} from '../../language-server/protocol/scan.ts';
import { startLanguageServer } from '../support/language-client.ts';
import { buildAll } from '../support/loader-build.ts';
import { refusal, sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const client = sharedClient({ env: { LD_LIBRARY_PATH: '' } });
const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const uriOf = (name: string): string => pathToFileUri(at(name));
const folders = [pathToFileUri(folder)];

beforeAll(async () => {
  await buildAll(
    folder,
    [
      { file: 'lib/libgone.so', soname: 'libgone.so' },
      { file: 'lib/libleaf.so', soname: 'libleaf.so' },
      { file: 'lib/libtop.so', soname: 'libtop.so', needs: ['libleaf.so', 'libgone.so'], runpath: '$ORIGIN' },
      { file: 'node_modules/x/addon.node', needs: ['libgone.so'] },
    ],
    temporaryFolder(),
  );
  rmSync(at('lib/libgone.so'));
  copyFileSync(at('lib/libleaf.so'), at('libleaf-copy.so'));
});

describe('a scan', () => {
  test('answers with the files that have problems, as their trees have them, and with copies', async () => {
    const answer = await client().request(scan, { folders });
    const { problems } = await client().request(dependencyTree, { uri: uriOf('lib/libtop.so') });
    expect(answer.files).toMatchObject([{ path: at('lib/libtop.so'), uri: uriOf('lib/libtop.so'), state: 'resolved' }]);
    expect(answer.files[0]?.problems).toEqual(problems);
    expect(problems.map(({ code }) => code)).toEqual(['dependencies/missing-library']);
    expect(answer.findings).toMatchObject([
      {
        code: 'scan/identical-copies',
        copies: [{ uri: uriOf('lib/libleaf.so') }, { uri: uriOf('libleaf-copy.so') }],
      },
    ]);
    expect(answer).toMatchObject({ elf: 3, errors: [], incomplete: null });
  });

  test('says where its codes are explained', async () => {
    const { links } = await client().request(scan, { folders });
    expect(Object.keys(links).sort()).toEqual(['dependencies/missing-library', 'scan/identical-copies']);
    for (const link of Object.values(links)) expect(link).toMatch(/^file:.*\/docs\/findings\.md#L\d+$/u);
  });

  test('leaves out what it is told to, instead of what is usual', async () => {
    const all = await client().request(scan, { folders, exclude: [] });
    expect(all.files.map(({ path }) => path)).toEqual([at('lib/libtop.so'), at('node_modules/x/addon.node')]);
    expect((await client().request(scan, { folders, exclude: ['lib', 'node_modules'] })).elf).toBe(1);
  });

  test('leaves out and grades what the settings say', async () => {
    const settings = {
      scan: { exclude: ['*.node'] },
      elf: { severity: { 'scan/identical-copies': 'off', 'dependencies/missing-library': 'hint' } },
    };
    const other = await startLanguageServer({ settings, env: { LD_LIBRARY_PATH: '' } });
    try {
      const { files, findings } = await other.request(scan, { folders });
      expect(findings).toEqual([]);
      expect(files.map(({ problems }) => problems.map(({ severity }) => severity))).toEqual([['hint']]);
    } finally {
      await other.close();
    }
  });

  test('has for each folder of the workspace the settings of that folder', async () => {
    const [outer, other, shelf] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    const inner = join(outer, 'inner');
    await buildAll(shelf, [{ file: 'libgone.so', soname: 'libgone.so' }]);
    for (const place of [outer, inner, other]) {
      await buildAll(
        place,
        [
          { file: 'a.so', needs: ['libgone.so'] },
          { file: 'out/b.so', needs: ['libgone.so'] },
        ],
        temporaryFolder(),
      );
    }
    const ofFolder = { scan: { exclude: ['out', '.*'] } };
    const several = await startLanguageServer({
      settings: { scan: { exclude: ['.*'] } },
      folderSettings: {
        [pathToFileUri(other)]: { ...ofFolder, dependencies: { libraryPath: shelf } },
        [pathToFileUri(inner)]: { ...ofFolder, elf: { severity: { 'dependencies/missing-library': 'hint' } } },
      },
      env: { LD_LIBRARY_PATH: '' },
    });
    try {
      const ask = { folders: [outer, other, inner].map(pathToFileUri) };
      const { files, elf } = await several.request(scan, ask);
      expect(elf).toBe(4);
      expect(files.map(({ path, problems }) => [path, problems.map(({ severity }) => severity)])).toEqual([
        [join(outer, 'a.so'), ['error']],
        [join(outer, 'out/b.so'), ['error']],
        [join(inner, 'a.so'), ['hint']],
      ]);
      const { dependents } = await several.request(whoNeeds, { ...ask, name: 'libgone.so' });
      expect(dependents.map(({ path, how }) => [path, how])).toEqual([
        [join(other, 'a.so'), 'resolved'],
        ...[join(outer, 'a.so'), join(inner, 'a.so'), join(outer, 'out/b.so')].sort().map(path => [path, 'missing']),
      ]);
    } finally {
      await several.close();
    }
  });

  test('of a sysroot resolves below it', async () => {
    const sysroot = temporaryFolder();
    await buildAll(
      sysroot,
      [{ file: 'usr/lib/libbelow.so' }, { file: 'opt/top.so', needs: ['libbelow.so'] }],
      temporaryFolder(),
    );
    const place = { folders: [pathToFileUri(sysroot)], exclude: ['.*'] };
    const missing = async (params: ScanParams): Promise<readonly string[]> => {
      const { files } = await client().request(scan, params);
      return files.flatMap(({ path, problems }) => problems.map(({ code }) => `${code} ${path}`)).filter(isMissing);
    };
    const isMissing = (line: string): boolean => line.startsWith('dependencies/missing-library');
    expect(await missing(place)).toEqual([`dependencies/missing-library ${join(sysroot, 'opt/top.so')}`]);
    expect(await missing({ ...place, sysroot })).toEqual([]);
  });

  test('needs no trust: nothing is run', async () => {
    const untrusted = await startLanguageServer({ initializationOptions: { trusted: false } });
    try {
      expect((await untrusted.request(scan, { folders })).elf).toBe(3);
    } finally {
      await untrusted.close();
    }
  });

  test('streams what it finds, can be cancelled, and lets other questions be answered meanwhile', async () => {
    const source = new CancellationTokenSource();
    const token = 'scan-of-everything';
    const told: ScanProgress[] = [];
    const first = new Promise<void>(resolve => {
      client().connection.onProgress(new ProgressType<ScanProgress>(), token, value => {
        told.push(value);
        resolve();
      });
    });
    const answer = refusal(
      client().request(scan, { folders: ['file:///usr', 'file:///opt'], partialResultToken: token }, source.token),
    );
    await first;
    const overview = await client().request(elfOverview, { uri: uriOf('lib/libleaf.so') });
    expect(overview.path).toBe(at('lib/libleaf.so'));
    source.cancel();
    expect((await answer).message).toMatch(/cancelled/u);
    expect(told[0]?.looked).toBeGreaterThan(0);
  });

  test.each([
    ['no folders', {}],
    ['a folder that is no URI', { folders: ['here'] }],
    ['a folder elsewhere', { folders: ['https://example.org/'] }],
    ['a glob that is no text', { folders, exclude: [1] }],
  ])('%s is refused', async (_what, params) => {
    const answer = client().request<unknown, unknown>({ method: scan.method }, params);
    expect(await refusal(answer)).toMatchObject({ data: { kind: 'invalidParams' } });
  });

  test('a folder that is not there is told, beside what is', async () => {
    const answer = await client().request(scan, { folders: [...folders, 'file:///no/such/folder'] });
    expect(answer.errors).toEqual([{ path: '/no/such/folder', message: '/no/such/folder does not exist.' }]);
    expect(answer.elf).toBe(3);
  });

  test('the next one sees what was built meanwhile', async () => {
    const place = temporaryFolder();
    await buildAll(place, [{ file: 'a.so', needs: ['libthere.so'], runpath: '$ORIGIN' }], temporaryFolder());
    const ask = async (): Promise<number> =>
      (await client().request(scan, { folders: [pathToFileUri(place)] })).files.length;
    expect(await ask()).toBe(1);
    copyFileSync(at('lib/libleaf.so'), join(place, 'libthere.so'));
    expect(await ask()).toBe(0);
    rmSync(join(place, 'libthere.so'));
    expect(await ask()).toBe(1);
  });
});

describe('who needs', () => {
  test('a file', async () => {
    const { dependents, soname, elf } = await client().request(whoNeeds, { uri: uriOf('lib/libleaf.so'), folders });
    expect(dependents).toMatchObject([
      {
        path: at('lib/libtop.so'),
        uri: uriOf('lib/libtop.so'),
        name: 'libleaf.so',
        how: 'resolved',
        object: at('lib/libleaf.so'),
      },
    ]);
    expect({ soname, elf }).toEqual({ soname: 'libleaf.so', elf: 3 });
  });

  test('a name, and nothing is found for it', async () => {
    const { dependents, path } = await client().request(whoNeeds, { name: 'libgone.so', folders, exclude: [] });
    expect(path).toBeNull();
    expect(dependents.map(dependent => [dependent.path, dependent.how])).toEqual([
      [at('lib/libtop.so'), 'missing'],
      [at('node_modules/x/addon.node'), 'missing'],
    ]);
  });

  test('streams how far it is, and can be cancelled', async () => {
    const source = new CancellationTokenSource();
    const token = 'who-needs-everything';
    const first = new Promise<WhoNeedsProgress>(resolve => {
      client().connection.onProgress(new ProgressType<WhoNeedsProgress>(), token, resolve);
    });
    const place = { folders: ['file:///usr', 'file:///opt', 'file:///root'], exclude: ['nothing-that-is-there'] };
    const answer = refusal(
      client().request(whoNeeds, { name: 'x', ...place, partialResultToken: token }, source.token),
    );
    expect((await first).looked).toBeGreaterThan(0);
    source.cancel();
    expect((await answer).message).toMatch(/cancelled/u);
  });

  test.each([
    ['neither a file nor a name', { folders }, 'invalidParams'],
    ['a library that is not there', { folders, uri: 'file:///no/such.so' }, 'notFound'],
    ['a library that is no ELF file', { folders, uri: pathToFileUri(new URL(import.meta.url).pathname) }, 'notElf'],
  ])('%s is refused', async (_what, params, kind) => {
    expect(await refusal(client().request(whoNeeds, params))).toMatchObject({ data: { kind } });
  });
});
