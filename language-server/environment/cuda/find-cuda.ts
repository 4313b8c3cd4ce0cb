import { readFileSync } from 'node:fs';
import { absolutePath, type LoaderFiles } from '../../dependencies/files/loader-files.ts';
import { cachedPath } from '../../dependencies/glibc/cache-lookup.ts';
import { parseLdSoCache } from '../../dependencies/glibc/ld-so-cache.ts';
import { folderOf } from '../../dependencies/loader/link-map.ts';
import { createPause } from '../../dependencies/pause.ts';
import { osPath } from '../../native/byte-text.ts';
import { namesIn } from '../../native/folder-names.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { CudaPart } from '../../protocol/environment.ts';
import type { TreeEffects } from '../tree-effects.ts';
import { compilerVersion, headerVersion, libraryVersion, moduleVersion, readBytes } from './cuda-versions.ts';

export interface CudaQuestion {
  readonly files: LoaderFiles;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly cwd: ByteText;
  /** Host path of `/`, without a slash at its end. */
  readonly sysroot: ByteText;
  readonly effects: TreeEffects | null;
}

/** A folder that holds a toolkit, or a part of one. */
export interface Toolkit {
  readonly root: ByteText;
  readonly compiler: CudaPart | null;
  readonly headers: CudaPart | null;
  readonly runtime: CudaPart | null;
}

export interface CudaFound {
  readonly toolkits: readonly Toolkit[];
  /** The library of the driver that a loader would take; null: none. */
  readonly driver: CudaPart | null;
  readonly kernelModule: CudaPart | null;
  /** Stand-ins for the driver that are found before it, or instead of it. */
  readonly stubs: readonly { readonly part: CudaPart; readonly by: string }[];
  readonly cudnn: CudaPart | null;
  readonly cudnnHeaders: CudaPart | null;
  /** Runtimes outside of toolkits: of the distribution, in packages of Python. */
  readonly otherRuntimes: readonly CudaPart[];
  /** Variables that name a toolkit that is not there. */
  readonly deadHomes: readonly { readonly name: string; readonly value: ByteText }[];
  /** The compiler that PATH leads to. */
  readonly compilerOnPath: CudaPart | null;
}

const homeNames = ['CUDA_HOME', 'CUDA_PATH', 'CUDA_ROOT', 'CUDAToolkit_ROOT', 'CUDA_TOOLKIT_ROOT_DIR'];
const triplets = ['x86_64-linux-gnu', 'aarch64-linux-gnu'];
/** Where drivers put their libraries besides the loader's own folders: WSL, containers, NixOS. */
const driverFolders = [
  '/usr/lib/wsl/lib',
  '/usr/local/nvidia/lib64',
  '/usr/local/nvidia/lib',
  '/run/opengl-driver/lib',
];
const systemFolders = [
  '/lib64',
  '/usr/lib64',
  '/lib',
  '/usr/lib',
  ...triplets.flatMap(name => [`/lib/${name}`, `/usr/lib/${name}`]),
];

/** Looks for what there is of CUDA by its usual names. Reads folders, headers and file names; runs neither nvcc nor nvidia-smi. */
export async function findCuda(question: CudaQuestion, signal: AbortSignal): Promise<CudaFound> {
  const { files, variables, cwd } = question;
  const pause = createPause(signal);
  const homes = homeNames.flatMap(name => {
    const value = variables[name];
    return value ? [{ name, value, path: absolutePath(value, cwd) }] : [];
  });
  const isThere = (path: ByteText): boolean => files.status(path).kind === 'directory';
  const onPath = compilerOnPath(question);
  const roots = [
    ...homes.map(({ path }) => path),
    ...(onPath === null ? [] : [folderOf(folderOf(onPath))]),
    ...toolkitFolders(question),
  ];
  const toolkits: Toolkit[] = [];
  const seen = new Set<ByteText>();
  for (const root of roots) {
    await pause();
    const real = files.real(root);
    if (real === null || !isThere(root) || seen.has(real)) continue;
    seen.add(real);
    const toolkit = toolkitAt(question, root);
    if (toolkit.compiler !== null || toolkit.headers !== null || toolkit.runtime !== null) toolkits.push(toolkit);
  }
  const searched = searchedFolders(question);
  const libraryFolders = [
    ...searched,
    ...toolkits.flatMap(({ root }) => libraryFoldersOf(question, root)),
    ...pythonFolders(question),
  ];
  const inToolkits = new Set(toolkits.flatMap(({ runtime }) => runtime?.path ?? []));
  return {
    toolkits,
    driver: driverIn(question, searched),
    kernelModule: kernelModule(question),
    stubs: stubsOf(question),
    cudnn: firstLibrary(question, libraryFolders, /^libcudnn\.so\.\d/u, 'cudnn'),
    cudnnHeaders: cudnnHeaders(question, toolkits),
    otherRuntimes: [...new Set([...searched, ...pythonFolders(question)])]
      .flatMap(folder => firstLibrary(question, [folder], runtimeName, 'runtime') ?? [])
      .filter(({ path }) => !inToolkits.has(path))
      .slice(0, 5),
    deadHomes: homes.filter(({ path }) => !isThere(path)).map(({ name, value }) => ({ name, value })),
    compilerOnPath: onPath === null ? null : partOf(question, 'compiler', onPath, compilerVersion),
  };
}

const runtimeName = /^libcudart\.so(?:\.\d|$)/u;

function partOf(
  { files }: CudaQuestion,
  kind: CudaPart['kind'],
  path: ByteText,
  version: (hostPath: ByteText) => string | null,
): CudaPart {
  const shown = files.shown(path);
  return { kind, path: shown, version: version(shown) };
}

function toolkitAt(question: CudaQuestion, root: ByteText): Toolkit {
  const { files } = question;
  const compiler = `${root}/bin/nvcc`;
  const headers = [`${root}/include`, ...targetsOf(question, root).map(target => `${target}/include`)]
    .map(folder => `${folder}/cuda_runtime_api.h`)
    .find(path => files.status(path).kind === 'file');
  return {
    root: files.shown(root),
    compiler: files.status(compiler).kind === 'file' ? partOf(question, 'compiler', compiler, compilerVersion) : null,
    headers: headers === undefined ? null : partOf(question, 'headers', headers, path => headerVersion(path)),
    runtime: firstLibrary(question, libraryFoldersOf(question, root), runtimeName, 'runtime'),
  };
}

function targetsOf({ files }: CudaQuestion, root: ByteText): readonly ByteText[] {
  return namesIn(files.shown(`${root}/targets`)).map(name => `${root}/targets/${name}`);
}

function libraryFoldersOf(question: CudaQuestion, root: ByteText): readonly ByteText[] {
  return [
    `${root}/lib64`,
    `${root}/lib`,
    ...targetsOf(question, root).map(target => `${target}/lib`),
    ...triplets.map(name => `${root}/lib/${name}`),
  ];
}

/** The name with the most numbers says most about the version: `libcudart.so.12.4.127` before the links to it. */
function firstLibrary(
  question: CudaQuestion,
  folders: readonly ByteText[],
  name: RegExp,
  kind: CudaPart['kind'],
): CudaPart | null {
  const { files } = question;
  for (const folder of folders) {
    const names = namesIn(files.shown(folder)).filter(
      entry => name.test(entry) && files.status(`${folder}/${entry}`).kind === 'file',
    );
    const [best] = names.sort((a, b) => b.length - a.length);
    if (best !== undefined) {
      const real = files.real(`${folder}/${best}`) ?? `${folder}/${best}`;
      return partOf(question, kind, real, libraryVersion);
    }
  }
  return null;
}

function toolkitFolders({ files, variables }: CudaQuestion): readonly ByteText[] {
  const numbered = namesIn(files.shown('/usr/local')).filter(name => /^cuda(?:-\d[\d.]*)?$/u.test(name));
  const conda = variables['CONDA_PREFIX'];
  return [...numbered.sort().map(name => `/usr/local/${name}`), '/opt/cuda', '/usr', ...(conda ? [conda] : [])];
}

function compilerOnPath({ files, variables }: CudaQuestion): ByteText | null {
  const folders = (variables['PATH'] ?? '').split(':').filter(folder => folder.startsWith('/'));
  const found = folders.map(folder => `${folder}/nvcc`).find(path => files.status(path).kind === 'file');
  return found === undefined ? null : behindWrapper(files, files.real(found) ?? found);
}

/** Some put a script of that name into PATH, which starts the compiler of a toolkit. */
function behindWrapper(files: LoaderFiles, path: ByteText): ByteText {
  const text = beginningOf(files.shown(path));
  if (!text.startsWith('#!')) return path;
  const started = [...text.matchAll(/\/[^\s"'$`]*\/nvcc\b/gu)].map(match => match[0]);
  return started.find(candidate => candidate !== path && files.status(candidate).kind === 'file') ?? path;
}

function beginningOf(path: ByteText): string {
  return readBytes(path, 4096)?.toString('latin1') ?? '';
}

/** In the loader's order: LD_LIBRARY_PATH, the folders that its cache knows, its own. */
function searchedFolders({ files, variables, cwd }: CudaQuestion): readonly ByteText[] {
  const named = (variables['LD_LIBRARY_PATH'] ?? '').split(/[:;]/u).filter(folder => folder !== '');
  return [
    ...new Set([
      ...named.map(folder => absolutePath(folder, cwd)),
      ...cachedFolders(files),
      ...systemFolders,
      ...driverFolders,
    ]),
  ];
}

function cachedFolders(files: LoaderFiles): readonly ByteText[] {
  try {
    const { cache } = parseLdSoCache(readFileSync(osPath(files.shown('/etc/ld.so.cache'))), 'little');
    if (cache === null) return [];
    const paths = cache.entries.flatMap(entry => cachedPath(cache, entry) ?? []);
    return paths.filter(path => /\/lib(?:cuda|cudart|cudnn|nvidia)/u.test(path)).map(folderOf);
  } catch {
    return [];
  }
}

function pythonFolders({ files }: CudaQuestion): readonly ByteText[] {
  const libraries = ['/usr/lib', '/usr/local/lib'].flatMap(folder =>
    namesIn(files.shown(folder))
      .filter(name => /^python3/u.test(name))
      .map(name => `${folder}/${name}`),
  );
  const packages = libraries.flatMap(folder =>
    ['dist-packages', 'site-packages'].map(name => `${folder}/${name}/nvidia`),
  );
  return packages.flatMap(folder => namesIn(files.shown(folder)).map(name => `${folder}/${name}/lib`));
}

function isStub(path: ByteText): boolean {
  return /\/stubs(?:\/|$)/u.test(path);
}

function driverIn(question: CudaQuestion, folders: readonly ByteText[]): CudaPart | null {
  const { files } = question;
  for (const folder of folders) {
    const path = `${folder}/libcuda.so.1`;
    if (isStub(folder) || files.status(path).kind !== 'file') continue;
    const real = files.real(path) ?? path;
    if (!isStub(real)) return partOf(question, 'driver', real, libraryVersion);
  }
  return null;
}

function kernelModule(question: CudaQuestion): CudaPart | null {
  const path = '/proc/driver/nvidia/version';
  return question.files.status(path).kind === 'file' ? partOf(question, 'kernel-module', path, moduleVersion) : null;
}

function stubsOf(question: CudaQuestion): CudaFound['stubs'] {
  const { files, effects } = question;
  const found = new Map<ByteText, { readonly part: CudaPart; readonly by: string }>();
  const add = (path: ByteText, by: string): void => {
    found.set(path, { part: { kind: 'stub', path, version: null }, by });
  };
  for (const map of effects?.resolved.loadOrder ?? []) {
    if (isStub(map.shownPath) && /\/lib(?:cuda|nvidia|nvml)/u.test(map.shownPath))
      add(map.shownPath, 'the loader takes it for this file');
  }
  for (const folder of searchedFolders(question)) {
    const path = `${folder}/libcuda.so.1`;
    if (files.status(path).kind !== 'file') continue;
    const real = files.real(path) ?? path;
    if (isStub(folder) || isStub(real))
      add(files.shown(path), 'it is called libcuda.so.1 in a folder that loaders search');
  }
  return [...found.values()];
}

function cudnnHeaders(question: CudaQuestion, toolkits: readonly Toolkit[]): CudaPart | null {
  const { files, sysroot } = question;
  const folders = [
    ...toolkits.map(({ root }) => `${root.slice(sysroot.length)}/include`),
    '/usr/include',
    ...triplets.map(name => `/usr/include/${name}`),
  ];
  const path = folders
    .flatMap(folder => [`${folder}/cudnn_version.h`, `${folder}/cudnn.h`])
    .find(candidate => files.status(candidate).kind === 'file');
  return path === undefined ? null : partOf(question, 'cudnn-headers', path, host => headerVersion(host));
}
