import { copyFileSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveFile } from '../../../language-server/dependencies/resolve-file.ts';
import { buildAll, type Recipe, runShell } from '../../support/loader-build.ts';
import { checkAgainstMusl } from '../../support/loader-check-musl.ts';
import { askLoader, muslLoader } from '../../support/loader-oracle.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** Root file systems with a musl of their own, whose `--list` inside them is the oracle: what stands under /etc decides. */
const base = temporaryFolder();
let roots = 0;

interface Case {
  readonly loader?: string;
  /** Path in the root and contents of `ld-musl-x86_64.path`; null: a folder of that name. */
  readonly pathFile?: readonly [path: string, contents: string | null];
  readonly expected: readonly string[];
}

const libraries: readonly Recipe[] = ['lib', 'usr/lib', 'usr/local/lib', 'opt/a', 'opt/b'].map(folder => ({
  file: `${folder}/liba.so`,
}));

function check(rule: string, { loader = muslLoader, pathFile, expected }: Case): void {
  test(rule, async () => {
    roots += 1;
    const root = join(base, `${roots}`);
    mkdirSync(join(root, dirname(loader)), { recursive: true });
    copyFileSync(realpathSync(muslLoader), join(root, loader));
    const program = { program: true, flags: ['-dynamic-linker', loader] } as const;
    await buildAll(root, [
      { file: 'usr/bin/app', needs: ['liba.so', 'libonly.so'], ...program },
      ...libraries,
      { file: 'usr/local/lib/libonly.so' },
    ]);
    if (pathFile !== undefined) {
      const [path, contents] = pathFile;
      mkdirSync(join(root, dirname(path)), { recursive: true });
      if (contents === null) mkdirSync(join(root, path));
      else writeFileSync(join(root, path), contents);
    }
    const { loadOrder, main } = await resolveFile(join(root, 'usr/bin/app'), { cwd: '/', sysroot: root }, undefined);
    const ours = main.edges.map(
      ({ name, found }) => `${name} ${found === null ? 'missing' : found.shownPath.slice(root.length)}`,
    );
    const [answer] = await askLoader(`/usr/sbin/chroot ${root} ${loader}`, { files: ['/usr/bin/app'], mode: 'list' });
    const theirs = answer?.objects.filter(({ path }) => path !== loader) ?? [];
    expect(theirs.map(({ name, path }) => `${name} ${path ?? 'missing'}`)).toEqual(ours);
    expect(ours).toEqual(expected);
    expect(loadOrder.every(({ shownPath }) => shownPath.startsWith(`${root}/`))).toBe(true);
  });
}

const etc = '/etc/ld-musl-x86_64.path';

check('without a file the built-in folders: /lib, /usr/local/lib, /usr/lib', {
  expected: ['liba.so /lib/liba.so', 'libonly.so /usr/local/lib/libonly.so'],
});
check('/etc/ld-musl-ARCH.path instead of them, separated by newlines and colons', {
  pathFile: [etc, '/none\n/opt/b:/opt/a\n'],
  expected: ['liba.so /opt/b/liba.so', 'libonly.so missing'],
});
check('an empty file is no folder at all', {
  pathFile: [etc, ''],
  expected: ['liba.so missing', 'libonly.so missing'],
});
check('what stands behind a NUL does not count', {
  pathFile: [etc, '/opt/a\0:/usr/local/lib'],
  expected: ['liba.so /opt/a/liba.so', 'libonly.so missing'],
});
check('of a loader elsewhere the file stands beside its folder', {
  loader: '/opt/musl/lib/ld-musl-x86_64.so.1',
  pathFile: ['/opt/musl/etc/ld-musl-x86_64.path', '/opt/a'],
  expected: ['liba.so /opt/a/liba.so', 'libonly.so missing'],
});
check('of a loader elsewhere that of /etc does not count', {
  loader: '/opt/musl/lib/ld-musl-x86_64.so.1',
  pathFile: [etc, '/opt/a'],
  expected: ['liba.so /lib/liba.so', 'libonly.so /usr/local/lib/libonly.so'],
});

test('programs of musl-gcc are resolved as musl lists them', async () => {
  const folder = join(base, 'compiled');
  mkdirSync(folder);
  await runShell(
    `
    printf '#include <math.h>\\nint f(void) { return (int)sin(1.0); }' > f.c; printf 'int f(void); int main(void) { return f(); }' > main.c
    musl-gcc -shared -fPIC -o libf.so f.c -lm; musl-gcc -o app main.c ./libf.so -lpthread -Wl,-rpath,'$ORIGIN'; musl-gcc -o linked main.c -L. -lf -Wl,-rpath,'$ORIGIN'`,
    folder,
  );
  for (const name of ['app', 'linked', 'libf.so']) {
    const resolved = await checkAgainstMusl({ file: join(folder, name), cwd: folder });
    expect(resolved.loadOrder.length).toBeGreaterThan(1);
  }
});
