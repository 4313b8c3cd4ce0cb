import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkSymbols } from '../../language-server/dependencies/symbols/check-symbols.ts';
import { findInterposed } from '../../language-server/dependencies/symbols/interposed.ts';
import { findProvider } from '../../language-server/dependencies/symbols/provider.ts';
import { runShell } from '../support/loader-build.ts';
import { glibcLoader } from '../support/loader-oracle.ts';
import { bindingsOf } from '../support/loader-symbols-check.ts';
import { askSymbols } from '../support/loader-symbols-oracle.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/**
 * Random libraries that define and refer to a few names in every way that an assembler has: the undefined symbols, the unused
 * needs and every binding are the loader's. A disagreement is shrunk to the smallest graph that shows it.
 */
const base = temporaryFolder();
const environment = { cwd: '/' };

const functions = ['f', 'g', 'h'] as const;
const variables = ['v', 'w'] as const;
const name = fc.constantFrom(...functions, ...variables);

const definition = fc.record({
  name,
  binding: fc.constantFrom('globl', 'globl', 'globl', 'weak'),
  visibility: fc.constantFrom('', '', '', '', 'protected', 'hidden'),
  sizeBytes: fc.constantFrom(8, 8, 16),
});
const reference = fc.record({
  name,
  isWeak: fc.boolean(),
  /** A pointer in the data, a call by the procedure linkage table, an entry of the global offset table. */
  how: fc.constantFrom('pointer', 'call', 'table'),
});
const object = fc.record({
  definitions: fc.uniqueArray(definition, { selector: each => each.name, maxLength: 4 }),
  references: fc.array(reference, { maxLength: 5 }),
  /** Of the objects built before it. */
  needs: fc.array(fc.nat({ max: 4 }), { maxLength: 3 }),
  flags: fc.subarray(['-Bsymbolic', '-z now', '--hash-style=sysv', '--hash-style=gnu', '-Bsymbolic-functions'], {
    maxLength: 2,
  }),
  /** Which names are of version V1, the others of V2; null: no versions. */
  versions: fc.option(fc.subarray([...functions, ...variables]), { nil: null }),
  /** Built anew with other versions when all is linked, so that some are missing. */
  later: fc.option(fc.option(fc.subarray([...functions, ...variables]), { nil: null }), { freq: 5, nil: undefined }),
});
const graph = fc.record({
  libraries: fc.array(object, { minLength: 2, maxLength: 5 }),
  program: object,
  copies: fc.subarray([...variables]),
});

type Graph = typeof graph extends fc.Arbitrary<infer Value> ? Value : never;
type Built = typeof object extends fc.Arbitrary<infer Value> ? Value : never;

const isFunction = (each: string): boolean => functions.some(known => known === each);

function assembly(
  { definitions, references }: Pick<Built, 'definitions' | 'references'>,
  copies: readonly string[],
): string {
  const own = new Set<string>(definitions.map(each => each.name));
  const defined = definitions.map(({ name: symbol, binding, visibility, sizeBytes }) => {
    const size = isFunction(symbol) ? 1 : sizeBytes;
    return `${isFunction(symbol) ? '.text' : '.data'}
.${binding} ${symbol}
${visibility === '' ? '' : `.${visibility} ${symbol}`}
.type ${symbol},@${isFunction(symbol) ? 'function' : 'object'}
.size ${symbol},${size}
${symbol}: ${isFunction(symbol) ? 'ret' : `.zero ${sizeBytes}`}`;
  });
  const referred = references.map(({ name: symbol, isWeak, how }) => {
    const weak = isWeak && !own.has(symbol) ? `.weak ${symbol}\n` : '';
    if (how === 'call' && isFunction(symbol)) return `${weak}.text\ncall ${symbol}@PLT`;
    return how === 'table' ? `${weak}.text\nmovq ${symbol}@GOTPCREL(%rip), %rax` : `${weak}.data\n.quad ${symbol}`;
  });
  const copied = copies.filter(symbol => !own.has(symbol)).map(symbol => `.text\nmovq ${symbol}(%rip), %rax`);
  return [
    ...defined,
    ...referred,
    ...copied,
    '.text\n.globl _start\n_start: hlt',
    '.section .note.GNU-stack,"",@progbits',
    '',
  ].join('\n');
}

function versionScript(first: readonly string[]): string {
  const rest = [...functions, ...variables].filter(each => !first.includes(each));
  const block = (version: string, names: readonly string[]): string => {
    return names.length === 0 ? `${version} { };\n` : `${version} { global: ${names.join('; ')}; };\n`;
  };
  return block('V1', first) + block('V2', rest);
}

async function build(folder: string, { libraries, program, copies }: Graph): Promise<void> {
  const lines: string[] = [];
  const link = (index: number, { needs, flags }: Built, versions: Built['versions'], script: string): string => {
    if (versions !== null) writeFileSync(join(folder, script), versionScript(versions));
    const needed = [...new Set(needs.map(need => need % Math.max(1, index)))].filter(need => need < index);
    const libraryNames = needed.map(need => `lib${need}.so`).join(' ');
    return `ld -shared -soname lib${index}.so -rpath '$ORIGIN' --no-as-needed --allow-shlib-undefined ${flags.join(' ')} ${versions === null ? '' : `--version-script=${script}`} -o lib${index}.so lib${index}.o ${libraryNames}`;
  };
  for (const [index, library] of libraries.entries()) {
    writeFileSync(join(folder, `lib${index}.s`), assembly(library, []));
    lines.push(`as -o lib${index}.o lib${index}.s`, link(index, library, library.versions, `lib${index}.map`));
  }
  writeFileSync(join(folder, 'app.s'), assembly(program, copies));
  const needed = [...new Set([...program.needs.map(need => need % libraries.length), libraries.length - 1])];
  const flags = program.flags.filter(flag => !flag.startsWith('-Bsymbolic')).join(' ');
  lines.push(
    'as -o app.o app.s',
    `ld -pie -E -dynamic-linker ${glibcLoader} -rpath '$ORIGIN' --no-as-needed --allow-shlib-undefined --unresolved-symbols=ignore-all ${flags} -o app app.o ${needed.map(index => `lib${index}.so`).join(' ')}`,
  );
  for (const [index, library] of libraries.entries()) {
    if (library.later !== undefined) lines.push(link(index, library, library.later, `later${index}.map`));
  }
  await runShell(lines.join('\n'), folder);
}

/** `path name` of each symbol that an object lets others see. */
function definedNames(folder: string, { libraries, program }: Graph): ReadonlySet<string> {
  const objects = [
    ...libraries.map((library, index) => ({ file: `lib${index}.so`, library })),
    { file: 'app', library: program },
  ];
  return new Set(
    objects.flatMap(({ file, library }) =>
      library.definitions
        .filter(({ visibility }) => visibility !== 'hidden')
        .map(({ name: symbol }) => `${join(folder, file)} ${symbol}`),
    ),
  );
}

/** Whose references to own symbols go elsewhere, and where all references to a name go, by the bindings that the loader made. */
async function compareReports(
  file: string,
  bindings: readonly string[],
  defined: ReadonlySet<string>,
): Promise<number> {
  const bound = bindings.map(line => {
    const [, from = '', symbol = '', to = ''] = /^(\S+) (\S+)(?: \[.*\])? => (\S+)$/u.exec(line) ?? [];
    return { from, symbol, to };
  });
  const rebound = bound.filter(({ from, symbol, to }) => from !== to && defined.has(`${from} ${symbol}`));
  const { symbols } = await findInterposed(file, { environment });
  const told = symbols.flatMap(({ name: symbol, rebound: objects }) => objects.map(id => `${id} ${symbol}`));
  expect(new Set(told)).toEqual(new Set(rebound.map(({ from, symbol }) => `${from} ${symbol}`)));
  for (const symbol of [...functions, ...variables]) {
    const { references } = await findProvider(file, { symbol }, { environment });
    const found = references.flatMap(({ object: id, provider }) => (provider === null ? [] : [`${id} => ${provider}`]));
    const said = bound.filter(each => each.symbol === symbol).map(({ from, to }) => `${from} => ${to}`);
    expect(new Set(found), symbol).toEqual(new Set(said));
  }
  return rebound.length;
}

/** LOADER_SYMBOL_GRAPHS=2000: so many, others than usually. */
const asked = Number(process.env['LOADER_SYMBOL_GRAPHS'] ?? 0);
const numRuns = asked > 0 ? asked : 100;

test(`${numRuns} random graphs of symbols`, async () => {
  let bindings = 0;
  let missing = 0;
  let interposed = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(graph, async drawn => {
      const folder = mkdtempSync(join(base, 'graph-'));
      mkdirSync(join(folder, 'x'));
      // Not every mixture can be linked: two versions of a protected variable that is copied, say.
      const linked = await build(folder, drawn).then(
        () => true,
        () => false,
      );
      if (!linked) refused += 1;
      for (const file of linked ? [join(folder, 'app'), join(folder, `lib${drawn.libraries.length - 1}.so`)] : []) {
        const [bound] = await askSymbols(glibcLoader, [file], 'bindings');
        const [unused] = await askSymbols(glibcLoader, [file], 'unused');
        const symbols = await checkSymbols(file, { environment, limit: 1000 });
        const asserted = symbols.problems.some(({ code }) => code === 'dependencies/version-assertion');
        expect(bound?.error ?? null).toBe(asserted ? 'assertion' : null);
        if (bound?.error !== null || unused?.error !== null) continue;
        const said = symbols.undefined.map(({ message, object: id }) => `${message}\t(${id})`).sort();
        expect({ undefined: said, bindings: await bindingsOf(file, environment) }).toEqual({
          undefined: bound.undefined,
          bindings: bound.bindings,
        });
        expect(symbols.unused.map(({ object: id }) => id)).toEqual(unused.unused);
        interposed += await compareReports(file, bound.bindings, definedNames(folder, drawn));
        bindings += bound.bindings.length;
        missing += bound.undefined.length;
      }
      rmSync(folder, { recursive: true });
    }),
    {
      numRuns,
      seed: 20_260_102 + asked,
      interruptAfterTimeLimit: asked > 0 ? 3_600_000 : 240_000,
      markInterruptAsFailure: true,
    },
  );
  expect(refused).toBeLessThan(numRuns / 4);
  expect(bindings).toBeGreaterThan(numRuns);
  expect(missing).toBeGreaterThan(numRuns / 2);
  expect(interposed).toBeGreaterThan(numRuns / 4);
});
