import { nothing, type SVGTemplateResult, svg, type TemplateResult } from 'lit';
import type { SizePart } from '../../../language-server/protocol/size.ts';
import { text } from '../texts.ts';
import { type Measure, partName, partText, shownParts } from './size-text.ts';
import { type Rectangle, squarify } from './squarify.ts';

const mapHeight = 380;
const labelHeight = 18;
/** Narrower, a label says nothing. */
const leastLabelWidth = 44;
const longestLabel = 200;

export interface Tile {
  readonly part: SizePart;
  readonly place: Rectangle;
}

export interface Treemap {
  readonly tiles: readonly Tile[];
  readonly width: number;
  readonly measure: Measure;
  /** Place of the tile that the keys are on. */
  readonly active: number;
  readonly onKey: (event: KeyboardEvent) => void;
  readonly onClick: (part: SizePart, at: number) => void;
}

/** The parts of one part, as rectangles beside each other. */
export function tilesOf(shown: SizePart, measure: Measure, width: number): readonly Tile[] {
  const parts = shownParts(shown, measure);
  const places = squarify(
    parts.map(part => part[measure]),
    { x: 0, y: 0, width, height: mapHeight },
  );
  return parts.flatMap((part, at) => {
    const place = places[at];
    return place === undefined ? [] : [{ part, place }];
  });
}

export function renderTreemap(map: Treemap): SVGTemplateResult | TemplateResult | typeof nothing {
  const { tiles, width, measure, active, onKey } = map;
  if (width === 0 || tiles.length === 0) return nothing;
  const whole = tiles.reduce((sum, { part }) => sum + part[measure], 0);
  return svg`
    <svg
      class="treemap"
      width=${width}
      height=${mapHeight}
      role="listbox"
      tabindex="0"
      aria-label=${text('treemap')}
      aria-description=${text('treemapHint')}
      aria-activedescendant="tile-${active}"
      @keydown=${onKey}
    >
      ${tiles.map((tile, at) => renderTile(map, tile, at, whole))}
    </svg>
  `;
}

function renderTile(
  { measure, active, onClick }: Treemap,
  { part, place }: Tile,
  at: number,
  whole: number,
): SVGTemplateResult {
  const label = partText(part, measure, whole);
  return svg`
    <g
      class="tile ${part.kind} ${at === active ? 'active' : ''}"
      role="option"
      id="tile-${at}"
      aria-selected=${at === active}
      aria-label=${label}
      @click=${() => onClick(part, at)}
    >
      <title>${label}</title>
      <rect x=${place.x} y=${place.y} width=${Math.max(place.width - 1, 0)} height=${Math.max(place.height - 1, 0)}></rect>
      ${renderInner(part, place, measure)}
      ${labelOf(partName(part), place)}
    </g>
  `;
}

/** The parts of a part, as a picture only: looking into it names them. */
function renderInner(
  part: SizePart,
  { x, y, width, height }: Rectangle,
  measure: Measure,
): readonly SVGTemplateResult[] {
  const inner = { x: x + 3, y: y + labelHeight, width: width - 7, height: height - labelHeight - 4 };
  if (inner.width < 8 || inner.height < 8) return [];
  const children = shownParts(part, measure);
  const places = squarify(
    children.map(child => child[measure]),
    inner,
  );
  return places.flatMap(({ x: left, y: top, width: wide, height: high }, at) =>
    wide > 2 && high > 2
      ? [svg`<rect class="inner ${children[at]?.kind}" x=${left} y=${top} width=${wide - 1} height=${high - 1}></rect>`]
      : [],
  );
}

function labelOf(name: string, { x, y, width, height }: Rectangle): SVGTemplateResult | typeof nothing {
  if (width < leastLabelWidth || height < labelHeight) return nothing;
  // Cut off by its own picture, not shortened: what is seen stays the beginning of what is read out.
  return svg`<svg x=${x} y=${y} width=${Math.max(width - 4, 0)} height=${labelHeight} aria-hidden="true"><text x="5" y="13">${name.slice(0, longestLabel)}</text></svg>`;
}
