import type { Point } from './layout-messages.ts';

/** How a picture is looked at: what stands in the upper left corner, in px of the picture, and how large a px of it is shown. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const smallest = 0.02;
const largest = 4;
/** Larger than life is no help where all fits. */
const largestFit = 1;

/** All of the picture, in the middle of the window. */
export function fitted(picture: Size, window: Size): Camera {
  const scale = clamp(Math.min(window.width / picture.width, window.height / picture.height), smallest, largestFit);
  return {
    x: (picture.width - window.width / scale) / 2,
    y: (picture.height - window.height / scale) / 2,
    scale,
  };
}

/** Larger by a factor, with the place under a point of the window where it is. */
export function zoomed(camera: Camera, factor: number, at: Point): Camera {
  const scale = clamp(camera.scale * factor, smallest, largest);
  return {
    x: camera.x + at.x / camera.scale - at.x / scale,
    y: camera.y + at.y / camera.scale - at.y / scale,
    scale,
  };
}

/** By px of the window. */
export function panned(camera: Camera, by: Point): Camera {
  return { ...camera, x: camera.x + by.x / camera.scale, y: camera.y + by.y / camera.scale };
}

/** Moved only as far as a box must be to be seen whole, and zoomed in where it could not be read. */
export function showing(camera: Camera, box: Size & Point, window: Size): Camera {
  const scale = Math.max(camera.scale, readable);
  const margin = 24 / scale;
  const seen = { width: window.width / scale, height: window.height / scale };
  if (scale !== camera.scale) return { x: box.x - seen.width / 2, y: box.y - seen.height / 2, scale };
  const moved = (from: number, length: number, middle: number, size: number): number => {
    const first = middle - size / 2 - margin;
    const last = middle + size / 2 + margin;
    if (first < from) return first;
    return last > from + length ? last - length : from;
  };
  return {
    x: moved(camera.x, seen.width, box.x, box.width),
    y: moved(camera.y, seen.height, box.y, box.height),
    scale,
  };
}

/** Below this, labels cannot be read. */
const readable = 0.5;

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
