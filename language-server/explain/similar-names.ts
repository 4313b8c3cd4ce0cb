/** How many single changes make one text into another (Levenshtein); more than `limit` is `limit + 1`. */
export function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let before = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= right.length; j += 1) {
      const cost = left[i - 1] === right[j - 1] ? 0 : 1;
      const value = Math.min((before[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (before[j - 1] ?? 0) + cost);
      row.push(value);
      if (value < least) least = value;
    }
    if (least > limit) return limit + 1;
    before = row;
  }
  return before[right.length] ?? limit + 1;
}

/** The names that are nearest to one, at most a third of it changed, the nearest first. */
export function nearestNames(name: string, names: Iterable<string>, count: number): readonly string[] {
  const limit = Math.max(1, Math.min(12, Math.floor(name.length / 3)));
  const near: { readonly name: string; readonly distance: number }[] = [];
  for (const candidate of names) {
    const distance = editDistance(name, candidate, limit);
    if (distance <= limit && distance > 0) near.push({ name: candidate, distance });
  }
  return near
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ name: found }) => found);
}

/** "foo::bar" of "foo::bar(int, char const*) const". */
export function functionName(demangled: string): string {
  return demangled.replace(/\(.*$/su, '').replace(/\[abi:[^\]]*\]/gu, '');
}
