import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveTree, type TreeOptions } from '../../../language-server/dependencies/tree/tree.ts';
import type { DependencyTree } from '../../../language-server/protocol/dependencies.ts';
import { buildAll, type Recipe, runShell } from '../../support/loader-build.ts';
import { muslLoader } from '../../support/loader-oracle.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const base = temporaryFolder();
let folders = 0;

async function built(script: string, ...recipes: readonly Recipe[]): Promise<string> {
  folders += 1;
  const folder = join(base, `${folders}`);
  mkdirSync(folder);
  await buildAll(folder, recipes);
  await runShell(script, folder);
  return folder;
}

const options: TreeOptions = { environment: { cwd: '/' }, softEdges: true };

/** `app needs NAME => PATH (rule)`, for each soft edge but the interpreter. */
function softLines(tree: DependencyTree, folder: string): readonly string[] {
  const short = (text: string): string => text.replaceAll(`${folder}/`, '');
  return tree.loadOrder.flatMap(id =>
    (tree.objects[id]?.softEdges ?? [])
      .filter(({ kind }) => kind !== 'interpreter')
      .map(({ kind, name, path, object, how }) =>
        short(
          `${id} ${kind} ${name} => ${path ?? 'nothing'}${object === null ? '' : ' loaded'} (${how?.rule ?? 'none'})`,
        ),
      ),
  );
}

/** A note as systemd writes it (UAPI Group, "ELF dlopen Metadata"). */
const note = (json: string): string => `
  cat > note.s <<'END'
.section .note.dlopen,"a",@note
.p2align 2
.long 4, 2f-1f, 0x407c0c0a
.asciz "FDO"
1: .asciz ${JSON.stringify(json)}
2: .p2align 2
.section .note.GNU-stack,"",@progbits
END`;

test('.note.dlopen: what a file says that it loads, found by its own search, and what is missing', async () => {
  const json = JSON.stringify([
    { soname: ['libnone.so.2', 'libz1.so'], feature: 'zip', description: 'Reading archives', priority: 'suggested' },
    { soname: ['libgone.so'], feature: 'gone', description: 'Going', priority: 'required' },
    { soname: ['libaway.so'] },
    { soname: ['libneeded.so'], priority: 'recommended' },
  ]);
  const folder = await built(
    `${note(json)}
     printf 'void _start(void) {}' > app.c; gcc -nostdlib -pie -Wl,--no-as-needed -Wl,-rpath,'$ORIGIN/own' -o app app.c note.s own/libneeded.so`,
    { file: 'own/libz1.so' },
    { file: 'own/libneeded.so', soname: 'libneeded.so' },
  );
  const tree = await resolveTree(join(folder, 'app'), options);
  expect(softLines(tree, folder)).toEqual([
    'app dlopen-note libnone.so.2 => nothing (none)',
    'app dlopen-note libz1.so => own/libz1.so (runpath)',
    'app dlopen-note libgone.so => nothing (none)',
    'app dlopen-note libaway.so => nothing (none)',
    'app dlopen-note libneeded.so => own/libneeded.so loaded (already-loaded)',
  ]);
  expect(tree.objects[tree.root]?.softEdges?.[2]).toMatchObject({
    alternatives: ['libnone.so.2', 'libz1.so'],
    feature: 'zip',
    description: 'Reading archives',
    priority: 'suggested',
  });
  expect(tree.problems.map(({ severity, code, edge }) => `${severity} ${code} ${edge}`)).toEqual([
    'warning dependencies/missing-dlopen libgone.so',
    'information dependencies/missing-dlopen libaway.so',
  ]);
  expect(tree.problems[0]?.message).toContain('loads libgone.so by dlopen for Going, which is not found');
});

test.each(['no JSON', '{"soname": ["libx.so"]}', '[{"soname": "libx.so"}]', '[{"soname": [3]}]', '[null]'])(
  'a note that is %s is told of',
  async json => {
    const folder = await built(`${note(json)}
      printf 'void _start(void) {}' > app.c; gcc -nostdlib -pie -o app app.c note.s`);
    const { problems, objects, root } = await resolveTree(join(folder, 'app'), options);
    expect(problems.map(({ code }) => code)).toEqual(['dependencies/broken-dlopen-note']);
    expect(objects[root]?.softEdges?.map(({ kind }) => kind)).toEqual(['interpreter']);
  },
);

const opener = `
  cat > opener.c <<'END'
  void *dlopen(const char *, int);
  const char *names[] = {"libplugin.so", "$ORIGIN/own/libplugin.so", "libgone.so.1", "lib%s.so", "a libspace.so", "notalib.so", "libneeded.so"};
  void *f(int i) { return dlopen(names[i], 1); }
END
  gcc -nostdlib -shared -fPIC -Wl,--no-as-needed -Wl,-soname,libopener.so -Wl,-rpath,'$ORIGIN/own' -o libopener.so opener.c own/libneeded.so
  sed 's/dlopen/opened/g' opener.c > other.c; gcc -nostdlib -shared -fPIC -o libother.so other.c`;
const libraries: readonly Recipe[] = [
  { file: 'own/libplugin.so' },
  { file: 'own/libneeded.so', soname: 'libneeded.so' },
];

test('strings of a file that imports dlopen are a hint; of one that does not they are strings', async () => {
  const folder = await built(opener, ...libraries);
  const tree = await resolveTree(join(folder, 'libopener.so'), options);
  expect(softLines(tree, folder)).toEqual([
    'libopener.so dlopen-hint libplugin.so => own/libplugin.so (runpath)',
    'libopener.so dlopen-hint $ORIGIN/own/libplugin.so => own/libplugin.so (path)',
    'libopener.so dlopen-hint libgone.so.1 => nothing (none)',
  ]);
  expect(tree.objects[tree.root]?.softEdges?.[2]?.tried[0]?.path).toBe(`${folder}/own/libgone.so.1`);
  expect(tree.loadOrder).toHaveLength(2);
  expect(tree.problems).toEqual([]);
  expect(softLines(await resolveTree(join(folder, 'libother.so'), options), folder)).toEqual([]);
});

test('they change nothing of the tree, and are absent where nobody asks', async () => {
  const folder = await built(opener, ...libraries);
  const path = join(folder, 'libopener.so');
  const [soft, hard] = [await resolveTree(path, options), await resolveTree(path, { environment: { cwd: '/' } })];
  expect(soft.loadOrder).toEqual(hard.loadOrder);
  expect(Object.values(hard.objects).every(object => !('softEdges' in object))).toBe(true);
  const without = Object.entries(soft.objects).map(([id, { softEdges: _, ...object }]) => [id, object]);
  expect(Object.fromEntries(without)).toEqual(Object.fromEntries(Object.entries(hard.objects)));
});

test('musl searches for the program, whoever calls dlopen', async () => {
  const folder = await built(opener, ...libraries, {
    file: 'app',
    program: true,
    needs: [],
    flags: ['-dynamic-linker', muslLoader],
    rpath: '$ORIGIN',
  });
  await buildAll(folder, [
    { file: 'app', program: true, needs: ['libopener.so'], flags: ['-dynamic-linker', muslLoader], rpath: '$ORIGIN' },
  ]);
  const tree = await resolveTree(join(folder, 'app'), options);
  expect(softLines(tree, folder)).toContain('libopener.so dlopen-hint libplugin.so => nothing (none)');
});

test('the interpreter, and whether it is there', async () => {
  const folder = await built(
    '',
    { file: 'app', program: true },
    { file: 'lost', program: true, flags: ['-dynamic-linker', '/nowhere/ld.so'] },
  );
  const edgesOf = async (file: string) => {
    const { objects, root } = await resolveTree(join(folder, file), options);
    return objects[root]?.softEdges?.map(({ kind, name, path }) => ({ kind, name, path }));
  };
  const loader = '/lib64/ld-linux-x86-64.so.2';
  expect(await edgesOf('app')).toEqual([{ kind: 'interpreter', name: loader, path: loader }]);
  expect(await edgesOf('lost')).toEqual([{ kind: 'interpreter', name: '/nowhere/ld.so', path: null }]);
});

test('strings that are made to take long do not', async () => {
  const folder = await built('', ...libraries);
  const strings = ['lib.so'.repeat(85), `/${'a/'.repeat(200)}lib.so.so`, `lib${'.so'.repeat(150)}!`, 'libx.so.1'];
  const repeated = Array.from({ length: 20_000 }, (_, index) => `.asciz "${strings[index % 3]}"`).join('\n');
  writeFileSync(
    join(folder, 'long.s'),
    `.section .rodata,"a",@progbits\n${repeated}\n.asciz "${strings[3]}"\n.data\n.quad dlopen\n`,
  );
  await runShell('as -o long.o long.s; ld -shared --allow-shlib-undefined -o liblong.so long.o', folder);
  const tree = await resolveTree(join(folder, 'liblong.so'), options);
  expect(softLines(tree, folder)).toContain('liblong.so dlopen-hint libx.so.1 => nothing (none)');
});

test('damaged notes and strings are survived', { timeout: 60_000 }, async () => {
  const folder = await built(
    `${note('[{"soname": ["libx.so"]}]')}${opener}
    gcc -nostdlib -shared -fPIC -Wl,-z,noseparate-code -o libdamaged.so opener.c note.s`,
    ...libraries,
  );
  const path = join(folder, 'libdamaged.so');
  const bytes = readFileSync(path);
  for (let at = 64; at < bytes.length; at += 11) {
    const changed = Buffer.from(bytes);
    changed[at] = 0xff;
    writeFileSync(path, changed);
    await resolveTree(path, options).catch((error: unknown) => expect(error).toMatchObject({ kind: 'notElf' }));
  }
});
