import type { DependencyTree, Need, ObjectId, SoftEdge } from './dependencies.ts';
import { displayText } from './display-text.ts';
import type { ByteText } from './elf.ts';
import { howFoundText } from './how-found-text.ts';

/** Formats of other programs in which a dependency tree is drawn as a graph. */
export const treeGraphFormats = ['dot', 'mermaid'] as const;

export type TreeGraphFormat = (typeof treeGraphFormats)[number];

/**
 * The tree as a graph: a box for each object and for each name that is not found, an arrow for each need with the reason why
 * the loader takes that file. Every object stands once, so diamonds and cycles are what they are.
 */
export function treeAsGraph(tree: DependencyTree, format: TreeGraphFormat): string {
  switch (format) {
    case 'dot':
      return treeAsDot(tree);
    case 'mermaid':
      return treeAsMermaid(tree);
  }
}

/** In the language of Graphviz (graphviz.org/doc/info/lang.html). */
export function treeAsDot(tree: DependencyTree): string {
  const { boxes, arrows } = drawingOf(tree);
  const lines = boxes.map(({ name, label, path, state }) => {
    const looks = state === 'found' ? '' : `, ${dotBoxes[state]}`;
    return `  ${name} [label=${dotText(label)}, tooltip=${dotText(path)}${looks}];`;
  });
  for (const { from, to, reason, state } of arrows) {
    const looks = state === 'found' ? '' : `, ${dotArrows[state]}`;
    lines.push(`  ${from} -> ${to} [label=${dotText(reason)}${looks}];`);
  }
  return `digraph dependencies {\n  rankdir=LR;\n  node [shape=box];\n${lines.join('\n')}\n}\n`;
}

/** As a flowchart of Mermaid (mermaid.js.org/syntax/flowchart.html). */
export function treeAsMermaid(tree: DependencyTree): string {
  const { boxes, arrows } = drawingOf(tree);
  const lines = boxes.map(({ name, label, state }) => {
    const [open, close] = state === 'missing' ? ['{{', '}}'] : ['[', ']'];
    return `  ${name}${open}${mermaidText(label)}${close}${state === 'found' ? '' : `:::${state}`}`;
  });
  for (const { from, to, reason, state } of arrows) {
    lines.push(`  ${from} ${state === 'found' ? '-->' : '-.->'}|${mermaidText(reason)}| ${to}`);
  }
  const styles = [
    'classDef missing stroke:#c00,stroke-width:3px,stroke-dasharray:5',
    'classDef problem stroke:#c00,stroke-width:3px',
    'classDef soft stroke-dasharray:5',
  ];
  return `flowchart LR\n${[...lines, ...styles.map(style => `  ${style}`)].join('\n')}\n`;
}

interface Box {
  /** An identifier in either language. */
  readonly name: string;
  readonly label: string;
  readonly path: string;
  /** `soft`: not loaded with the root, but perhaps later. */
  readonly state: 'found' | 'problem' | 'missing' | 'soft';
}

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly state: 'found' | 'soft' | 'missing';
}

const dotBoxes = {
  problem: 'color=red, penwidth=3',
  missing: 'color=red, penwidth=3, style=dashed, shape=octagon',
  soft: 'style=dashed',
} as const;

const dotArrows = { soft: 'style=dashed', missing: 'color=red, style=dashed' } as const;

interface Drawing {
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

function drawingOf(tree: DependencyTree): Drawing {
  const boxes = createBoxes(tree);
  const ids = [...new Set(tree.loadOrder)];
  // In load order first, so that their numbers are those of the loader.
  for (const id of ids) boxes.object(id);
  const arrows = ids.flatMap(id => {
    const { needs = [], softEdges = [] } = tree.objects[id] ?? {};
    const from = boxes.object(id);
    return [
      ...needs.map(need => needArrow(from, need, boxes)),
      ...softEdges.map(edge => ({ from, to: boxes.soft(edge), reason: softReason(edge), state: 'soft' as const })),
    ];
  });
  return { boxes: boxes.all(), arrows };
}

function needArrow(from: string, need: Need, boxes: Boxes): Arrow {
  const reason = reasonOf(need);
  if (need.object === null) return { from, to: boxes.missing(need.name), reason, state: 'missing' };
  return { from, to: boxes.object(need.object), reason, state: need.kind === undefined ? 'found' : 'soft' };
}

/** Makes each box once; all but `all` return its name. */
interface Boxes {
  readonly object: (id: ObjectId) => string;
  readonly missing: (name: ByteText) => string;
  readonly soft: (edge: SoftEdge) => string;
  readonly all: () => readonly Box[];
}

function createBoxes(tree: DependencyTree): Boxes {
  const boxes = new Map<string, Box>();
  const boxOf = (key: string, box: Omit<Box, 'name'>): string => {
    const known = boxes.get(key) ?? { ...box, name: `n${boxes.size}` };
    boxes.set(key, known);
    return known.name;
  };
  const object = (id: ObjectId): string => {
    const { path, problemsBelow } = tree.objects[id] ?? { path: id, problemsBelow: 0 };
    const state = problemsBelow > 0 ? 'problem' : 'found';
    return boxOf(`object ${id}`, { label: baseName(path), path: displayText(path), state });
  };
  const missing = (name: ByteText): string =>
    boxOf(`missing ${name}`, { label: `${displayText(name)}: not found`, path: displayText(name), state: 'missing' });
  const soft = ({ object: id, path, name }: SoftEdge): string => {
    if (id !== null && Object.hasOwn(tree.objects, id)) return object(id);
    const label = path === null ? `${displayText(name)}: not found` : baseName(path);
    return boxOf(`soft ${path ?? name}`, { label, path: displayText(path ?? name), state: 'soft' });
  };
  return { object, missing, soft, all: () => [...boxes.values()] };
}

/** Beside the ends of the arrow. */
function reasonOf({ kind, how }: Need): string {
  const reason = how === null ? 'not found' : howFoundText(how);
  return kind === undefined ? reason : `${kind}, ${reason}`;
}

function softReason({ kind, how, description }: SoftEdge): string {
  const what = { interpreter: 'interpreter', 'dlopen-note': 'dlopen', 'dlopen-hint': 'dlopen?' }[kind];
  const why = description === undefined ? [] : [displayText(description)];
  return [what, ...why, ...(how === null || kind === 'interpreter' ? [] : [howFoundText(how)])].join(', ');
}

function baseName(path: ByteText): string {
  return displayText(path.slice(path.lastIndexOf('/') + 1));
}

/** Graphviz reads escapes and HTML's character entities in labels. */
function dotText(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;')}"`;
}

/** Mermaid has one way to write a special character: its code as an entity, in quotes. Markdown and HTML are special there too. */
function mermaidText(text: string): string {
  return `"${text.replace(/:(?! )|[^\p{L}\p{N} ./_+:,@=()-]/gu, character => `#${character.codePointAt(0)};`)}"`;
}
