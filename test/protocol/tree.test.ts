import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DocumentDiagnosticRequest } from 'vscode-languageserver/node';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { type DependencyTree, dependencyTree } from '../../language-server/protocol/dependencies.ts';
import { elfOverview } from '../../language-server/protocol/elf.ts';
import { compileLibrary, compileProgram } from '../support/sample-files.ts';
import { refusal, sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const client = sharedClient();
const folder = temporaryFolder();
const inner = compileLibrary(folder, 'libinner.so', 'int inner(void) { return 1; }');
const outer = compileLibrary(folder, 'libouter.so', 'int inner(void); int outer(void) { return inner(); }', [
  `-L${folder}`,
  '-linner',
  '-Wl,-rpath,$ORIGIN',
]);
const program = compileProgram(folder, 'program', 'int outer(void); int main(void) { return outer(); }', [
  `-L${folder}`,
  '-louter',
  '-Wl,-rpath,$ORIGIN',
  `-Wl,-rpath-link,${folder}`,
]);
const elsewhere = join(folder, 'elsewhere');
compileLibrary(elsewhere, 'libgone.so', 'int gone(void) { return 1; }');
const broken = compileLibrary(folder, 'libbroken.so', 'int gone(void); int broken(void) { return gone(); }', [
  `-L${elsewhere}`,
  '-lgone',
]);
mkdirSync(join(folder, 'kept'));
execFileSync('mv', [join(elsewhere, 'libgone.so'), join(folder, 'kept/libgone.so')]);
rmSync(elsewhere, { recursive: true });

const treeOf = (path: string, more: object = {}): Promise<DependencyTree> =>
  client().request(dependencyTree, { uri: pathToFileUri(path), ...more });

describe('the tree', () => {
  test('lists what the loader lists, in its order', async () => {
    const tree = await treeOf(program);
    const ours = tree.loadOrder.map(id => tree.objects[id]?.path);
    const interpreter = execFileSync('readelf', ['-lW', program], { encoding: 'utf8' });
    const loader = /interpreter: (\S+)\]/u.exec(interpreter)?.[1] ?? '';
    const printed = execFileSync(loader, ['--list', program], { encoding: 'utf8' });
    const theirs = [...printed.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gmu)].map(match => match[1]);
    expect(ours).toEqual([program, ...theirs]);
  });

  test('says which rule found each library', async () => {
    const tree = await treeOf(program);
    const need = tree.objects[tree.root]?.needs.find(({ name }) => name === 'libouter.so');
    expect(need?.how).toMatchObject({ rule: 'runpath', from: program, entry: '$ORIGIN', entryNumber: 1 });
    expect(tree.objects[need?.object ?? '']?.path).toBe(outer);
    const below = tree.objects[need?.object ?? '']?.needs.find(({ name }) => name === 'libinner.so');
    expect(tree.objects[below?.object ?? '']?.path).toBe(inner);
    expect(tree.loader.kind).toBe('glibc');
  });

  test('counts a missing library up to the root, and lists where it was looked for', async () => {
    const tree = await treeOf(broken);
    const need = tree.objects[tree.root]?.needs.find(({ name }) => name === 'libgone.so');
    expect(need?.object).toBeNull();
    expect(need?.tried.length).toBeGreaterThan(0);
    expect(tree.objects[tree.root]?.problemsBelow).toBe(1);
    expect(tree.problems).toMatchObject([{ severity: 'error', edge: 'libgone.so' }]);
  });

  test('answers "what if" for another library path', async () => {
    const tree = await treeOf(broken, { libraryPath: join(folder, 'kept') });
    const need = tree.objects[tree.root]?.needs.find(({ name }) => name === 'libgone.so');
    expect(need?.how?.rule).toBe('library-path');
    expect(tree.problems).toEqual([]);
  });

  test('is refused for what is no ELF file', async () => {
    expect((await refusal(treeOf('/etc/passwd'))).data?.kind).toBe('notElf');
  });
});

describe('findings about a file', () => {
  test('are diagnostics of the file, also for what the loader would miss', async () => {
    const textDocument = { uri: pathToFileUri(broken) };
    const report = await client().connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument });
    expect(report).toMatchObject({
      kind: 'full',
      items: expect.arrayContaining([
        expect.objectContaining({ code: 'dependencies/missing-library', severity: 1, source: 'Binary Detective' }),
      ]),
    });
    expect(JSON.stringify(report)).toContain('libgone.so');
  });

  test('stand in the overview too', async () => {
    const path = compileLibrary(folder, 'libstack.so', 'int stack;', ['-z', 'execstack']);
    const { findings } = await client().request(elfOverview, { uri: pathToFileUri(path) });
    expect(findings.map(({ code }) => code)).toContain('elf/executable-stack');
  });
});
