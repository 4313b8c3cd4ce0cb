import { symbolBinding, symbolType } from '../../elf/reader/symbol-table.ts';
import { shellCommand } from '../../native/shell-quote.ts';
import type { ObjectId, TreeProblem } from '../../protocol/dependencies.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type {
  CopyMismatch,
  LoaderSymbols,
  ReferenceKind,
  UndefinedSymbol,
  UnusedNeed,
} from '../../protocol/loader-symbols.ts';
import { resolveFile } from '../resolve-file.ts';
import { lddCommand } from '../tree/loader-command.ts';
import { objectIds } from '../tree/object-ids.ts';
import type { TreeOptions } from '../tree/tree.ts';
import { effectiveEnvironment } from '../tree/what-if.ts';
import type { Found, ScopeObject } from './look-up.ts';
import type { Reference } from './references.ts';
import { references, type SymbolScope, withSymbolScope } from './scope.ts';
import { nameText } from './symbol-name.ts';

export interface CheckSymbolsOptions extends TreeOptions {
  /** At most this many rows of each list. */
  readonly limit?: number;
}

const defaultLimit = 1000;

/**
 * What the loader would miss when it binds all references of all objects, as `ldd -r` and `ldd -u` have it, without running it.
 *
 * @throws UserError as `resolveTree`.
 */
export async function checkSymbols(
  path: ByteText,
  options: CheckSymbolsOptions,
  signal?: AbortSignal,
): Promise<LoaderSymbols> {
  const resolved = await resolveFile(path, effectiveEnvironment(options), signal, options.files);
  const ids = objectIds(resolved.loadOrder);
  const idOf = ({ map }: ScopeObject): ObjectId => ids.get(map) ?? map.shownPath;
  return await withSymbolScope(resolved, signal, async scope => {
    const check: Check = {
      idOf,
      undefined: [],
      copies: [],
      assertions: new Map(),
      used: new Set(),
      references: 0,
      isMusl: resolved.loader.kind === 'musl',
    };
    for (const object of scope.relocated) await checkObject(scope, object, check);
    const unused = unusedNeeds(scope, check);
    const limit = options.limit ?? defaultLimit;
    const root = displayText(resolved.root.shownPath);
    return {
      undefined: check.undefined.slice(0, limit),
      undefinedTotal: check.undefined.length,
      unused,
      copyMismatches: check.copies.slice(0, limit),
      references: check.references,
      objects: scope.relocated.length,
      problems: [
        ...check.assertions.values(),
        ...undefinedProblems(check.undefined),
        ...unused.map(need => unusedProblem(need, root, idOf(scope.main))),
        ...check.copies.map(copyProblem),
        ...(scope.isExhausted() ? [limitProblem(idOf(scope.main))] : []),
      ],
      commands: [lddCommand(resolved, '-r'), lddCommand(resolved, '-u')],
    };
  });
}

interface Check {
  readonly idOf: (object: ScopeObject) => ObjectId;
  readonly undefined: UndefinedSymbol[];
  readonly copies: CopyMismatch[];
  /** By requester and provider, one for the two. */
  readonly assertions: Map<string, TreeProblem>;
  /** What references of the program are bound to. */
  readonly used: Set<ScopeObject>;
  readonly isMusl: boolean;
  references: number;
}

async function checkObject(scope: SymbolScope, object: ScopeObject, check: Check): Promise<void> {
  const reported = new Set<string>();
  for await (const reference of references(scope, object)) {
    check.references += 1;
    const found = scope.bind(object, reference);
    if (found === null) {
      // One row where a function is both called and pointed to.
      const key = `${reference.name.bytes}\0${reference.version?.name ?? ''}`;
      if (isNeeded(reference, check.isMusl) && !reported.has(key)) {
        reported.add(key);
        check.undefined.push(undefinedSymbol(reference, check.idOf(object), check.isMusl));
      }
      continue;
    }
    if (found.isAsserted) addAssertion(object, reference, found, check);
    if (object === scope.main) check.used.add(found.object);
    if (reference.typeClass === 'copy') checkCopy(object, reference, found, check);
  }
}

/** A weak reference becomes null. For musl one that is a definition itself does not (`do_relocs`). */
function isNeeded({ symbol }: Reference, isMusl: boolean): boolean {
  return symbol.binding !== symbolBinding.weak || (isMusl && symbol.section !== 0);
}

export function referenceKind({ typeClass, isThreadLocal, isLazy, symbol }: Reference): ReferenceKind {
  if (typeClass === 'copy') return 'copy';
  if (isThreadLocal || symbol.type === symbolType.tls) return 'thread-local';
  const isFunction =
    typeClass === 'plt' || isLazy || symbol.type === symbolType.function || symbol.type === symbolType.gnuIfunc;
  return isFunction ? 'function' : 'data';
}

function undefinedSymbol(reference: Reference, object: ObjectId, isMusl: boolean): UndefinedSymbol {
  const name = nameText(reference.name.bytes);
  const version = isMusl ? null : (reference.version?.name ?? null);
  return {
    name,
    version,
    versionFile: isMusl ? null : (reference.version?.file ?? null),
    object,
    kind: referenceKind(reference),
    fails: reference.isLazy && !isMusl ? 'lazy' : 'start',
    message: isMusl
      ? `${name}: symbol not found`
      : `undefined symbol: ${name}${version === null ? '' : `, version ${version}`}`,
  };
}

function addAssertion(object: ScopeObject, reference: Reference, found: Found, { idOf, assertions }: Check): void {
  const [requester, provider] = [idOf(object), idOf(found.object)];
  const key = `${requester}\0${provider}`;
  if (assertions.has(key)) return;
  const name = displayText(`${nameText(reference.name.bytes)}@${reference.version?.name ?? ''}`);
  assertions.set(key, {
    code: 'dependencies/version-assertion',
    severity: 'error',
    message: `${displayText(requester)} asks ${displayText(provider)} for ${name}, and that has no versions at all: the loader ends with an assertion ("Inconsistency detected by ld.so", check_match). The library is another build than the one that was linked with.`,
    object: requester,
    edge: reference.version?.file ?? '',
    actual: name,
    evidence: { rule: 'glibc elf/dl-lookup.c check_match', command: shellCommand(['readelf', '-VW', provider]) },
  });
}

/** As glibc compares the two (`elf_machine_rela`, R_*_COPY). */
function checkCopy(object: ScopeObject, { name, symbol }: Reference, found: Found, { idOf, copies }: Check): void {
  if (found.symbol.sizeBytes === symbol.sizeBytes) return;
  copies.push({
    name: nameText(name.bytes),
    object: idOf(object),
    sizeBytes: symbol.sizeBytes,
    provider: idOf(found.object),
    providerSizeBytes: found.symbol.sizeBytes,
  });
}

/** The NEEDED entries of the file that no reference of it is bound to; the loader itself is always of use. */
function unusedNeeds({ main, objects }: SymbolScope, { idOf, used }: Check): readonly UnusedNeed[] {
  const byMap = new Map(objects.map(object => [object.map, object]));
  const seen = new Set<ScopeObject>();
  return main.map.edges.flatMap(({ kind, name, found }) => {
    const object = found === null ? undefined : byMap.get(found);
    if (kind !== 'needed' || object === undefined || object.map.kind !== 'library') return [];
    if (used.has(object) || seen.has(object)) return [];
    seen.add(object);
    return [{ name, object: idOf(object) }];
  });
}

const namedSymbols = 5;

/** One an object: a library that is missing leaves hundreds. */
function undefinedProblems(symbols: readonly UndefinedSymbol[]): readonly TreeProblem[] {
  const byObject = new Map<ObjectId, UndefinedSymbol[]>();
  for (const symbol of symbols) {
    const known = byObject.get(symbol.object);
    if (known === undefined) byObject.set(symbol.object, [symbol]);
    else known.push(symbol);
  }
  return [...byObject].map(([object, undefinedHere]) => {
    const names = undefinedHere
      .slice(0, namedSymbols)
      .map(({ name, version }) => displayText(version === null ? name : `${name}@${version}`));
    const more = undefinedHere.length > names.length ? ` and ${undefinedHere.length - names.length} more` : '';
    const atStart = undefinedHere.some(({ fails }) => fails === 'start');
    const consequence = atStart
      ? 'The loader ends with a symbol lookup error.'
      : 'The program ends with a symbol lookup error once one of them is called.';
    return {
      code: 'dependencies/undefined-symbol',
      severity: 'error',
      message: `${displayText(object)} refers to ${names.join(', ')}${more}, which nothing that is loaded defines. ${consequence}`,
      object,
      actual: undefinedHere[0]?.message ?? '',
      evidence: { rule: 'glibc elf/dl-lookup.c _dl_lookup_symbol_x', command: shellCommand(['ldd', '-r', object]) },
    };
  });
}

function unusedProblem({ name, object }: UnusedNeed, root: string, id: ObjectId): TreeProblem {
  return {
    code: 'dependencies/unused-need',
    severity: 'hint',
    message: `${root} needs ${displayText(name)}, but none of its references is bound to it (${displayText(object)}). Unless it is wanted for what it does when it is loaded, link with --as-needed.`,
    object: id,
    edge: name,
    evidence: { rule: 'glibc elf/rtld.c, LD_DEBUG=unused', command: shellCommand(['ldd', '-u', id]) },
  };
}

function copyProblem({ name, object, sizeBytes, provider, providerSizeBytes }: CopyMismatch): TreeProblem {
  const consequence =
    sizeBytes < providerSizeBytes
      ? 'The copy is cut: what is behind it is read as if it were part of it.'
      : 'It was linked with another version of the library.';
  return {
    code: 'dependencies/copy-size',
    severity: 'warning',
    message: `${displayText(object)} has a copy of ${displayText(name)} with ${sizeBytes} bytes; in ${displayText(provider)} it has ${providerSizeBytes}. ${consequence} Link it anew.`,
    object,
    expected: `${providerSizeBytes} bytes`,
    actual: `${sizeBytes} bytes`,
    evidence: {
      rule: 'glibc sysdeps/x86_64/dl-machine.h, R_X86_64_COPY',
      command: shellCommand(['readelf', '-rW', object]),
    },
  };
}

function limitProblem(object: ObjectId): TreeProblem {
  const message = 'The look-ups were given up: a hash table of one of the objects is damaged or of no use.';
  return { code: 'dependencies/symbol-limit', severity: 'warning', message, object };
}
