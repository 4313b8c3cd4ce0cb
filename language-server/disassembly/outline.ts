import { displayText } from '../protocol/display-text.ts';
import { functionSize, sizeText } from './function-size.ts';
import type { ListedRange, Listing } from './listing.ts';
import { lineText } from './listing.ts';
import type { TextRange } from './text-range.ts';

/** One entry of the outline. */
export interface OutlineEntry {
  readonly name: string;
  /** Address and size of a function, the format of a file. */
  readonly detail: string;
  readonly kind: 'file' | 'section' | 'function';
  readonly range: TextRange;
  /** The line that names it. */
  readonly selectionRange: TextRange;
  readonly children: readonly OutlineEntry[];
}

/** Names as the listing's reader wants to see them, for those that are mangled. */
export type DisplayNames = (name: string) => string;

/**
 * The functions; below their sections where there are several, and these below their files where there are several. What has
 * no instructions (sections that objdump names before it finds nothing in them) is left out.
 */
export function outline(listing: Listing, displayName: DisplayNames = name => name): readonly OutlineEntry[] {
  const ofSection = new Map<number, OutlineEntry[]>();
  for (const [index, listed] of listing.functions.entries()) {
    if (!hasCode(listed)) continue;
    const { name, section, address } = listed;
    const size = sizeText(functionSize(listing, index));
    add(ofSection, section, {
      ...entry(listing, listed, 'function', shown(displayName(name)), `0x${address.toString(16)}, ${size}`),
      children: [],
    });
  }
  const ofFile = new Map<number, OutlineEntry[]>();
  const filled = listing.sections.filter(hasCode);
  for (const [index, section] of listing.sections.entries()) {
    if (!hasCode(section)) continue;
    const children = ofSection.get(index) ?? [];
    if (filled.length === 1) return children;
    add(ofFile, section.file, { ...entry(listing, section, 'section', shown(section.name), ''), children });
  }
  if (ofFile.size <= 1) return [...ofFile.values()].flat();
  return [...ofFile].flatMap(([index, children]) => {
    const file = listing.files[index];
    return file === undefined ? [] : [{ ...entry(listing, file, 'file', shown(file.name), file.format), children }];
  });
}

function hasCode({ firstInstruction, endInstruction }: ListedRange): boolean {
  return endInstruction > firstInstruction;
}

/** VS Code refuses an outline with an empty name. */
function shown(name: string): string {
  return name === '' ? '?' : displayText(name);
}

function add(groups: Map<number, OutlineEntry[]>, key: number, value: OutlineEntry): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}

function entry(
  listing: Listing,
  { line, lastLine }: ListedRange,
  kind: OutlineEntry['kind'],
  name: string,
  detail: string,
): Omit<OutlineEntry, 'children'> {
  const end = (at: number) => ({ line: at, character: lineText(listing, at).length });
  const start = { line, character: 0 };
  return { name, detail, kind, range: { start, end: end(lastLine) }, selectionRange: { start, end: end(line) } };
}
