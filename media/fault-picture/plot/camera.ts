/** The stretch of the axis that is seen: of numbers of allocations, or of microseconds. */
export interface Camera {
  readonly from: number;
  readonly to: number;
}

/** All that there is, with a little room at both ends. */
export function wholeCamera(first: number, last: number): Camera {
  const room = Math.max((last - first) * 0.02, 0.5);
  return { from: first - room, to: last + room };
}

/** Closer (`factor` below 1) or farther, with what is at `at` staying where it is. Never more than `whole`, nor less than `least`. */
export function zoomed(camera: Camera, whole: Camera, factor: number, at: number, least: number): Camera {
  const span = Math.min(Math.max((camera.to - camera.from) * factor, least), whole.to - whole.from);
  const share = (at - camera.from) / (camera.to - camera.from);
  return within({ from: at - share * span, to: at + (1 - share) * span }, whole);
}

/** Moved to the right by so much, as far as there is something to see. */
export function panned({ from, to }: Camera, whole: Camera, by: number): Camera {
  return within({ from: from + by, to: to + by }, whole);
}

/** Moved as little as brings `at` into sight. */
export function revealing(camera: Camera, whole: Camera, at: number): Camera {
  const margin = (camera.to - camera.from) * 0.05;
  if (at < camera.from + margin) return panned(camera, whole, at - margin - camera.from);
  if (at > camera.to - margin) return panned(camera, whole, at + margin - camera.to);
  return camera;
}

function within({ from, to }: Camera, whole: Camera): Camera {
  const span = Math.min(to - from, whole.to - whole.from);
  const start = Math.min(Math.max(from, whole.from), whole.to - span);
  return { from: start, to: start + span };
}

/** Round numbers of the axis that are in sight, about `count` of them. */
export function ticks({ from, to }: Camera, count: number): readonly number[] {
  const rough = (to - from) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  // Allocations have no halves.
  const step = Math.max([1, 2, 5, 10].map(factor => factor * power).find(size => size >= rough) ?? power, 1);
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.max(Math.floor(to / step) - first + 1, 0) }, (_, index) => (first + index) * step);
}
