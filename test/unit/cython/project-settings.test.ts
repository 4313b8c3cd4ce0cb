import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ProjectSettings, projectSettings } from '../../../language-server/cython/project/project-settings.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let projects = 0;
const root = temporaryFolder();

/** What holds for `src/inner/module.pyx` of a project of these files. */
function settingsOf(files: Readonly<Record<string, string>>): ProjectSettings & { readonly folder: string } {
  const folder = join(root, `project${++projects}`);
  mkdirSync(join(folder, 'src/inner'), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return { ...projectSettings(join(folder, 'src/inner/module.pyx')), folder };
}

describe('the nearest table', () => {
  const own = '[tool.binary-detective]\nignore = ["cython"]\n';

  test('above the source holds', () => {
    const { selection, path, folder } = settingsOf({ 'pyproject.toml': own });
    expect(selection).toEqual({ select: null, ignore: ['cython'] });
    expect(path).toBe(join(folder, 'pyproject.toml'));
  });

  test('hides those further up', () => {
    const near = '[tool.binary-detective]\nselect = ["cython/narrow-address"]\n';
    const { selection } = settingsOf({ 'pyproject.toml': own, 'src/inner/pyproject.toml': near });
    expect(selection).toEqual({ select: ['cython/narrow-address'], ignore: [] });
  });

  test('is not one of a file that has none of ours', () => {
    const others = '[project]\nname = "x"\n[tool.ruff]\nselect = ["E"]\n';
    expect(settingsOf({ 'pyproject.toml': own, 'src/pyproject.toml': others }).selection.ignore).toEqual(['cython']);
    expect(settingsOf({ 'pyproject.toml': others })).toMatchObject({ path: null, problems: [] });
  });

  test('with severities', () => {
    const { severities, problems } = settingsOf({
      'pyproject.toml': '[tool.binary-detective.severity]\n"cython/object-address" = "error"\n',
    });
    expect([...severities]).toEqual([['cython/object-address', 'error']]);
    expect(problems).toEqual([]);
  });

  test('that selects nothing is taken at its word', () => {
    expect(settingsOf({ 'pyproject.toml': '[tool.binary-detective]\nselect = []\n' }).selection.select).toEqual([]);
  });
});

describe('junk is said with its file and key, and the rest holds', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    [
      'an unknown key',
      'selct = ["cython"]',
      /pyproject\.toml: tool\.binary-detective has no key "selct"; its keys are/u,
    ],
    ['no array', 'select = "cython"', /tool\.binary-detective\.select is not an array/u],
    [
      'an unknown code',
      'ignore = ["E501"]',
      /tool\.binary-detective\.ignore has "E501"; the codes are .*object-address/u,
    ],
    ['no text', 'select = [3, "cython"]', /tool\.binary-detective\.select has 3;/u],
    ['no table', 'severity = 3', /tool\.binary-detective\.severity is not an object/u],
    ['no severity', 'severity."cython/object-address" = "loud"', /severity has "loud" for "cython\/object-address"/u],
    ['a severity of no code', 'severity."cython/x" = "off"', /severity names "cython\/x"; the codes are/u],
    ['no TOML', 'select = [', /pyproject\.toml:\d+:\d+: .* Nothing of it is used/u],
    ['a key twice', 'select = []\nselect = []', /pyproject\.toml:3:\d+: /u],
    ['a date', 'ignore = [2020-01-01]', /ignore has "2020-01-01/u],
  ];
  test.each(cases)('%s', (_, line, words) => {
    const { problems } = settingsOf({ 'pyproject.toml': `[tool.binary-detective]\n${line}\n` });
    expect(problems).toEqual([expect.stringMatching(words)]);
  });

  test('the table itself', () => {
    const { problems } = settingsOf({ 'pyproject.toml': '[tool]\nbinary-detective = 3\n' });
    expect(problems).toEqual([expect.stringMatching(/tool\.binary-detective is not a table/u)]);
  });

  test('what else is in it is used', () => {
    const text = '[tool.binary-detective]\nnope = 1\nignore = ["cython", "nope"]\n';
    expect(settingsOf({ 'pyproject.toml': text }).selection.ignore).toEqual(['cython']);
  });

  test('only unknown codes select everything, not nothing', () => {
    const { selection } = settingsOf({ 'pyproject.toml': '[tool.binary-detective]\nselect = ["nope"]\n' });
    expect(selection.select).toBeNull();
  });
});

test('a folder or a dead link of that name is none', () => {
  const folder = join(root, 'odd');
  mkdirSync(join(folder, 'a/pyproject.toml'), { recursive: true });
  symlinkSync('nowhere', join(folder, 'pyproject.toml'));
  expect(projectSettings(join(folder, 'a/x.pyx'))).toMatchObject({ path: null, problems: [] });
});

test('a byte order mark is no part of it', () => {
  const { selection } = settingsOf({ 'pyproject.toml': '\ufeff[tool.binary-detective]\nignore = ["cython"]\n' });
  expect(selection.ignore).toEqual(['cython']);
});

test('who asks about many sources reads it once', () => {
  const { folder } = settingsOf({ 'pyproject.toml': '[tool.binary-detective]\nignore = ["cython"]\n' });
  const known = new Map<string, ProjectSettings>();
  const first = projectSettings(join(folder, 'src/inner/a.pyx'), known);
  expect(projectSettings(join(folder, 'src/b.pyx'), known)).toBe(first);
  expect(projectSettings(join(folder, 'b.pyx'), known)).toBe(first);
});
