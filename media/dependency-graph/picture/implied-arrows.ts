interface Ends {
  readonly from: number;
  readonly to: number;
}

/**
 * The arrows that follow from others (transitive reduction; Aho, Garey, Ullman, 1972): an application that needs the C library
 * needs it as well through everything else. Without them a picture can be read, and what leads where is the same. Arrows that
 * close a cycle are kept.
 *
 * @param count of boxes; box 0 is where all begins.
 * @returns Places in the list of arrows.
 */
export function impliedArrows(count: number, arrows: readonly Ends[]): ReadonlySet<number> {
  const outgoing: number[][] = Array.from({ length: count }, () => []);
  for (const [at, { from }] of arrows.entries()) outgoing[from]?.push(at);
  const { finished, closing } = depthFirst(count, outgoing, arrows);
  const implied = new Set<number>();
  // In the order of finishing, all that a box leads to is known before the box.
  const words = Math.ceil(count / 32);
  const reached: Uint32Array[] = Array.from({ length: count }, () => new Uint32Array(0));
  const rank = new Map(finished.map((box, at) => [box, at]));
  for (const box of finished) {
    const reach = new Uint32Array(words);
    // Those that finished last first: what they lead to finished before them.
    const forward = (outgoing[box] ?? []).filter(at => !closing.has(at));
    const far = (at: number): number => rank.get(arrows[at]?.to ?? 0) ?? 0;
    for (const at of forward.sort((a, b) => far(b) - far(a))) {
      const to = arrows[at]?.to ?? 0;
      if (has(reach, to)) implied.add(at);
      else join(reach, reached[to], to);
    }
    reached[box] = reach;
  }
  return implied;
}

/** Boxes in the order in which a walk leaves them, and the arrows that lead back to where it still is. */
function depthFirst(
  count: number,
  outgoing: readonly (readonly number[])[],
  arrows: readonly Ends[],
): { readonly finished: readonly number[]; readonly closing: ReadonlySet<number> } {
  const state = new Uint8Array(count);
  const finished: number[] = [];
  const closing = new Set<number>();
  for (let start = 0; start < count; start += 1) {
    if (state[start] !== 0) continue;
    state[start] = 1;
    const way = [{ box: start, next: 0 }];
    for (let step = way.at(-1); step !== undefined; step = way.at(-1)) {
      const at = outgoing[step.box]?.[step.next];
      if (at === undefined) {
        state[step.box] = 2;
        finished.push(step.box);
        way.pop();
        continue;
      }
      step.next += 1;
      const to = arrows[at]?.to ?? 0;
      if (state[to] === 1) closing.add(at);
      else if (state[to] === 0) {
        state[to] = 1;
        way.push({ box: to, next: 0 });
      }
    }
  }
  return { finished, closing };
}

function has(bits: Uint32Array, at: number): boolean {
  return ((bits[at >> 5] ?? 0) & (1 << (at & 31))) !== 0;
}

function join(bits: Uint32Array, others: Uint32Array | undefined, at: number): void {
  for (const [word, value] of (others ?? []).entries()) bits[word] = (bits[word] ?? 0) | value;
  bits[at >> 5] = (bits[at >> 5] ?? 0) | (1 << (at & 31));
}
