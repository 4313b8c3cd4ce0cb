import type { ByteText } from '../../protocol/elf.ts';
import type { SizePart } from '../../protocol/size.ts';
import { bySize, othersPart } from './largest.ts';
import type { PartSizes } from './parts.ts';

/** Sizes of source files, by their paths. */
export type SourceSizes = ReadonlyMap<ByteText, Readonly<PartSizes>>;

/** Parts of one answer: a page or a terminal shows no more, and the smallest are left out first. */
const maximumParts = 4000;
/** Deeper than any source tree is; below, the rest of a path is one name. */
const maximumDepth = 48;

interface Node {
  /** Last part of its path. */
  readonly name: ByteText;
  readonly path: ByteText;
  readonly children: Map<ByteText, Node>;
  /** Of a file its own; of a folder the sum of all below. */
  fileBytes: number;
  memoryBytes: number;
}

/**
 * Folders and the files in them. A folder with nothing but one part stands together with it. At most `limit` parts below each
 * one: the rest is one part.
 */
export function sourceParts(sizes: SourceSizes, limit: number): readonly SizePart[] {
  const root = node('', '');
  for (const [path, size] of sizes) {
    if (size.fileBytes > 0 || size.memoryBytes > 0) insert(root, path, size);
  }
  const least = leastShown(root);
  return partsOf(root, limit, least);
}

function node(name: ByteText, path: ByteText): Node {
  return { name, path, children: new Map(), fileBytes: 0, memoryBytes: 0 };
}

function insert(root: Node, path: ByteText, { fileBytes, memoryBytes }: Readonly<PartSizes>): void {
  let current = root;
  let from = 0;
  for (let depth = 0; ; depth += 1) {
    // The leading slash is a part of the first name.
    const slash = depth >= maximumDepth ? -1 : path.indexOf('/', from + (from === 0 ? 1 : 0));
    const end = slash < 0 ? path.length : slash;
    const name = path.slice(from, end);
    const isFile = slash < 0;
    // A file and a folder of one name are two parts.
    const key = isFile ? name : `${name}/`;
    let child = current.children.get(key);
    if (child === undefined) {
      child = node(name, path.slice(0, end));
      current.children.set(key, child);
    }
    child.fileBytes += fileBytes;
    child.memoryBytes += memoryBytes;
    if (isFile) return;
    current = child;
    from = slash + 1;
  }
}

function weight({ fileBytes, memoryBytes }: Readonly<PartSizes>): number {
  return Math.max(fileBytes, memoryBytes);
}

/** The size that a part must have at least, so that there are not more than {@link maximumParts}. */
function leastShown(root: Node): number {
  const weights: number[] = [];
  const below: Node[] = [root];
  for (let current = below.pop(); current !== undefined; current = below.pop()) {
    for (const child of current.children.values()) {
      weights.push(weight(child));
      below.push(child);
    }
  }
  if (weights.length <= maximumParts) return 0;
  weights.sort((left, right) => right - left);
  return weights[maximumParts] ?? 0;
}

function partsOf({ children }: Node, limit: number, least: number): readonly SizePart[] {
  const all = [...children.values()].map((child): { readonly child: Node; readonly part: SizePart } => {
    const { fileBytes, memoryBytes } = child;
    return { child, part: { name: child.name, kind: 'source', fileBytes, memoryBytes, children: [] } };
  });
  all.sort((left, right) => bySize(left.part, right.part));
  const shown = all.filter(({ part }, at) => at < limit && (weight(part) > least || least === 0));
  const parts = shown.map(({ child }) => partOf(child, limit, least));
  const rest = all.slice(shown.length).map(({ part }) => part);
  return rest.length === 0 ? parts : [...parts, othersPart(rest)].sort(bySize);
}

/** With the names of the folders before it that hold nothing else. */
function partOf(start: Node, limit: number, least: number): SizePart {
  let current = start;
  let name = start.name;
  for (let [only] = current.children.values(); current.children.size === 1 && only !== undefined; ) {
    current = only;
    name = `${name}/${only.name}`;
    [only] = current.children.values();
  }
  const { path, fileBytes, memoryBytes, children } = current;
  const kind = children.size === 0 ? 'source' : 'folder';
  const below = children.size === 0 ? [] : partsOf(current, limit, least);
  return { name, kind, fileBytes, memoryBytes, path, children: below };
}
