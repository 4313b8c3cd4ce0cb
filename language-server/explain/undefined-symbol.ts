import type { LinkMap } from '../dependencies/loader/link-map.ts';
import { shellCommand } from '../native/shell-quote.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { PresentState, Provider } from '../protocol/explain.ts';
import { type Explained, explained } from './error-kind.ts';
import { baseName } from './file-remedies.ts';
import { fileName, howLoadedText, namedFile, nullableFile } from './loading.ts';
import type { ScopeFile, SymbolSearch, UndefinedSymbol } from './searched-symbol.ts';
import { type SimilarSymbols, similarSymbols } from './similar-symbols.ts';
import { hintsFor, isPythonSymbol } from './symbol-hints.ts';
import { symbolRemedies } from './symbol-remedies.ts';
import { exportersAmong, librariesOfMachine, satisfies, thisMachine } from './symbol-search.ts';
import type { World } from './world.ts';

export async function explainUndefinedSymbol(world: World, told: UndefinedSymbol): Promise<Explained> {
  const search = await searchSymbol(world, told);
  const [demangled = told.symbol] = await world.demangle([told.symbol]);
  const { inScope, version, objectPath } = search;
  const shown = displayText(demangled);
  const withVersion = version === null ? shown : `${shown} in version ${displayText(version)}`;
  const isPython = isPythonSymbol(told.symbol);
  const wrongVersion =
    version !== null && inScope.length > 0 && !inScope.some(exporter => satisfies(exporter, version));
  return explained(
    {
      kind: wrongVersion ? 'missing-symbol-version' : 'undefined-symbol',
      title: `${displayText(told.symbol)} is not defined by what is loaded${version === null ? '' : ` in version ${displayText(version)}`}`,
      summary: `${baseName(told.object) || 'An object'} uses ${withVersion}, and none of the objects that the loader searches for it defines ${version === null ? 'it' : 'it so'}.${isPython ? ' It is a part of Python’s C interface, which the interpreter itself has.' : ''}`,
    },
    {
      object: told.object === '' ? null : namedFile(world, told.object),
      program: nullableFile(world, told.program),
      symbol: { name: told.symbol, demangled: demangled === told.symbol ? null : demangled, version },
      provider: providerOf(search),
      state: stateOf(search),
      facts: factsOf(search, wrongVersion),
      remedies: await symbolRemedies(world, search),
      evidence: [
        {
          rule: told.loader === 'musl' ? 'musl ldso/dynlink.c do_relocs' : 'glibc elf/dl-lookup.c _dl_lookup_symbol_x',
          ...(objectPath === null ? {} : { command: shellCommand(['nm', '-D', '--undefined-only', objectPath]) }),
        },
      ],
    },
  );
}

async function searchSymbol(world: World, told: UndefinedSymbol): Promise<SymbolSearch> {
  const objectPath = world.locate(told.object);
  const programPath = told.program === null ? null : world.locate(told.program);
  const scope = await scopeOf(world, [programPath, objectPath]);
  const symbols = objectPath === null ? null : await world.exports(objectPath);
  const asked = symbols?.undefined.get(told.symbol);
  const version = told.version ?? (asked === undefined || asked === '' ? null : asked.replace(/^@+/u, ''));
  const inScope = await exportersAmong(
    world,
    scope.map(({ path }) => path),
    told.symbol,
    null,
  );
  const file = objectPath === null ? null : world.read(objectPath);
  const target = file?.kind === 'elf' ? file.header : thisMachine;
  const isThere = inScope.some(exporter => satisfies(exporter, version));
  const outside = librariesOfMachine(world, objectPath === null ? [] : [objectPath]);
  const known = new Set(scope.map(({ path }) => path));
  const elsewhere =
    isThere || isPythonSymbol(told.symbol) ? [] : await exportersAmong(world, outside, told.symbol, target);
  const similar = isThere ? null : await similarInScope(world, told.symbol, scope, objectPath);
  return {
    told,
    objectPath,
    programPath,
    version,
    asksStill: symbols === null || asked !== undefined,
    scope,
    inScope,
    elsewhere: elsewhere.filter(
      exporter => !known.has(exporter.path) && exporter.path !== objectPath && satisfies(exporter, version),
    ),
    asked: askedOf(world, objectPath, version, scope),
    missing: await missingNeeds(world, [programPath, objectPath]),
    hiddenIn: isThere ? null : await hiddenIn(world, told.symbol, scope),
    similar: similar?.similar ?? { names: [], demangled: [], diagnosis: null },
    similarIn: similar?.file ?? null,
  };
}

/** The objects of the program, then those that the object itself brings, as for dlopen. */
async function scopeOf(world: World, roots: readonly (ByteText | null)[]): Promise<readonly ScopeFile[]> {
  const scope = new Map<ByteText, ScopeFile>();
  for (const root of roots) {
    const resolved = root === null ? null : await world.resolve(root);
    for (const map of resolved?.loadOrder ?? []) {
      if (resolved === null || scope.has(map.shownPath)) continue;
      scope.set(map.shownPath, {
        path: map.shownPath,
        name: map.object.soname ?? nameOf(map),
        how: howLoadedText(resolved, map),
      });
    }
  }
  return [...scope.values()];
}

async function missingNeeds(world: World, roots: readonly (ByteText | null)[]): Promise<readonly ByteText[]> {
  const missing = new Set<ByteText>();
  for (const root of roots) {
    const resolved = root === null ? null : await world.resolve(root);
    for (const { edges } of resolved?.loadOrder ?? []) {
      for (const { kind, name, found } of edges) if (kind === 'needed' && found === null) missing.add(name);
    }
  }
  return [...missing];
}

function nameOf({ shownPath }: LinkMap): ByteText {
  return shownPath.slice(shownPath.lastIndexOf('/') + 1);
}

/** By the object's verneed records: which file is asked for the version. */
function askedOf(
  world: World,
  objectPath: ByteText | null,
  version: ByteText | null,
  scope: readonly ScopeFile[],
): ScopeFile | null {
  const file = objectPath === null || version === null ? null : world.read(objectPath);
  if (file?.kind !== 'elf' || file.object === null) return null;
  const need = file.object.versionNeeds.find(({ versions }) => versions.some(({ name }) => name === version));
  if (need === undefined) return null;
  return scope.find(({ name, path }) => name === need.file || path.endsWith(`/${need.file}`)) ?? null;
}

/** Where all look for symbols, and no library of a person's own has such names. */
const systemNames =
  /^(?:lib(?:c|m|dl|rt|pthread|resolv|util|gcc_s|stdc\+\+|nsl)\.so\.\d|ld-linux|ld-musl|libc\.musl|libc\.so$)/u;

async function similarInScope(
  world: World,
  symbol: ByteText,
  scope: readonly ScopeFile[],
  objectPath: ByteText | null,
): Promise<{ readonly similar: SimilarSymbols; readonly file: ScopeFile } | null> {
  for (const file of scope) {
    if (systemNames.test(file.name) || file.path === objectPath) continue;
    const defined = (await world.exports(file.path))?.defined;
    if (defined === undefined) continue;
    const similar = await similarSymbols(world, symbol, defined.keys());
    if (similar.names.length > 0) return { similar, file };
  }
  return null;
}

async function hiddenIn(world: World, symbol: ByteText, scope: readonly ScopeFile[]): Promise<ByteText | null> {
  for (const { path, name } of scope) {
    if (systemNames.test(name)) continue;
    if ((await world.exports(path))?.hidden().has(symbol) === true) return path;
  }
  return null;
}

function providerOf({
  inScope,
  elsewhere,
  asked,
  similar,
  similarIn,
  hiddenIn: hidden,
  scope,
}: SymbolSearch): Provider | null {
  const [exporter] = inScope;
  if (exporter !== undefined) {
    const file = scope.find(({ path }) => path === exporter.path);
    const versions = exporter.versions.filter(version => version !== '').map(version => version.replace(/^@+/u, ''));
    return { name: file?.name ?? exporter.path, path: exporter.path, how: file?.how ?? null, offers: versions };
  }
  if (similarIn !== null) return { ...similarIn, offers: similar.demangled };
  if (asked !== null) return { ...asked, offers: [] };
  if (hidden !== null) return { name: fileName(hidden), path: hidden, how: null, offers: [] };
  const [other] = elsewhere;
  return other === undefined ? null : { name: other.soname ?? other.path, path: other.path, how: null, offers: [] };
}

function stateOf({ told, objectPath, asksStill, inScope, version }: SymbolSearch): PresentState {
  const object = displayText(told.object);
  if (objectPath === null)
    return {
      kind: 'unknown',
      text: `${object || 'The object'} is not on this machine, so what it is loaded with cannot be looked up.`,
    };
  if (!asksStill) return { kind: 'resolved', text: `${displayText(objectPath)} as it is now does not ask for it.` };
  const exporter = inScope.find(candidate => satisfies(candidate, version));
  if (exporter !== undefined)
    return { kind: 'resolved', text: `Now ${displayText(exporter.path)} defines it, which the loader searches.` };
  return {
    kind: 'persists',
    text: `${displayText(objectPath)} still asks for it, and nothing that it or the program is linked with defines it.`,
  };
}

function factsOf(
  { told, scope, inScope, elsewhere, hiddenIn: hidden, missing, similar, similarIn, version, asked }: SymbolSearch,
  wrongVersion: boolean,
): readonly string[] {
  const names = scope.map(({ name }) => displayText(name));
  const more = names.length > 12 ? ` and ${names.length - 12} more` : '';
  const facts = scope.length > 0 ? [`Searched, in this order: ${names.slice(0, 12).join(', ')}${more}.`] : [];
  if (wrongVersion) {
    for (const { path, versions } of inScope) {
      facts.push(
        `${displayText(path)} defines it as ${versions.map(suffix => displayText(`${told.symbol}${suffix}`)).join(', ')}.`,
      );
    }
  }
  if (missing.length > 0) {
    facts.push(
      `Not found at all, and so not searched: ${missing.slice(0, 6).map(displayText).join(', ')}. Most likely it is in there.`,
    );
  }
  if (asked !== null)
    facts.push(
      `Version ${displayText(version ?? '')} is asked of ${displayText(asked.name)}, for which the loader takes ${displayText(asked.path)}.`,
    );
  if (hidden !== null)
    facts.push(
      `${displayText(hidden)} has it for itself only: it is hidden (-fvisibility=hidden, a version script, static), and so no symbol for others.`,
    );
  if (similarIn !== null && similar.diagnosis !== null) facts.push(similarText(similar, similarIn));
  for (const { path, soname } of elsewhere.slice(0, 4)) {
    facts.push(
      `${displayText(path)} defines it${soname === null ? '' : ` (SONAME ${displayText(soname)})`}, and is not among those that are searched.`,
    );
  }
  return [...facts, ...hintsFor(told.symbol).map(({ fact }) => fact)];
}

function similarText({ demangled, diagnosis }: SimilarSymbols, { path }: ScopeFile): string {
  const has = `${displayText(path)} has ${demangled.map(displayText).join(', ')}`;
  switch (diagnosis) {
    case 'mangled':
      return `${has}: the function was compiled as C++ and is asked for as C. Its declaration needs extern "C" where it is defined.`;
    case 'extern-c':
      return `${has}: the function was compiled as C and is asked for as C++. Its header needs extern "C" for C++.`;
    case 'cxx11':
      return `${has}: the two were compiled with different strings of the C++ library (_GLIBCXX_USE_CXX11_ABI).`;
    case 'signature':
      return `${has}: the same function with other parameters. The object was compiled against another version of the header.`;
    case 'name':
    case null:
      return `${has}: near, but another name.`;
  }
}
