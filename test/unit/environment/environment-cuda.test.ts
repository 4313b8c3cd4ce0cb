import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readEnvironment } from '../../../language-server/environment/read-environment.ts';
import type { EnvironmentReport } from '../../../language-server/protocol/environment.ts';
import { buildIn } from '../../support/explain-errors.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const all = temporaryFolder();

/** A library as NVIDIA installs it: a file with the whole version, and links to it. */
const library = (folder: string, name: string, major: string, version: string): string =>
  `mkdir -p .${folder}; cc -shared -fPIC -Wl,-soname,${name}.so.${major} -o .${folder}/${name}.so.${version} empty.c; ln -sf ${name}.so.${version} .${folder}/${name}.so.${major}; ln -sf ${name}.so.${major} .${folder}/${name}.so`;
const driver = (version: string, folder = '/usr/lib/x86_64-linux-gnu'): string =>
  library(folder, 'libcuda', '1', version);
const runtime = (root: string, version: string): string =>
  library(`${root}/lib64`, 'libcudart', version.split('.')[0] ?? '', version);
const headers = (root: string, number: number): string =>
  `mkdir -p .${root}/include; printf '#define CUDART_VERSION  ${number}\\n' > .${root}/include/cuda_runtime_api.h`;
const compiler = (root: string, version: string): string =>
  `mkdir -p .${root}/bin; printf 'const char v[]="Cuda compilation tools, release ${version.replace(/\.\d+$/u, '')}, V${version}";int main(void){return v[0];}' > nvcc.c; cc -o .${root}/bin/nvcc nvcc.c`;
const stub = (folder: string): string =>
  `mkdir -p .${folder}/stubs; cc -shared -fPIC -Wl,-soname,libcuda.so.1 -o .${folder}/stubs/libcuda.so empty.c`;

interface Case {
  readonly title: string;
  readonly build: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly state: EnvironmentReport['cuda']['state'];
  readonly codes: readonly string[];
  readonly says?: RegExp;
}

const cases: readonly Case[] = [
  { title: 'nothing', build: [], state: 'none', codes: [] },
  {
    title: 'all of one version',
    build: [
      driver('560.35.03'),
      compiler('/usr/local/cuda-12.4', '12.4.131'),
      headers('/usr/local/cuda-12.4', 12040),
      runtime('/usr/local/cuda-12.4', '12.4.127'),
      'ln -s cuda-12.4 ./usr/local/cuda',
      stub('/usr/local/cuda-12.4/lib64'),
    ],
    variables: { CUDA_HOME: '/usr/local/cuda', PATH: '/usr/local/cuda/bin' },
    state: 'whole',
    codes: [],
  },
  {
    title: 'a driver without runtime',
    build: [driver('550.54.14')],
    state: 'half',
    codes: ['environment/cuda-driver-without-runtime'],
    says: /The driver 550\.54\.14 is here/u,
  },
  {
    title: 'a toolkit without driver',
    build: [
      compiler('/usr/local/cuda', '12.4.131'),
      headers('/usr/local/cuda', 12040),
      runtime('/usr/local/cuda', '12.4.127'),
    ],
    state: 'half',
    codes: ['environment/cuda-runtime-without-driver'],
    says: /The runtime of CUDA 12\.4\.127 is here and no driver/u,
  },
  {
    title: 'headers without libraries',
    build: [driver('560.35.03'), headers('/usr/local/cuda', 12040)],
    state: 'half',
    codes: ['environment/cuda-headers-without-libraries', 'environment/cuda-driver-without-runtime'],
  },
  {
    title: 'a compiler without headers',
    build: [driver('560.35.03'), compiler('/opt/cuda', '12.4.131'), runtime('/opt/cuda', '12.4.127')],
    state: 'half',
    codes: ['environment/cuda-libraries-without-headers'],
  },
  {
    title: 'a compiler, headers and runtime of three versions',
    build: [
      driver('560.35.03'),
      compiler('/usr/local/cuda', '12.4.131'),
      headers('/usr/local/cuda', 12010),
      runtime('/usr/local/cuda', '11.8.89'),
    ],
    state: 'half',
    codes: ['environment/cuda-versions-disagree', 'environment/cuda-versions-disagree'],
    says: /The compiler \(.*nvcc\) is of version 12\.4\.131, and the headers .* of 12\.1/u,
  },
  {
    title: 'a compiler in PATH that is not the one of CUDA_HOME',
    build: [
      driver('560.35.03'),
      ...['12.4', '11.8'].flatMap(version => [
        compiler(`/usr/local/cuda-${version}`, `${version}.100`),
        headers(
          `/usr/local/cuda-${version}`,
          Number(version.split('.')[0]) * 1000 + Number(version.split('.')[1]) * 10,
        ),
        runtime(`/usr/local/cuda-${version}`, `${version}.100`),
      ]),
    ],
    variables: { CUDA_HOME: '/usr/local/cuda-12.4', PATH: '/usr/local/cuda-11.8/bin' },
    state: 'half',
    codes: ['environment/cuda-versions-disagree'],
  },
  {
    title: 'a CUDA_HOME that is not there',
    build: [],
    variables: { CUDA_HOME: '/opt/gone' },
    state: 'half',
    codes: ['environment/cuda-home-missing'],
    says: /CUDA_HOME names \/opt\/gone/u,
  },
  {
    title: 'a driver that is too old',
    build: [
      driver('470.57.02'),
      headers('/usr/local/cuda', 12040),
      runtime('/usr/local/cuda', '12.4.127'),
      compiler('/usr/local/cuda', '12.4.131'),
    ],
    state: 'half',
    codes: ['environment/cuda-driver-too-old'],
    says: /needs 525\.60\.13 at least/u,
  },
  {
    title: 'a library of the driver that is newer than its kernel module',
    build: [
      driver('550.54.14'),
      headers('/usr/local/cuda', 12040),
      runtime('/usr/local/cuda', '12.4.127'),
      "mkdir -p ./proc/driver/nvidia; printf 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19\\n' > ./proc/driver/nvidia/version",
    ],
    state: 'half',
    codes: ['environment/cuda-versions-disagree'],
    says: /library of the driver is 550\.54\.14 and its kernel module 535\.129\.03/u,
  },
  {
    title: 'a stub that was made findable',
    build: [
      stub('/usr/local/cuda/lib64'),
      'ln -s libcuda.so ./usr/local/cuda/lib64/stubs/libcuda.so.1',
      headers('/usr/local/cuda', 12040),
      runtime('/usr/local/cuda', '12.4.127'),
    ],
    variables: { LD_LIBRARY_PATH: '/usr/local/cuda/lib64/stubs' },
    state: 'half',
    codes: ['environment/cuda-stub-picked-up'],
  },
  {
    title: 'headers of cuDNN of another version than its library',
    build: [
      driver('560.35.03'),
      compiler('/usr/local/cuda', '12.4.131'),
      headers('/usr/local/cuda', 12040),
      runtime('/usr/local/cuda', '12.4.127'),
      library('/usr/lib/x86_64-linux-gnu', 'libcudnn', '9', '9.1.0'),
      "mkdir -p usr/include; printf '#define CUDNN_MAJOR 8\\n#define CUDNN_MINOR 9\\n#define CUDNN_PATCHLEVEL 7\\n' > usr/include/cudnn_version.h",
    ],
    state: 'half',
    codes: ['environment/cuda-versions-disagree'],
  },
  {
    title: 'a runtime of a Python package with a driver',
    build: [
      driver('560.35.03'),
      library('/usr/local/lib/python3.11/site-packages/nvidia/cuda_runtime/lib', 'libcudart', '12', '12.4.127'),
    ],
    state: 'whole',
    codes: [],
  },
];

test.each(cases)('$title', async ({ title, build, variables = {}, state, codes, says }) => {
  const root = join(all, title.replaceAll(' ', '-'));
  mkdirSync(root);
  await buildIn(root, ['mkdir -p usr/local etc', ': > empty.c', ...build].join('\n'));
  const { cuda, findings } = await readEnvironment(
    { file: null, variables, whose: 'given', cwd: root, sysroot: root },
    new AbortController().signal,
  );
  const found = findings.filter(({ code }) => code.includes('cuda'));
  expect(found.map(({ code }) => code)).toEqual(codes);
  expect(cuda.state).toBe(state);
  if (says !== undefined) expect(found.map(({ message }) => message).join('\n')).toMatch(says);
  if (state === 'half')
    expect(cuda.without.map(({ command }) => command).join('\n')).toMatch(/USE_CUDA=OFF[\s\S]*FORCE_CUDA=0/u);
  for (const { path } of cuda.parts) expect(path).toContain(root);
});

test('a program whose tree ends at a stub', async () => {
  const root = join(all, 'tree');
  mkdirSync(root);
  await buildIn(
    root,
    `: > empty.c; ${stub('/lib')}; cp lib/stubs/libcuda.so lib/stubs/libcuda.so.1; printf 'int main(void){return 0;}' > m.c; cc -o app m.c -Wl,--no-as-needed lib/stubs/libcuda.so -Wl,-rpath,'$ORIGIN/lib/stubs'`,
  );
  const { findings } = await readEnvironment(
    { file: join(root, 'app'), variables: {}, whose: 'given', cwd: root },
    new AbortController().signal,
  );
  const found = findings.find(({ code }) => code === 'environment/cuda-stub-picked-up');
  expect(found?.message).toContain(`${root}/lib/stubs/libcuda.so.1 is a stub`);
});
