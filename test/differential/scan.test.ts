import { execFileSync } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { resolveTree } from '../../language-server/dependencies/tree/tree.ts';
import { decodeBytes } from '../../language-server/native/byte-text.ts';
import type { ScannedFile } from '../../language-server/protocol/scan.ts';
import { createScanMemories } from '../../language-server/scan/memory/scan-memories.ts';
import { scanFiles } from '../../language-server/scan/scan-files.ts';
import { findWhoNeeds } from '../../language-server/scan/who-needs.ts';
import { buildAll, type Recipe } from '../support/loader-build.ts';
import { askLoader, glibcLoader } from '../support/loader-oracle.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** LD_* of whoever runs the tests hold for nothing here: the oracle is started without them. */
const environment = { cwd: '/' };
const memories = createScanMemories();

async function scan(folders: readonly string[]): Promise<readonly ScannedFile[]> {
  const files: ScannedFile[] = [];
  await scanFiles(folders, { environment, memory: memories.of(folders, { environment }) }, file => files.push(file));
  return files;
}

/** Names that the loader would not find, anywhere in the tree. */
function missesOf({ problems }: ScannedFile): readonly string[] {
  const missing = problems.filter(({ code }) => code === 'dependencies/missing-library');
  return [...new Set(missing.map(({ edge = '' }) => edge))].sort();
}

function versionErrorsOf({ problems }: ScannedFile): readonly string[] {
  const messages = problems.filter(({ code }) => code === 'dependencies/missing-version').map(({ message }) => message);
  return messages.map(message => /version `.*' not found \(required by .*\)/u.exec(message)?.[0] ?? message).sort();
}

/** The same of the loader, as ldd(1) asks it. */
async function askAll(files: readonly string[]) {
  const answers = await askLoader(glibcLoader, { files });
  return answers.map(({ objects, versionErrors, error }) => ({
    misses: [...new Set(objects.filter(({ path }) => path === null).map(({ name }) => name))].sort(),
    versionErrors,
    error,
  }));
}

describe('a folder of programs that are broken in many ways', () => {
  const folder = temporaryFolder();
  /** Each takes some libraries away from those that need them, directly, or deep below, or by a run path that leads nowhere. */
  const recipes: readonly Recipe[] = [
    ...Array.from({ length: 12 }, (_, index) => ({ file: `lib/libgone${index}.so`, soname: `libgone${index}.so` })),
    ...Array.from({ length: 12 }, (_, index) => ({
      file: `lib/libmid${index}.so`,
      soname: `libmid${index}.so`,
      needs: [`libgone${index}.so`, ...(index > 0 ? [`libmid${index - 1}.so`] : []), 'libc.so.6'],
      ...(index % 3 === 0
        ? { rpath: '$ORIGIN' }
        : { runpath: index % 3 === 1 ? '$ORIGIN' : '/nowhere:$ORIGIN/../none' }),
    })),
    ...Array.from({ length: 12 }, (_, index) => ({
      file: `bin/app${index}`,
      program: true as const,
      needs: [`libmid${index}.so`, 'libm.so.6', `libnever${index % 4}.so`].slice(0, 2 + (index % 2)),
      ...(index % 2 === 0 ? { rpath: '$ORIGIN/../lib' } : { runpath: '$ORIGIN/../lib' }),
    })),
  ];

  beforeAll(async () => {
    await buildAll(folder, recipes, temporaryFolder());
    for (const index of [1, 2, 5, 8, 11]) rmSync(join(folder, `lib/libgone${index}.so`));
  });

  test('has the misses that ldd has, file by file', async () => {
    const files = (await scan([folder])).filter(({ state }) => state === 'resolved');
    const loader = await askAll(files.map(({ path }) => path));
    expect(files.map(file => ({ path: file.path, misses: missesOf(file) }))).toEqual(
      files.map(({ path }, index) => ({ path, misses: loader[index]?.misses })),
    );
    expect(files.length).toBe(12 + 12 + 12 - 5);
    expect(files.filter(file => missesOf(file).length > 0).length).toBeGreaterThan(15);
    expect(files.filter(file => missesOf(file).length === 0).length).toBeGreaterThan(5);
  });
});

describe('this machine', () => {
  const folders = ['/usr/bin', '/usr/lib/x86_64-linux-gnu'];

  test('has in each file what its tree has, scanned once or again', async () => {
    const first = await scan(folders);
    const again = await scan(folders);
    expect(again).toEqual(first);
    const differing: string[] = [];
    for (const { path, problems, needs, state } of first) {
      const tree = await resolveTree(path, { environment });
      const own = (tree.objects[tree.root]?.needs ?? []).map(({ name, object }) => [name, object]);
      const expected = tree.problems.filter(({ code }) => code !== `dependencies/${state}`);
      const isSame =
        JSON.stringify([problems, needs.map(({ name, object }) => [name, object])]) === JSON.stringify([expected, own]);
      if (!isSame) differing.push(path);
    }
    expect(differing).toEqual([]);
    expect(first.length).toBeGreaterThan(300);
  });

  test('has the misses and version errors of ldd, where there are any and where there are none', async () => {
    const resolved = (await scan(folders)).filter(({ state, machine }) => state === 'resolved' && machine === 'x86-64');
    const broken = resolved.filter(file => missesOf(file).length + versionErrorsOf(file).length > 0);
    const whole = resolved.filter(file => !broken.includes(file));
    const some = [...broken.slice(0, 100), ...whole.filter((_, index) => index % 20 === 3)];
    const loader = await askAll(some.map(({ path }) => path));
    const compared = some.flatMap((file, index) => {
      const answer = loader[index];
      // What ends the loader (a static program, an executable that it will not map) is told by another test.
      if (answer === undefined || answer.error !== null) return [];
      return [{ file, ours: [missesOf(file), versionErrorsOf(file)], theirs: [answer.misses, answer.versionErrors] }];
    });
    expect(compared.length).toBeGreaterThan(30);
    expect(compared.filter(({ ours, theirs }) => JSON.stringify(ours) !== JSON.stringify(theirs))).toEqual([]);
  });

  test('who needs each of the most needed libraries: NEEDED by readelf, the file by the loader', async () => {
    const files = await scan(folders);
    const needed = neededByReadelf(files.map(({ path }) => path));
    const byName = new Map<string, Set<string>>();
    for (const [path, names] of needed) {
      for (const name of names) byName.set(name, (byName.get(name) ?? new Set<string>()).add(path));
    }
    const mostNeeded = [...byName].sort(([a, x], [b, y]) => y.size - x.size || (a < b ? -1 : 1)).slice(0, 12);
    expect(mostNeeded.length).toBe(12);
    for (const [name, expected] of mostNeeded) {
      const options = { environment, memory: memories.of(folders, { environment }) };
      const { dependents } = await findWhoNeeds({ name }, [{ paths: folders, ...options }]);
      expect(dependents.map(({ path }) => path).sort(), name).toEqual([...expected].sort());
      const [first] = dependents.filter(({ object }) => object !== null);
      if (first?.object === undefined || first.object === null) continue;
      const ofFile = await findWhoNeeds({ path: first.object }, [{ paths: folders, ...options }]);
      const resolved = ofFile.dependents.filter(({ how }) => how === 'resolved');
      const sample = resolved.filter((_, index) => index % Math.ceil(resolved.length / 5) === 0);
      for (const [index, answer] of (
        await askLoader(glibcLoader, { files: sample.map(({ path }) => path) })
      ).entries()) {
        if (answer.error !== null) continue;
        // It may be listed under another name than the one that is asked for here.
        const loaded = answer.objects.flatMap(({ path }) => (path === null ? [] : [inode(path)]));
        expect(loaded, `${sample[index]?.path} ${name}`).toContain(inode(first.object));
      }
    }
  });
});

function inode(path: string): string {
  const { dev, ino } = statSync(path);
  return `${dev}:${ino}`;
}

/** NEEDED of each file, by one process of readelf for all of them. */
function neededByReadelf(files: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const input = files.join('\0');
  // Exit status 123: readelf complains of some file.
  const output = execFileSync(
    'sh',
    ['-c', 'LC_ALL=C xargs -0 -s 2000000 readelf -dW 2>/dev/null; test $? = 0 -o $? = 123 -o $? = 1'],
    {
      input,
      maxBuffer: 1 << 30,
    },
  );
  const needed = new Map<string, readonly string[]>();
  for (const part of decodeBytes(output)
    .split(/^File: /mu)
    .slice(1)) {
    const names = [...part.matchAll(/\(NEEDED\) +Shared library: \[(.*)\]$/gmu)].map(match => match[1] ?? '');
    needed.set(part.slice(0, part.indexOf('\n')), [...new Set(names)]);
  }
  return needed;
}
