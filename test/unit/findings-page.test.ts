import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { rules } from '../../language-server/cython/rules/rules.ts';
import { createFindingLinks } from '../../language-server/lsp/finding-links.ts';
import { lint } from '../support/cython-lint.ts';

const root = new URL('../..', import.meta.url).pathname;
const pagePath = join(root, 'docs/findings.md');
const lines = readFileSync(pagePath, 'utf8').split('\n');

/** Codes that are put together from parts, by the template that makes them. A new template of this kind belongs here. */
const composed: Readonly<Record<string, readonly string[]>> = {
  'elf/${what}-header-size': ['elf/program-header-size', 'elf/section-header-size'],
  'elf/${what}-headers-truncated': ['elf/program-headers-truncated', 'elf/section-headers-truncated'],
  'numeric/several-${runtime}': ['numeric/several-blas', 'numeric/several-lapack', 'numeric/several-openmp'],
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
const areas = '(?:elf|dependencies|archive|compare|cython|scan|environment|numeric|faults)';
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
  for (const code of codes.filter(each => !each.startsWith('cython/'))) {
    const line = Number(/^file:.*\/findings\.md#L(\d+)$/u.exec(links(code) ?? '')?.[1]);
    expect(lines[line - 1]).toBe(`### \`${code}\``);
  }
  expect(links('elf/no-such-code')).toBeUndefined();
});

test('each rule of the lint has a page with a drawing, wrong and right code, and when it is fine; its code leads there', () => {
  const links = createFindingLinks(pagePath);
  const pages = readdirSync(join(root, 'docs/rules'));
  expect(pages.sort()).toEqual(rules.map(({ id }) => `${id}.md`).sort());
  for (const { id, code } of rules) {
    const path = join(root, 'docs/rules', `${id}.md`);
    expect(links(code)).toBe(pathToFileURL(path).href);
    const page = readFileSync(path, 'utf8');
    const headings = page.split('\n').flatMap(line => /^#+ (.+)$/u.exec(line)?.[1] ?? []);
    expect
      .soft(headings, id)
      .toEqual([
        `\`${code}\``,
        'What happens in memory',
        'Wrong',
        'Right',
        ...(headings.includes('Levels') ? ['Levels'] : []),
        'When it is fine',
      ]);
    expect.soft(page.match(/```\n[^`]+```/gu)?.length, id).toBeGreaterThan(0);
    expect.soft(page.match(/```cython\n/gu)?.length, id).toBeGreaterThan(1);
    expect.soft(page, id).toContain(code);
  }
});

test('the wrong code of each page is told by its rule, and the right code by none above a hint', () => {
  for (const { id, code } of rules) {
    const page = readFileSync(join(root, 'docs/rules', `${id}.md`), 'utf8');
    expect
      .soft(
        lint(sampleOf(page, 'Wrong')).map(each => each.code),
        id,
      )
      .toContain(code);
    expect
      .soft(
        lint(sampleOf(page, 'Right')).filter(each => each.code === code && each.severity !== 'hint'),
        id,
      )
      .toEqual([]);
  }
});

/** The code under a heading, with what the samples leave out. */
function sampleOf(page: string, heading: string): string {
  const code = /```cython\n([\s\S]*?)```/u.exec(page.slice(page.indexOf(`## ${heading}`)))?.[1] ?? '';
  return `${samplePreamble}${code.replaceAll('…', '0')}`;
}

const samplePreamble = `cimport numpy as cnp
import numpy as np
from cpython.ref cimport PyObject
from libc.stdlib cimport malloc
from libc.stdint cimport uintptr_t
from libcpp.vector cimport vector
cdef struct Node:
    void* data
cdef extern from "Python.h":
    PyObject* PyDict_GetItem(object d, object k)
`;

test('without the page there are no links', () => {
  expect(createFindingLinks('/no/such/page.md')('elf/executable-stack')).toBeUndefined();
});
