/** What is laid out: boxes by their sizes in px, arrows by the places of their ends. */
export interface LayoutRequest {
  readonly boxes: readonly { readonly width: number; readonly height: number }[];
  readonly arrows: readonly { readonly from: number; readonly to: number }[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** In px, from the upper left corner of the picture. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** The middle of each box. */
  readonly boxes: readonly Point[];
  /** Where each arrow bends, its ends included. */
  readonly arrows: readonly (readonly Point[])[];
}

export type LayoutAnswer =
  | { readonly kind: 'layout'; readonly layout: Layout }
  | { readonly kind: 'error'; readonly message: string };
