import { symbolBinding, symbolType } from '../../elf/reader/symbol-table.ts';
import type { ObjectId } from '../../protocol/dependencies.ts';
import type { SymbolDefinition } from '../../protocol/loader-symbols.ts';
import type { DynamicSymbol, DynamicSymbols } from './dynamic-symbols.ts';

const typeNames: Readonly<Record<number, string>> = {
  [symbolType.none]: 'NOTYPE',
  [symbolType.object]: 'OBJECT',
  [symbolType.function]: 'FUNC',
  [symbolType.common]: 'COMMON',
  [symbolType.tls]: 'TLS',
  [symbolType.gnuIfunc]: 'IFUNC',
};
const visibilities = ['default', 'internal', 'hidden', 'protected'] as const;
const hiddenVersion = 0x8000;

/** A definition as it travels. */
export function definitionOf(symbols: DynamicSymbols, symbol: DynamicSymbol, object: ObjectId): SymbolDefinition {
  const { index, type, binding, visibility, value, sizeBytes } = symbol;
  const number = symbols.versionNumber(index);
  return {
    object,
    version: symbols.hasVersions ? (symbols.version(number)?.name ?? null) : null,
    isDefault: (number & hiddenVersion) === 0,
    type: typeNames[type] ?? `${type}`,
    binding: binding === symbolBinding.weak ? 'weak' : binding === symbolBinding.gnuUnique ? 'unique' : 'global',
    visibility: visibilities[visibility] ?? 'default',
    value: `0x${value.toString(16)}`,
    sizeBytes,
  };
}
