import { UserError } from '../../protocol/errors.ts';

/** Some elements of an array, as NumPy's basic indexing chooses them: a shape, and where its elements are. */
export interface View {
  readonly shape: readonly number[];
  /** Place of the first element among those of the array. */
  readonly offset: number;
  /** By axis, how many elements of the array the next one is away; negative where an axis is reversed. */
  readonly strides: readonly number[];
}

/** All of an array. */
export function wholeView(shape: readonly number[], fortranOrder: boolean): View {
  const strides = new Array<number>(shape.length).fill(1);
  const axes = shape.map((_, axis) => axis);
  let stride = 1;
  for (const axis of fortranOrder ? axes : axes.reverse()) {
    strides[axis] = stride;
    stride *= shape[axis] ?? 1;
  }
  return { shape, offset: 0, strides };
}

export function sizeOf({ shape }: Pick<View, 'shape'>): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Whether its elements stand one behind the other, in its own order. */
export function isContiguous({ shape, strides }: View): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    const size = shape[axis] ?? 1;
    if (size !== 1 && strides[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}

/** The index of an element by its place in the order of a shape, the last axis running fastest. */
export function indexOf(shape: readonly number[], flat: number): readonly number[] {
  const index: number[] = [];
  let rest = flat;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    const size = shape[axis] ?? 1;
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return index;
}

/**
 * The places of elements `start` to `start + count` of a view in its own order (the last axis runs fastest), into an array that
 * has room for them.
 */
export function placesOf({ shape, offset, strides }: View, start: number, count: number, into: Float64Array): void {
  const index = [...indexOf(shape, start)];
  let place = index.reduce((sum, at, axis) => sum + at * (strides[axis] ?? 0), offset);
  for (let done = 0; done < count; done += 1) {
    into[done] = place;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      const at = (index[axis] ?? 0) + 1;
      const stride = strides[axis] ?? 0;
      if (at < (shape[axis] ?? 1)) {
        index[axis] = at;
        place += stride;
        break;
      }
      index[axis] = 0;
      place -= (at - 1) * stride;
    }
  }
}

/** One axis summed or looked at by itself: the view of the others, and that of the axis for one place of the others. */
export function alongAxis(view: View, axis: number): { readonly rest: View; readonly line: (place: number) => View } {
  const others = view.shape.map((_, at) => at).filter(at => at !== axis);
  const rest: View = {
    shape: others.map(at => view.shape[at] ?? 1),
    offset: view.offset,
    strides: others.map(at => view.strides[at] ?? 0),
  };
  const line = (offset: number): View => ({
    shape: [view.shape[axis] ?? 1],
    offset,
    strides: [view.strides[axis] ?? 0],
  });
  return { rest, line };
}

const tokenPattern =
  /\s*(?:(?<ellipsis>\.\.\.|…)|(?<newaxis>None|np\.newaxis|newaxis)|(?<range>(?:[+-]?\d+)?\s*:\s*(?:[+-]?\d+)?\s*(?::\s*(?:[+-]?\d+)?)?)|(?<number>[+-]?\d+))\s*(?<end>,|$)/uy;

/**
 * What `array[…]` chooses, with what stands between the brackets, or with the brackets: "0, :, ::2", "[..., -1]".
 * Throws UserError invalidParams, which names the place.
 */
export function sliceView(view: View, text: string): View {
  const inner = /^\s*\[(?<inner>[\s\S]*)\]\s*$/u.exec(text)?.groups?.['inner'] ?? text;
  const parts = partsOf(inner);
  const consuming = parts.filter(part => part.kind === 'number' || part.kind === 'range').length;
  const axes = view.shape.length;
  if (consuming > axes)
    throw new UserError('invalidParams', `"${text}" is of ${consuming} axes, and the array has ${axes}.`);
  if (parts.filter(part => part.kind === 'ellipsis').length > 1)
    throw new UserError('invalidParams', `"${text}" has more than one ellipsis.`);
  const filled = parts.flatMap(part =>
    part.kind === 'ellipsis' ? Array.from({ length: axes - consuming }, () => wholeAxis) : [part],
  );
  const missing = axes - filled.filter(part => part.kind !== 'newaxis').length;
  return applied(view, [...filled, ...Array.from({ length: missing }, () => wholeAxis)]);
}

type Part =
  | { readonly kind: 'ellipsis' }
  | { readonly kind: 'newaxis' }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'range'; readonly start: number | null; readonly stop: number | null; readonly step: number };

const wholeAxis: Part = { kind: 'range', start: null, stop: null, step: 1 };

function partsOf(text: string): readonly Part[] {
  if (text.trim() === '') return [];
  const parts: Part[] = [];
  for (let at = 0; at < text.length || parts.length === 0; ) {
    tokenPattern.lastIndex = at;
    const match = tokenPattern.exec(text);
    if (match === null)
      throw new UserError(
        'invalidParams',
        `"${text}" is no index that can be used, from "${text.slice(at, at + 20)}" (character ${at + 1}) on. Numbers, ranges (start:stop:step) and "..." can be, with commas.`,
      );
    parts.push(partOf(match.groups ?? {}, text));
    at = tokenPattern.lastIndex;
    if (match.groups?.['end'] === '') break;
  }
  return parts;
}

function partOf(groups: Readonly<Record<string, string | undefined>>, text: string): Part {
  if (groups['ellipsis'] !== undefined) return { kind: 'ellipsis' };
  if (groups['newaxis'] !== undefined) return { kind: 'newaxis' };
  if (groups['number'] !== undefined) return { kind: 'number', value: Number(groups['number']) };
  const [start, stop, step] = (groups['range'] ?? '')
    .split(':')
    .map(part => (part.trim() === '' ? null : Number(part)));
  if (step === 0) throw new UserError('invalidParams', `"${text}" has a range with the step 0.`);
  return { kind: 'range', start: start ?? null, stop: stop ?? null, step: step ?? 1 };
}

function applied(view: View, parts: readonly Part[]): View {
  let { offset } = view;
  const shape: number[] = [];
  const strides: number[] = [];
  let axis = 0;
  for (const part of parts) {
    if (part.kind === 'newaxis') {
      shape.push(1);
      strides.push(0);
      continue;
    }
    const size = view.shape[axis] ?? 0;
    const stride = view.strides[axis] ?? 0;
    axis += 1;
    if (part.kind === 'number') {
      const at = part.value < 0 ? part.value + size : part.value;
      if (at < 0 || at >= size)
        throw new UserError(
          'invalidParams',
          `Index ${part.value} is out of bounds for axis ${axis - 1}, which has ${size} elements.`,
        );
      offset += at * stride;
    } else if (part.kind === 'range') {
      const { first, count } = rangeOf(part, size);
      offset += first * stride;
      shape.push(count);
      strides.push(part.step * stride);
    }
  }
  return { shape, offset, strides };
}

/** Python's slice.indices. */
function rangeOf(
  { start, stop, step }: Extract<Part, { readonly kind: 'range' }>,
  size: number,
): { readonly first: number; readonly count: number } {
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const clamp = (value: number): number => Math.min(Math.max(value < 0 ? value + size : value, low), high);
  const first = start === null ? (step > 0 ? low : high) : clamp(start);
  const end = stop === null ? (step > 0 ? high : low) : clamp(stop);
  const count = Math.max(0, Math.ceil((end - first) / step));
  return { first: count === 0 ? 0 : first, count };
}
