import { symbolBinding } from '../../elf/reader/symbol-table.ts';
import { shellCommand } from '../../native/shell-quote.ts';
import type { ObjectId } from '../../protocol/dependencies.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { ProviderCandidate, SymbolProvider, SymbolReference } from '../../protocol/loader-symbols.ts';
import { resolveFile } from '../resolve-file.ts';
import { bindingsCommand } from '../tree/loader-command.ts';
import { objectIds } from '../tree/object-ids.ts';
import type { TreeOptions } from '../tree/tree.ts';
import { effectiveEnvironment } from '../tree/what-if.ts';
import { referenceKind } from './check-symbols.ts';
import { definitionOf } from './definition.ts';
import type { DynamicSymbol, DynamicSymbols, LoaderVersion } from './dynamic-symbols.ts';
import { type Found, fitOf, isDefinition, type ScopeObject } from './look-up.ts';
import { references, type SymbolScope, withSymbolScope } from './scope.ts';
import { nameBytes, type SymbolName, symbolName } from './symbol-name.ts';

const mostReferences = 1000;

/**
 * Which object of the tree a symbol comes from, every other that defines it, and who refers to it.
 *
 * @param symbol `name`, `name@VERSION` or `name@@VERSION`.
 * @param from Whose reference it is; absent: the file's own.
 * @throws UserError as `resolveTree`; invalidParams where `from` is not in the tree.
 */
export async function findProvider(
  path: ByteText,
  { symbol, from }: { readonly symbol: string; readonly from?: ObjectId },
  options: TreeOptions,
  signal?: AbortSignal,
): Promise<SymbolProvider> {
  const resolved = await resolveFile(path, effectiveEnvironment(options), signal, options.files);
  const ids = objectIds(resolved.loadOrder);
  const idOf = ({ map }: ScopeObject): ObjectId => ids.get(map) ?? map.shownPath;
  const [, plain = symbol, asked = null] = /^(.+?)@{1,2}(.+)$/su.exec(symbol) ?? [];
  const name = symbolName(nameBytes(plain));
  return await withSymbolScope(resolved, signal, async scope => {
    const requester = from === undefined ? scope.main : scope.objects.find(object => idOf(object) === from);
    if (requester === undefined) {
      throw new UserError('invalidParams', `${displayText(from ?? '')} is not loaded with ${displayText(path)}.`);
    }
    const found = await referencesTo(scope, name);
    const own = found.find(({ object }) => object === requester);
    const version = asked === null ? (own?.reference.version ?? null) : versionNamed(asked);
    const wanted = { name, version, typeClass: own?.reference.typeClass ?? 'other' } as const;
    const provider =
      asked === null && own !== undefined ? scope.bind(requester, own.reference) : scope.find(requester, wanted);
    const shown = found.slice(0, mostReferences).map(({ object, reference }): SymbolReference => {
      const bound = scope.bind(object, reference);
      return {
        object: idOf(object),
        version: reference.version?.name ?? null,
        kind: referenceKind(reference),
        isWeak: reference.symbol.binding === symbolBinding.weak,
        provider: bound === null ? null : idOf(bound.object),
      };
    });
    return {
      name: plain,
      version: version?.name ?? asked,
      from: idOf(requester),
      provider: provider === null ? null : idOf(provider.object),
      candidates: candidatesOf(scope, name, version, provider, idOf),
      references: shown,
      referencesTotal: found.length,
      command: `${bindingsCommand(resolved)} 2>&1 | ${shellCommand(['grep', '-Fw', plain])}`,
    };
  });
}

/** The relocations of all objects that ask for the name, in the order of the scope. Objects that do not import it are not read through. */
async function referencesTo(scope: SymbolScope, name: SymbolName) {
  const found = [];
  for (const object of scope.objects) {
    await scope.pause();
    if (object.symbols === null || !mentions(object.symbols, name)) continue;
    for await (const reference of references(scope, object)) {
      if (reference.name.bytes === name.bytes) found.push({ object, reference });
    }
  }
  return found;
}

const maximumStringsBytes = 64 << 20;

/** Whether the name is in the string table at all: a single search of its bytes. Tails of longer names count. */
function mentions({ dynamic, image }: DynamicSymbols, { bytes }: SymbolName): boolean {
  const { strings } = dynamic;
  if (strings === null) return false;
  const table = image.source.read(strings.offset, Math.min(strings.sizeBytes, maximumStringsBytes));
  return table.includes(`${bytes}\0`, 0, 'latin1');
}

/** A version by its name, with the hash that link editors write for it. */
function versionNamed(wanted: ByteText): LoaderVersion {
  return { name: wanted, hash: symbolName(nameBytes(wanted)).sysvHash(), file: null };
}

function candidatesOf(
  { objects }: SymbolScope,
  name: SymbolName,
  version: LoaderVersion | null,
  provider: Found | null,
  idOf: (object: ScopeObject) => ObjectId,
): readonly ProviderCandidate[] {
  return objects.flatMap(object => {
    const { symbols } = object;
    if (symbols === null) return [];
    return definitionsIn(symbols, name).map(symbol => ({
      ...definitionOf(symbols, symbol, idOf(object)),
      outcome: outcomeOf(
        symbols,
        symbol,
        version,
        object === provider?.object && symbol.index === provider.symbol.index,
      ),
    }));
  });
}

export function definitionsIn(symbols: DynamicSymbols, name: SymbolName): readonly DynamicSymbol[] {
  return [...(symbols.lookup?.find(name) ?? [])].flatMap(index => {
    const symbol = symbols.symbol(index);
    if (symbol === null || symbol.section === 0 || !isDefinition(symbol, 'other')) return [];
    return symbols.nameOf(symbol) === name.bytes ? [symbol] : [];
  });
}

function outcomeOf(
  symbols: DynamicSymbols,
  symbol: DynamicSymbol,
  version: LoaderVersion | null,
  isChosen: boolean,
): ProviderCandidate['outcome'] {
  if (isChosen) return 'chosen';
  if (symbol.visibility === 1 || symbol.visibility === 2) return 'local';
  const fit = fitOf(symbols, symbol.index, version);
  if (fit !== 'no') return 'later';
  return version === null ? 'hidden-version' : 'version';
}
