import type { BoundedList, NameChanges } from '../../protocol/compare.ts';
import type { ByteText } from '../../protocol/elf.ts';

export function bounded<Row>(rows: readonly Row[], limit: number): BoundedList<Row> {
  return { rows: rows.slice(0, limit), total: rows.length };
}

/** What is in one list of names and not in the other, each once, in their order. */
export function nameChanges(before: readonly ByteText[], after: readonly ByteText[], limit: number): NameChanges {
  const [old, young] = [new Set(before), new Set(after)];
  return {
    added: bounded(
      [...young].filter(name => !old.has(name)),
      limit,
    ),
    removed: bounded(
      [...old].filter(name => !young.has(name)),
      limit,
    ),
  };
}
