import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandIds } from '../../extension/command-ids.ts';
import { arrayViewerViewType } from '../../extension/view-ids.ts';
import { defaultSettings, parseSettings } from '../../language-server/lsp/settings.ts';
import { arrayViewerTexts } from '../../language-server/protocol/array-viewer-texts.ts';
import { cythonLanguageId } from '../../language-server/protocol/cython.ts';
import { dependencyGraphTexts } from '../../language-server/protocol/dependency-graph-texts.ts';
import { disassemblyLanguageId } from '../../language-server/protocol/disassembly.ts';
import { pageTexts } from '../../language-server/protocol/elf-editor-texts.ts';
import { faultPictureTexts } from '../../language-server/protocol/fault-picture-texts.ts';

const root = new URL('../..', import.meta.url).pathname;
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const readJson = (path: string): unknown => JSON.parse(read(path));

interface SettingSchema {
  readonly type: string;
  readonly default: unknown;
  readonly scope: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

interface Manifest {
  readonly engines: { readonly vscode: string };
  readonly icon: string;
  readonly activationEvents: readonly string[];
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] };
  };
  readonly contributes: {
    readonly languages: readonly { readonly id: string; readonly configuration: string }[];
    readonly grammars: readonly { readonly path: string }[];
    readonly customEditors: readonly {
      readonly viewType: string;
      readonly selector: readonly { readonly filenamePattern: string }[];
    }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string; readonly icon: string }[]>>;
    readonly commands: readonly { readonly command: string; readonly category: string; readonly icon: string }[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string; readonly when: string }[]>>;
    readonly configuration: readonly { readonly properties: Readonly<Record<string, SettingSchema>> }[];
  };
}

const manifest = readJson('package.json') as Manifest;
const { contributes } = manifest;
const settings: Readonly<Record<string, SettingSchema>> = Object.assign(
  {},
  ...contributes.configuration.map(section => section.properties),
);
const sorted = (texts: Iterable<string>): readonly string[] => [...new Set(texts)].sort();
/** Values of a table `export const name = { key: 'value' }`, or of constants, in a file that can't be loaded here. */
const quotedIds = (path: string): readonly string[] =>
  [...read(path).matchAll(/'(binaryDetective\.[\w.]+)'/gu)].map(match => match[1] ?? '');

describe('the tables of the extension and package.json', () => {
  test('have the same commands', () => {
    expect(sorted(Object.values(commandIds))).toEqual(sorted(contributes.commands.map(({ command }) => command)));
  });

  test('have the same settings', () => {
    expect(sorted(quotedIds('extension/settings.ts'))).toEqual(sorted(Object.keys(settings)));
  });

  test('have the same views and editors', () => {
    const contributed = [
      ...contributes.customEditors.map(({ viewType }) => viewType),
      ...Object.values(contributes.views).flatMap(views => views.map(({ id }) => id)),
    ];
    expect(sorted(quotedIds('extension/view-ids.ts'))).toEqual(sorted(contributed));
  });

  test('have the same languages', () => {
    expect(contributes.languages.map(({ id }) => id)).toEqual([cythonLanguageId, disassemblyLanguageId]);
  });
});

describe('settings', () => {
  /** The defaults that package.json declares, as a client would answer with them. */
  const declared = nested(Object.entries(settings).map(([id, schema]) => [id, schema.default]));

  test('fall to the defaults that package.json declares', () => {
    expect(parseSettings(declared['binaryDetective'])).toEqual({ settings: defaultSettings, problems: [] });
  });

  test.each(Object.entries(settings).filter(([id, schema]) => concernsServer(id) && schema.minimum !== undefined))(
    '%s has the bounds that package.json declares',
    (id, { minimum, maximum }) => {
      const problems = (value: unknown): number =>
        parseSettings(nested([[id, value]])['binaryDetective']).problems.length;
      expect([minimum, maximum].map(problems)).toEqual([0, 0]);
      expect([(minimum ?? 0) - 1, (maximum ?? 0) + 1].map(problems)).toEqual([1, 1]);
    },
  );

  test('that name programs or their surroundings are kept from untrusted workspaces', () => {
    const dangerous = Object.keys(settings).filter(id => /\.(tools\..*|libraryPath|programs|targets)$/u.test(id));
    expect(dangerous.length).toBeGreaterThan(4);
    expect(sorted(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations)).toEqual(sorted(dangerous));
  });

  test('that name tools belong to the machine', () => {
    const scopes = Object.entries(settings).filter(([id]) => id.startsWith('binaryDetective.tools.'));
    expect(new Set(scopes.map(([, { scope }]) => scope))).toEqual(new Set(['machine-overridable']));
  });
});

test('a window wakes the extension by itself only where there are ELF files, which a setting may watch', () => {
  // Arrays are looked at when they are opened, which wakes it then; nothing of theirs is watched.
  const patterns = contributes.customEditors
    .filter(({ viewType }) => viewType !== arrayViewerViewType)
    .flatMap(({ selector }) => selector.map(item => item.filenamePattern));
  // Documents and pages that are open when a window starts ask for who has their content.
  const files = manifest.activationEvents.filter(event => !/^on(?:FileSystem|WebviewPanel):/u.test(event));
  const woken = files.map(event => event.replace('workspaceContains:**/', ''));
  const single = (pattern: string): readonly string[] => {
    const [before = '', names, after = ''] = pattern.split(/[{}]/u);
    return names === undefined ? [pattern] : names.split(',').map(name => `${before}${name}${after}`);
  };
  expect(files.every(event => event.startsWith('workspaceContains:**/*.'))).toBe(true);
  expect(sorted(woken.flatMap(single))).toEqual(sorted(patterns));
});

describe('commands', () => {
  test('have a category and an icon', () => {
    for (const { command, category, icon } of contributes.commands) {
      expect.soft({ command, category }).toEqual({ command, category: 'Binary Detective' });
      expect.soft(icon, command).toMatch(/^\$\([a-z-]+\)$/u);
    }
  });

  test('stand in menus only where they exist', () => {
    const known = new Set(contributes.commands.map(({ command }) => command));
    const named = Object.values(contributes.menus).flatMap(items => items.map(({ command }) => command));
    expect(named.filter(command => !known.has(command))).toEqual([]);
  });
});

describe('words', () => {
  const english = readJson('package.nls.json') as Readonly<Record<string, string>>;
  const japanese = readJson('package.nls.ja.json') as Readonly<Record<string, string>>;
  const bundle = readJson('l10n/bundle.l10n.ja.json') as Readonly<Record<string, string>>;
  const written = sorted([
    ...translatedInExtension(),
    ...Object.values(pageTexts),
    ...Object.values(dependencyGraphTexts),
    ...Object.values(faultPictureTexts),
    ...Object.values(arrayViewerTexts),
  ]);

  test('of package.json are in both languages, and no others', () => {
    const used = sorted([...read('package.json').matchAll(/"%([\w.]+)%"/gu)].map(match => match[1] ?? ''));
    expect(used.length).toBeGreaterThan(30);
    expect(sorted(Object.keys(english))).toEqual(used);
    expect(sorted(Object.keys(japanese))).toEqual(used);
  });

  test('of the extension and its pages are in Japanese, and no others', () => {
    expect(written.length).toBeGreaterThan(100);
    expect(sorted(Object.keys(bundle))).toEqual(written);
  });

  test('keep their placeholders and their commands in Japanese', () => {
    const marks = (text: string): readonly string[] => sorted(text.match(/\{\d\}|\(command:[\w.]+\)|`[^`]+`/gu) ?? []);
    const pairs = [...Object.entries(bundle), ...Object.keys(english).map(key => [english[key], japanese[key]])];
    for (const [from, to] of pairs) expect.soft(marks(to ?? ''), from).toEqual(marks(from ?? ''));
  });

  test('of the tests of this suite are found where they stand', () => {
    expect(written).toContain('Show Log'); // vscode.l10n.t
    expect(written).toContain('Needed for'); // the parameter `t` of the tools' report
    expect(written).toContain('Filter rows'); // the page
  });
});

test('the icon is a PNG of at least 128 × 128', () => {
  const bytes = readFileSync(join(root, manifest.icon));
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  expect(bytes.readUInt32BE(16)).toBeGreaterThanOrEqual(128);
  expect(bytes.readUInt32BE(20)).toBe(bytes.readUInt32BE(16));
});

test('every file of the package is allowed into it', () => {
  const allowed = new Set(
    read('.vscodeignore')
      .split('\n')
      .filter(line => line.startsWith('!'))
      .map(line => line.slice(1)),
  );
  const icons = Object.values(contributes.views).flatMap(views => views.map(({ icon }) => icon));
  const languages = [
    ...contributes.languages.map(({ configuration }) => configuration),
    ...contributes.grammars.map(({ path }) => path),
  ];
  for (const path of [
    manifest.icon,
    ...icons,
    ...languages.map(path => path.replace('./', '')),
    'package.json',
    'package.nls.json',
    'package.nls.ja.json',
    'dist/extension.cjs',
  ]) {
    expect.soft(allowed, path).toContain(path);
  }
});

/** English texts that the extension has translated: literal first arguments of `l10n.t` and of a parameter named `t`. */
function translatedInExtension(): readonly string[] {
  const files = readdirSync(join(root, 'extension'), { recursive: true, encoding: 'utf8' });
  return files
    .filter(name => name.endsWith('.ts'))
    .flatMap(name => [...read(join('extension', name)).matchAll(/(?:\bl10n\.|(?<![\w.]))t\(\s*'((?:\\.|[^'\\])*)'/gu)])
    .map(match => (match[1] ?? '').replaceAll("\\'", "'"));
}

function concernsServer(id: string): boolean {
  return /\.(tools|elf|dependencies|faults|cython)\./u.test(id) && !id.endsWith('.programs');
}

function nested(pairs: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [id, value] of pairs) {
    const names = id.split('.');
    const last = names.pop() ?? '';
    let place = result;
    for (const name of names) {
      place[name] ??= {};
      place = place[name] as Record<string, unknown>;
    }
    place[last] = value;
  }
  return result;
}
