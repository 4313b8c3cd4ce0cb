import type { SizePart } from '../../protocol/size.ts';

/** The largest first, those beyond the limit as one part; those without any byte are left out. */
export function largest(parts: readonly SizePart[], limit: number): readonly SizePart[] {
  const sorted = parts.filter(({ fileBytes, memoryBytes }) => fileBytes > 0 || memoryBytes > 0).sort(bySize);
  const rest = sorted.slice(limit);
  return rest.length === 0 ? sorted : [...sorted.slice(0, limit), othersPart(rest)].sort(bySize);
}

/** One part in the place of several. */
export function othersPart(rest: readonly SizePart[]): SizePart {
  return {
    name: '[others]',
    kind: 'others',
    fileBytes: rest.reduce((sum, { fileBytes }) => sum + fileBytes, 0),
    memoryBytes: rest.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    count: rest.length,
    children: [],
  };
}

export function bySize(left: SizePart, right: SizePart): number {
  const weight = ({ fileBytes, memoryBytes }: SizePart): number => Math.max(fileBytes, memoryBytes);
  return weight(right) - weight(left) || (left.name < right.name ? -1 : 1);
}
