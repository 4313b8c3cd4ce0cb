import { readFileSync } from 'node:fs';
import { decodeBytes, encodeBytes, osPath } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { Finding } from '../../protocol/finding.ts';
import type { LoaderFiles } from '../files/loader-files.ts';
import { createVersionedCache } from '../files/versioned-cache.ts';
import { createLinkMap, folderOf, type LinkMap } from '../loader/link-map.ts';
import type { ResolutionRequest, ResolvedProgram } from '../loader/resolved-program.ts';
import { mainMap } from '../loader/root-file.ts';
import { createSearchFolders, decomposePath } from '../loader/search-path.ts';
import { verifyCandidate } from '../objects/verify-candidate.ts';
import { capabilitiesOf } from './capabilities.ts';
import { platformOf, runsHere, thisCpu } from './cpu.ts';
import { type ParsedCache, parseLdSoCache } from './ld-so-cache.ts';
import { addName, loadDependencies, locateObject, mapObject, registerSoname } from './load.ts';
import { expandTokens, searchLibrary } from './search.ts';
import { initialLimits, type Resolution } from './state.ts';
import { checkVersions } from './versions.ts';

/** Resolves with glibc's rules. */
export async function resolveWithGlibc(request: ResolutionRequest): Promise<ResolvedProgram> {
  const parsed = readCache(request.loader.cachePath, request.files, request.root.header.byteOrder);
  const resolution = createResolution(request, parsed);
  loadInterpreter(resolution);
  const preloads = await loadPreloads(resolution);
  const { loadOrder, scope } = await loadDependencies(resolution, preloads);
  return {
    main: resolution.main,
    loadOrder,
    scope,
    versionProblems: checkVersions(loadOrder),
    hwcaps: resolution.capabilities.hwcaps,
    locate: (requester, name) => locateObject(resolution, requester, name),
    search: async (requester, name) => {
      const { outcome } = await searchLibrary(resolution, requester, name, false);
      if (outcome.kind !== 'found') return { path: null, identity: null };
      return { path: request.files.shown(outcome.path), identity: outcome.verdict.file.identity };
    },
    // The cache of this machine is none of the business of another one's files.
    findings: [...(isForeign(request) ? [] : parsed.findings), ...limitFindings(resolution)],
  };
}

function isForeign({ root, environment }: ResolutionRequest): boolean {
  return environment.sysroot === undefined && !runsHere(root.header);
}

function createResolution(request: ResolutionRequest, parsed: ParsedCache): Resolution {
  const { environment, files, root, facts, loader } = request;
  const target = root.header;
  const cpu = thisCpu();
  const capabilities =
    facts === null
      ? { subfolders: [''], hwcaps: [], isaLevels: 0, legacy: null }
      : capabilitiesOf(facts, target, cpu, loader.minorVersion, environment.hwcapsLevel);
  const folders = createSearchFolders(capabilities.subfolders.length);
  const main = mainMap(root, files);
  const resolution: Resolution = {
    environment,
    files,
    read: request.read,
    target,
    loader,
    loaderPath: request.loaderPath,
    platform: facts === null ? null : platformOf(facts, target, cpu),
    capabilities,
    cache: parsed.cache,
    cacheRequest: { flags: facts?.cacheFlags ?? 3, capabilities },
    folders,
    systemPath: loader.systemFolders.map((name, index) => {
      return { folder: folders.folder(name), written: name, number: index + 1 };
    }),
    libraryPath: [],
    main,
    chain: [main],
    byName: new Map(),
    byIdentity: new Map(),
    limits: { ...initialLimits },
    pause: request.pause,
  };
  registerSoname(resolution, main);
  const libraryPath = environment.secure === true ? '' : (environment.libraryPath ?? '');
  if (libraryPath !== '') {
    const expand = (element: ByteText): ByteText | null => expandTokens(resolution, main, element);
    resolution.libraryPath = decomposePath(libraryPath, /[:;]/u, folders, expand);
  }
  return resolution;
}

/**
 * The interpreter is mapped before everything else and has two names, PT_INTERP and its SONAME. glibc keeps no device and
 * inode for it, so by any other name it would be mapped a second time; that is kept here.
 */
function loadInterpreter(resolution: Resolution): void {
  const { files, loaderPath, read, target } = resolution;
  const verdict = verifyCandidate(loaderPath, files, read, target);
  if (verdict.kind !== 'taken') return;
  const interpreter = createLinkMap('interpreter', verdict, {
    name: loaderPath,
    shownPath: files.shown(loaderPath),
    origin: folderOf(loaderPath),
    loader: null,
  });
  resolution.chain.push(interpreter);
  addName(resolution, interpreter, loaderPath);
  const { soname } = verdict.object;
  if (soname !== null) addName(resolution, interpreter, soname);
}

/** LD_PRELOAD, then the file that preloads for every program. Those that were loaded by it, in order. */
async function loadPreloads(resolution: Resolution): Promise<readonly LinkMap[]> {
  const { environment, main, chain } = resolution;
  const before = chain.length;
  const named = (environment.preload ?? '')
    .split(/[ :]/u)
    .filter(name => encodeBytes(name).length < maximumPreloadBytes);
  const allowed = environment.secure === true ? named.filter(isPreloadForSetuid) : named;
  const preload = async (names: readonly ByteText[], from: ByteText): Promise<void> => {
    for (const written of names.filter(name => name !== '')) {
      const name = written.includes('/') ? expandTokens(resolution, main, written) : written;
      if (name === null) continue;
      const edge = await mapObject(resolution, main, 'preload', written, name);
      main.edges.push({ ...edge, how: edge.found === null ? null : { rule: 'preload', from } });
    }
  };
  await preload(allowed, 'LD_PRELOAD');
  await preload(preloadFileNames(resolution), resolution.loader.preloadPath);
  return chain.slice(before);
}

/** Longer names do not fit into glibc's buffer and are passed over without a word (elf/rtld.c `handle_preload_list`). */
const maximumPreloadBytes = 4096;

/** glibc elf/rtld.c `dso_name_valid_for_suid` */
function isPreloadForSetuid(name: ByteText): boolean {
  return !name.includes('/') && encodeBytes(name).length <= 255;
}

const maximumPreloadFileBytes = 1 << 20;

/** `/etc/ld.so.preload`: names separated by white space or colons, `#` to the end of the line is a comment (ld.so(8)). */
function preloadFileNames({ files, loader }: Resolution): readonly ByteText[] {
  const file = files.status(loader.preloadPath);
  if (file.kind !== 'file' || file.sizeBytes > maximumPreloadFileBytes) return [];
  try {
    const text = decodeBytes(readFileSync(osPath(file.hostPath)));
    return text.replace(/#.*$/gmu, '').split(/[: \t\n]/u);
  } catch {
    return [];
  }
}

/** ldconfig writes some 100 bytes a library; a file beyond this is none of its. */
const maximumCacheBytes = 64 << 20;
const caches = createVersionedCache<ParsedCache>(8);
const noCache: ParsedCache = { cache: null, findings: [] };

function readCache(path: ByteText, files: LoaderFiles, byteOrder: 'little' | 'big'): ParsedCache {
  const file = files.status(path);
  if (file.kind !== 'file' || file.sizeBytes > maximumCacheBytes) return noCache;
  return caches(`${file.version}:${byteOrder}`, () => {
    try {
      return parseLdSoCache(readFileSync(osPath(file.hostPath)), byteOrder);
    } catch {
      return noCache;
    }
  });
}

function limitFindings({ limits }: Resolution): readonly Finding[] {
  const findings: Finding[] = [];
  if (limits.moves <= 0) {
    const message =
      'Filters (DT_FILTER, DT_AUXILIARY) name each other in a circle: the loader runs out of stack on them.';
    const rule = 'glibc elf/dl-deps.c _dl_map_object_deps';
    findings.push({ code: 'dependencies/filter-circle', severity: 'error', message, evidence: { rule } });
  }
  if (limits.candidates <= 0) {
    const message = `The search was given up after ${initialLimits.candidates.toLocaleString('en')} candidates. What stands behind is shown as not looked for.`;
    findings.push({ code: 'dependencies/search-limit', severity: 'warning', message });
  } else if (limits.recorded < 0) {
    const message = `More than ${initialLimits.recorded.toLocaleString('en')} candidates were tried; the later ones are not listed.`;
    findings.push({ code: 'dependencies/candidate-limit', severity: 'information', message });
  }
  return findings;
}
