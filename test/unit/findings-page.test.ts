import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFindingLinks } from '../../language-server/lsp/finding-links.ts';

const root = new URL('../..', import.meta.url).pathname;
const pagePath = join(root, 'docs/findings.md');
const lines = readFileSync(pagePath, 'utf8').split('\n');

/** Codes that are put together from parts, by the template that makes them. A new template of this kind belongs here. */
const composed: Readonly<Record<string, readonly string[]>> = {
  'elf/${what}-header-size': ['elf/program-header-size', 'elf/section-header-size'],
  'elf/${what}-headers-truncated': ['elf/program-headers-truncated', 'elf/section-headers-truncated'],
  'dependencies/${unloaded}': [
    'dependencies/static',
    'dependencies/relocatable',
    'dependencies/core',
    'dependencies/debug-file',
  ],
};

const source = readdirSync(join(root, 'language-server'), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts'))
  .map(name => readFileSync(join(root, 'language-server', name), 'utf8'))
  .join('\n');
const areas = '(?:elf|dependencies|archive|compare|cython|scan|environment|numeric)';
const literals = [...source.matchAll(new RegExp(`'(${areas}/[a-z0-9-]+)'`, 'gu'))].map(match => match[1] ?? '');
const templates = [...source.matchAll(new RegExp(`\`(${areas}/[a-z-]*\\$\\{[^\`]*)\``, 'gu'))].map(
  match => match[1] ?? '',
);
const codes = [...new Set([...literals, ...Object.values(composed).flat()])].sort();
const headings = lines.flatMap(line => /^### `(.+)`$/u.exec(line)?.[1] ?? []);

test('the codes are seen in the sources', () => {
  expect(literals.length).toBeGreaterThan(60);
  expect([...new Set(templates)].sort()).toEqual(Object.keys(composed).sort());
});

test('docs/findings.md has one section for each code, and no others', () => {
  expect([...headings].sort()).toEqual(codes);
});

test('each section says something', () => {
  const texts = lines.join('\n').split(/^### .*$/mu);
  for (const [index, heading] of headings.entries()) {
    expect.soft((texts[index + 1] ?? '').trim().length, heading).toBeGreaterThan(30);
  }
});

test('links within the page lead to headings', () => {
  const anchors = new Set(
    lines.flatMap(line => {
      const heading = /^#+ (.+)$/u.exec(line)?.[1];
      return heading === undefined
        ? []
        : [
            heading
              .toLowerCase()
              .replace(/[^\w\- ]/gu, '')
              .replaceAll(' ', '-'),
          ];
    }),
  );
  const links = [...lines.join('\n').matchAll(/\]\(#([^)]+)\)/gu)].map(match => match[1] ?? '');
  expect(links.length).toBeGreaterThan(7);
  expect(links.filter(link => !anchors.has(link))).toEqual([]);
});

test('the link of a code leads to the line of its section', () => {
  const links = createFindingLinks(pagePath);
  for (const code of codes) {
    const line = Number(/^file:.*\/findings\.md#L(\d+)$/u.exec(links(code) ?? '')?.[1]);
    expect(lines[line - 1]).toBe(`### \`${code}\``);
  }
  expect(links('elf/no-such-code')).toBeUndefined();
});

test('without the page there are no links', () => {
  expect(createFindingLinks('/no/such/page.md')('elf/executable-stack')).toBeUndefined();
});
