import type { Point } from './layout-messages.ts';

export type PictureKey =
  | { readonly kind: 'pan'; readonly by: Point }
  | { readonly kind: 'zoom'; readonly factor: number }
  | { readonly kind: 'fit' | 'open' | 'fold' | 'why' };

export const zoomStep = 1.25;
const panStep = 60;

/** What a key does to the picture or its selected box; null: it may still lead to another box. */
export function pictureKey(key: string, shiftKey: boolean): PictureKey | null {
  switch (key) {
    case '+':
    case '=':
      return { kind: 'zoom', factor: zoomStep };
    case '-':
      return { kind: 'zoom', factor: 1 / zoomStep };
    case '0':
      return { kind: 'fit' };
    case 'Enter':
      return { kind: 'open' };
    case ' ':
      return { kind: 'fold' };
    case 'w':
    case 'W':
      return { kind: 'why' };
    default:
      return shiftKey ? pan(key) : null;
  }
}

function pan(key: string): PictureKey | null {
  switch (key) {
    case 'ArrowLeft':
      return { kind: 'pan', by: { x: -panStep, y: 0 } };
    case 'ArrowRight':
      return { kind: 'pan', by: { x: panStep, y: 0 } };
    case 'ArrowUp':
      return { kind: 'pan', by: { x: 0, y: -panStep } };
    case 'ArrowDown':
      return { kind: 'pan', by: { x: 0, y: panStep } };
    default:
      return null;
  }
}
