import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decompressLz4 } from '../../../language-server/explain/lz4.ts';
import { debianPackage } from '../../../language-server/explain/package-remedies.ts';
import { buildIn, explainIn, explanationOf, runIn } from '../../support/explain-errors.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const all = temporaryFolder();
let roots = 0;

/** A system's files below a folder. */
function systemWith(files: Readonly<Record<string, string | Buffer>>): string {
  roots += 1;
  const root = join(all, `root${roots}`);
  for (const [path, contents] of Object.entries(files)) {
    mkdirSync(dirname(root + path), { recursive: true });
    writeFileSync(root + path, contents);
  }
  return root;
}

const message = 'ImportError: libfoo.so.3: cannot open shared object file: No such file or directory';

async function remediesIn(files: Readonly<Record<string, string | Buffer>>, text = message) {
  const { explanations } = await explainIn('/', text, { sysroot: systemWith(files) });
  return explanations[0]?.remedies ?? [];
}

const debian = { '/etc/os-release': 'ID=debian\n' };

test('a package that is installed and has the file', async () => {
  const list = {
    '/var/lib/dpkg/info/libfoo3:amd64.list':
      '/.\n/usr\n/usr/lib/x86_64-linux-gnu/libfoo.so.3\n/usr/lib/x86_64-linux-gnu/libfoo.so.30\n',
  };
  expect(await remediesIn({ ...debian, ...list })).toMatchObject([
    { id: 'reinstall-package', command: 'sudo apt-get install --reinstall libfoo3:amd64' },
  ]);
});

test.each([
  ['plain', (text: string) => text, ''],
  ['compressed', (text: string) => gzipSync(text), '.gz'],
])('a package that the lists of apt-file know, %s', async (_, write, end) => {
  const contents =
    'usr/lib/x86_64-linux-gnu/libfoo.so.30    libs/libfoo30\nusr/lib/x86_64-linux-gnu/libfoo.so.3    libs/libfoo3t64,oldlibs/libfoo3\n';
  const lists = { [`/var/lib/apt/lists/deb.debian.org_dists_stable_main_Contents-amd64${end}`]: write(contents) };
  expect((await remediesIn({ ...debian, ...lists })).map(({ command }) => command)).toEqual([
    'sudo apt-get install libfoo3t64',
    'sudo apt-get install libfoo3',
  ]);
});

test.each([
  ['ID=debian\n', 'install-package', 'sudo apt-get install libfoo3'],
  ['ID=fedora\n', 'install-package', "sudo dnf install 'libfoo.so.3()(64bit)'"],
  ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'install-package', "sudo dnf install 'libfoo.so.3()(64bit)'"],
  ['ID=arch\n', 'find-package', 'pacman -F libfoo.so.3'],
  ['ID=alpine\n', 'install-package', 'apk add so:libfoo.so.3'],
])('a distribution without lists: %j', async (release, id, command) => {
  expect((await remediesIn({ '/etc/os-release': release }))[0]).toMatchObject({ id, command });
});

test.each([
  ['ID=fedora\n', `sudo dnf reinstall "$(rpm -qf --queryformat '%{NAME}' /usr/lib64/libfoo.so.3)"`],
  ['ID=arch\n', 'sudo pacman -S "$(pacman -Qqo /usr/lib64/libfoo.so.3)"'],
])('the package of a damaged file where only its manager knows it: %j', async (release, command) => {
  const root = systemWith({ '/etc/os-release': release, '/usr/lib64/libfoo.so.3': '' });
  const text = 'OSError: /usr/lib64/libfoo.so.3: file too short';
  const explanation = await explanationOf('/', text, 'unloadable-file', { sysroot: root });
  expect(explanation.remedies[0]).toMatchObject({
    id: 'reinstall-package',
    command: command.replace('/usr', `${root}/usr`),
  });
});

test('an installed package of Alpine', async () => {
  const installed = 'P:foo-libs\nV:1.0\nF:usr/lib\nR:libfoo.so.3\n\nP:bar\nF:usr/lib\nR:libbar.so.1\n';
  const remedies = await remediesIn({ '/etc/os-release': 'ID=alpine\n', '/lib/apk/db/installed': installed });
  expect(remedies[0]).toMatchObject({ id: 'reinstall-package', command: 'apk fix foo-libs' });
});

test.each([
  ['libcuda.so.1', 'nvidia-driver', /docker run --gpus all/u],
  ['libcudart.so.12', 'cuda-runtime', /nvidia-cuda-runtime-cu12/u],
  ['libcudnn.so.9', 'cuda-runtime', /nvidia-cudnn-cu12/u],
  ['libpython3.11.so.1.0', 'python-library', /python3\.11 -c/u],
  ['libc10.so', 'import-torch-first', /import torch/u],
])('%s comes another way', async (name, id, command) => {
  const [remedy] = await remediesIn(debian, message.replace('libfoo.so.3', name));
  expect(remedy?.id).toBe(id);
  expect(remedy?.command).toMatch(command);
});

test('the names of packages are those of the Debian that this is', async () => {
  const { text } = await runIn('/', "cat /var/lib/dpkg/info/*.shlibs | grep -v '^udeb\\|^#'");
  const known = [...text.matchAll(/^(lib\S+) (\d[\d.]*) (lib[\w.+-]+|zlib1g)/gmu)];
  const guessed = known.filter(
    ([, library, version, name]) => debianPackage(`${library}.so.${version}`) === name?.replace(/t64$/u, ''),
  );
  expect(known.length).toBeGreaterThan(20);
  expect(guessed.length / known.length).toBeGreaterThan(0.5);
});

/** Words that repeat near and far, over several blocks. */
const long = Array.from(
  { length: 200_000 },
  (_, index) => `Package: ${index % 977}-${(index * 7919) % 104_729}\n`,
).join('');

test.each(['-1', '-9', '-BD -B4', '-B4 -BX --content-size', '-B7 --no-frame-crc'])(
  'lists that are compressed by lz4 %s',
  async options => {
    const root = systemWith({ ...debian, '/var/lib/apt/lists/x_Packages': `${long}Package: libfoo3t64\nVersion: 1\n` });
    await buildIn(root, `cd var/lib/apt/lists; lz4 -q ${options} x_Packages x_Packages.lz4`);
    const bytes = readFileSync(join(root, 'var/lib/apt/lists/x_Packages.lz4'));
    const plain = readFileSync(join(root, 'var/lib/apt/lists/x_Packages'));
    expect(Buffer.concat([...decompressLz4(bytes)]).equals(plain)).toBe(true);
    // What is cut off has what is whole of it.
    expect(plain.subarray(0, 1000).toString()).toContain(
      Buffer.concat([...decompressLz4(bytes.subarray(0, bytes.length / 2))]).toString('latin1', 0, 900),
    );
    await buildIn(root, 'rm var/lib/apt/lists/x_Packages');
    const { explanations } = await explainIn('/', message, { sysroot: root });
    expect(explanations[0]?.remedies[0]).toMatchObject({
      id: 'install-package',
      command: 'sudo apt-get install libfoo3t64',
    });
  },
);

test('a package that the lists do not have is not told', async () => {
  const remedies = await remediesIn({
    ...debian,
    '/var/lib/apt/lists/x_Packages': 'Package: other\n\nPackage: libfoo3-dev\n',
  });
  expect(remedies[0]).toMatchObject({
    id: 'find-package',
    why: expect.stringContaining("apt's lists have no package libfoo3"),
  });
});

test('a folder that ldconfig knows and its cache does not', async () => {
  const root = systemWith({
    '/etc/ld.so.conf': 'include /etc/ld.so.conf.d/*.conf\n',
    '/etc/ld.so.conf.d/own.conf': '# own\n/opt/own/lib\n',
  });
  await buildIn(
    root,
    "mkdir -p opt/own/lib bin; printf 'int one(void){return 1;}' > one.c; cc -shared -fPIC -Wl,-soname,libone.so.1 -o opt/own/lib/libone.so.1 one.c; printf 'int one(void);int main(void){return one();}' > main.c; cc -o bin/app main.c opt/own/lib/libone.so.1",
  );
  const text =
    '/bin/app: error while loading shared libraries: libone.so.1: cannot open shared object file: No such file or directory';
  const explanation = await explanationOf('/', text, 'missing-library', { sysroot: root });
  expect(explanation).toMatchObject({ program: { path: `${root}/bin/app` }, state: { kind: 'persists' } });
  expect(explanation.remedies[0]).toMatchObject({ id: 'refresh-cache', command: 'sudo ldconfig' });
});
