import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;

/** docs/architecture.md, invariant 1: for each folder, all that its files may import besides packages and themselves. */
const allowedImports: Readonly<Record<string, readonly string[]>> = {
  extension: ['language-server/protocol'],
  media: ['language-server/protocol'],
  'language-server/protocol': [],
  'language-server/native': ['language-server/protocol'],
  'language-server/elf': ['language-server/native', 'language-server/protocol'],
  'language-server/dependencies': ['language-server/elf', 'language-server/native', 'language-server/protocol'],
  'language-server/environment': [
    'language-server/dependencies',
    'language-server/elf',
    'language-server/native',
    'language-server/protocol',
  ],
  'language-server/explain': [
    'language-server/dependencies',
    'language-server/elf',
    'language-server/native',
    'language-server/protocol',
  ],
  'language-server/loader-trace': [
    'language-server/dependencies',
    'language-server/elf',
    'language-server/native',
    'language-server/protocol',
  ],
  'language-server/symbolize': ['language-server/elf', 'language-server/native', 'language-server/protocol'],
  'language-server/scan': [
    'language-server/dependencies',
    'language-server/elf',
    'language-server/native',
    'language-server/protocol',
  ],
  'language-server/faults': [
    'language-server/elf',
    'language-server/native',
    'language-server/protocol',
    'language-server/sarif',
    'language-server/symbolize',
  ],
  'language-server/sarif': ['language-server/native', 'language-server/protocol'],
  'language-server/numeric': [
    'language-server/dependencies',
    'language-server/elf',
    'language-server/native',
    'language-server/protocol',
  ],
  'language-server/cython': ['language-server/native', 'language-server/protocol'],
  'language-server/demangle': ['language-server/native', 'language-server/protocol'],
  'language-server/disassembly': ['language-server/native', 'language-server/protocol'],
  'language-server/lsp': [
    'language-server/cython',
    'language-server/demangle',
    'language-server/disassembly',
    'language-server/native',
    'language-server/protocol',
  ],
};

/** Within a capability: a line imports from lines above it and from itself, and what stands in one line knows nothing of its neighbours. */
const layers: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'language-server/dependencies': [
    ['pause.ts', 'files'],
    ['objects'],
    ['loader'],
    ['glibc', 'musl'],
    ['resolve-file.ts'],
    ['fragile', 'packages', 'soft'],
    ['tree'],
    ['symbols', 'verify'],
  ],
};

/** Only these know of VS Code or of child processes. */
const packageOwners: readonly { readonly pattern: RegExp; readonly owners: readonly string[] }[] = [
  { pattern: /^(vscode|vscode-languageclient.*|vscode-messenger)$/u, owners: ['extension', 'test'] },
  { pattern: /^(node:)?child_process$|^execa$/u, owners: ['language-server/native', 'test'] },
];

const sources = ['extension', 'language-server', 'media'].flatMap(folder =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => join(folder, name)),
);

interface Import {
  readonly from: string;
  readonly specifier: string;
}

const imports: readonly Import[] = sources.flatMap(from =>
  [...readFileSync(join(root, from), 'utf8').matchAll(/(?:\bfrom|\bimport\(?)\s*['"]([^'"]+)['"]/gu)].map(match => ({
    from,
    specifier: match[1] ?? '',
  })),
);

const inside = (file: string, folder: string): boolean => file.startsWith(`${folder}/`);

test('the scan sees the sources and their imports', () => {
  expect(sources.length).toBeGreaterThan(10);
  expect(imports.length).toBeGreaterThan(20);
});

test('imports point one way', () => {
  const violations = imports.flatMap(({ from, specifier }) => {
    const folder = Object.keys(allowedImports).find(name => inside(from, name));
    if (!specifier.startsWith('.') || folder === undefined) return [];
    const target = normalize(join(dirname(from), specifier));
    const allowed = [folder, ...(allowedImports[folder] ?? [])];
    return allowed.some(name => inside(target, name)) ? [] : [`${from} imports ${target}`];
  });
  expect(violations).toEqual([]);
});

test.each(Object.entries(layers))('the parts of %s import from those below them only', (folder, tiers) => {
  const partOf = (file: string): string =>
    inside(file, folder) ? (file.slice(folder.length + 1).split('/')[0] ?? '') : '';
  const tierOf = (part: string): number => tiers.findIndex(parts => parts.includes(part));
  const within = imports.filter(({ from, specifier }) => inside(from, folder) && specifier.startsWith('.'));
  expect([...new Set(within.map(({ from }) => partOf(from)))].filter(part => tierOf(part) < 0)).toEqual([]);
  const violations = within.flatMap(({ from, specifier }) => {
    const target = normalize(join(dirname(from), specifier));
    const [own, other] = [partOf(from), partOf(target)];
    return other === '' || own === other || tierOf(other) < tierOf(own) ? [] : [`${from} imports ${target}`];
  });
  expect(violations).toEqual([]);
});

test('pages share what stands above them, and know nothing of one another', () => {
  const pageOf = (file: string): string | undefined => /^media\/(?!rows\/|icons\/)([^/]+)\//u.exec(file)?.[1];
  const violations = imports.flatMap(({ from, specifier }) => {
    // Style sheets are of the document, and so of all.
    if (!specifier.startsWith('.') || specifier.endsWith('.css') || pageOf(from) === undefined) return [];
    const other = pageOf(normalize(join(dirname(from), specifier)));
    return other === undefined || other === pageOf(from) ? [] : [`${from} imports ${specifier}`];
  });
  expect(violations).toEqual([]);
});

test('every capability folder has its rule', () => {
  const folders = new Set(sources.map(file => /^language-server\/[^/]+(?=\/)/u.exec(file)?.[0]).filter(Boolean));
  const upper = ['language-server/cli', 'language-server/requests'];
  expect(
    [...folders].filter(folder => !upper.includes(folder ?? '') && !((folder as string) in allowedImports)),
  ).toEqual([]);
});

test('VS Code and child processes are known to their owners only', () => {
  const violations = imports.filter(({ from, specifier }) =>
    packageOwners.some(({ pattern, owners }) => pattern.test(specifier) && !owners.some(owner => inside(from, owner))),
  );
  expect(violations).toEqual([]);
});
