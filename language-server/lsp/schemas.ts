import * as v from 'valibot';
import { maximumPackagePaths } from '../protocol/file-packages.ts';
import { mostLines } from '../protocol/printed-text.ts';
import { rawViews } from '../protocol/raw.ts';

/** What the parameters of each request must look like (language-server/protocol says what they mean). */
const file = v.object({ uri: v.string() });
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = v.string();

export const fileParams = file;

export const rowsParams = v.object({
  ...file.entries,
  table: text,
  start: count,
  count,
  filter: text,
  sort: v.exactOptional(v.object({ column: text, descending: v.boolean() })),
  strings: v.exactOptional(
    v.object({
      minimumLength: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
      encoding: v.exactOptional(v.picklist(['ascii', 'utf-8'])),
      section: v.exactOptional(text),
    }),
  ),
  demangle: v.exactOptional(v.boolean()),
});

const printedText = {
  maximumLines: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(mostLines))),
  partialResultToken: v.exactOptional(v.union([text, v.number()])),
};

export const rawParams = v.object({ ...file.entries, ...printedText, view: v.picklist(rawViews) });

export const generateCParams = v.object({
  ...file.entries,
  ...printedText,
  before: v.exactOptional(v.array(v.object({ name: text, line: count, score: count }))),
});

export const bytesParams = v.object({ ...file.entries, offset: count, length: count });

export const rowRangeParams = v.object({ ...file.entries, table: text, index: count });

export const sourceLocationParams = v.object({
  ...file.entries,
  symbol: v.exactOptional(text),
  address: v.exactOptional(text),
  section: v.exactOptional(count),
});

export const compareRevisionParams = v.object({
  ...file.entries,
  revision: v.exactOptional(text),
  limit: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(10_000))),
});

export const twinsParams = v.object({
  ...file.entries,
  folders: v.array(text),
  partialResultToken: v.exactOptional(v.union([text, v.number()])),
});

export const disassembleParams = v.object({
  ...file.entries,
  ...printedText,
  symbol: v.exactOptional(text),
  section: v.exactOptional(text),
  source: v.exactOptional(v.boolean()),
});

export const compareParams = v.object({
  before: text,
  after: text,
  limit: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(10_000))),
});

export const sizeParams = v.object({
  ...file.entries,
  by: v.exactOptional(v.picklist(['symbol', 'source', 'unit'])),
  source: v.exactOptional(text),
  limit: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(10_000))),
  section: v.exactOptional(count),
});

const whatIf = v.object({
  libraryPath: v.exactOptional(text),
  preload: v.exactOptional(text),
  cwd: v.exactOptional(text),
  hwcaps: v.exactOptional(text),
  glibcVersion: v.exactOptional(text),
  setuid: v.exactOptional(v.boolean()),
  sysroot: v.exactOptional(text),
});

export const treeParams = v.object({
  ...file.entries,
  ...whatIf.entries,
  softEdges: v.exactOptional(v.boolean()),
});

const rowLimit = v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(100_000)));

export const loaderSymbolsParams = v.object({ ...treeParams.entries, limit: rowLimit });

export const symbolProviderParams = v.object({ ...treeParams.entries, symbol: text, from: v.exactOptional(text) });

export const treeDiffParams = v.object({
  ...file.entries,
  before: v.exactOptional(whatIf),
  after: v.exactOptional(whatIf),
  afterUri: v.exactOptional(text),
});

export const filePackagesParams = v.object({
  paths: v.pipe(v.array(text), v.maxLength(maximumPackagePaths)),
  sysroot: v.exactOptional(text),
});

export const environmentParams = v.object({
  uri: v.exactOptional(text),
  variables: v.exactOptional(v.record(text, text)),
  sysroot: v.exactOptional(text),
});

export const explainParams = v.object({
  text,
  folder: v.exactOptional(text),
  searchFolders: v.exactOptional(v.array(text)),
  libraryPath: v.exactOptional(text),
  sysroot: v.exactOptional(text),
});

export const traceRunParams = v.object({
  program: v.object({
    command: v.pipe(v.array(text), v.minLength(1)),
    cwd: v.exactOptional(text),
    env: v.exactOptional(v.record(text, text)),
  }),
  bindings: v.exactOptional(v.boolean()),
  childrenOnly: v.exactOptional(v.boolean()),
  keptBytes: v.exactOptional(count),
  partialResultToken: v.exactOptional(v.union([text, v.number()])),
});

export const traceProcessParams = v.object({ log: text, process: count, filter: v.exactOptional(text) });

export const traceBindingsParams = v.object({
  ...traceProcessParams.entries,
  from: v.exactOptional(text),
  to: v.exactOptional(text),
  start: count,
  count,
});

export const traceDiscardParams = v.object({ log: text });

const positive = v.pipe(count, v.minValue(1));

const faultProgram = v.object({
  command: v.pipe(v.array(text), v.minLength(1)),
  cwd: v.exactOptional(text),
  env: v.exactOptional(v.record(text, text)),
  build: v.exactOptional(v.array(text)),
  stdin: v.exactOptional(text),
  deadlineSeconds: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(3600))),
  cleanError: v.exactOptional(
    v.object({
      exitCodes: v.exactOptional(v.array(count)),
      output: v.exactOptional(text),
      stderr: v.exactOptional(text),
    }),
  ),
  privateFolder: v.exactOptional(v.boolean()),
  extensionModule: v.exactOptional(text),
});

const faultMode = v.variant('kind', [
  v.object({ kind: v.literal('fromNth') }),
  v.object({ kind: v.literal('nth') }),
  v.object({ kind: v.literal('list'), numbers: text }),
  v.object({ kind: v.literal('every'), step: count }),
  v.object({ kind: v.literal('size'), bytes: text }),
  v.object({ kind: v.literal('budget'), bytes: count }),
  v.object({ kind: v.literal('total'), bytes: count }),
  v.object({
    kind: v.literal('probability'),
    probability: v.number(),
    seed: count,
    seeds: v.exactOptional(v.pipe(count, v.minValue(1), v.maxValue(100_000))),
  }),
]);

const faultScope = v.object({
  includeLibraries: v.exactOptional(v.array(text)),
  excludeLibraries: v.exactOptional(v.array(text)),
  frames: v.exactOptional(positive),
  includeFunctions: v.exactOptional(v.array(text)),
  excludeFunctions: v.exactOptional(v.array(text)),
  includeStacks: v.exactOptional(v.array(text)),
  excludeStacks: v.exactOptional(v.array(text)),
  start: v.exactOptional(v.picklist(['first', 'main', 'program'])),
  follow: v.exactOptional(v.boolean()),
});

export const sweepParams = v.object({
  program: faultProgram,
  mode: v.exactOptional(faultMode),
  scope: v.exactOptional(faultScope),
  points: v.exactOptional(v.picklist(['stacks', 'all'])),
  only: v.exactOptional(count),
  budgetSeconds: v.exactOptional(v.pipe(v.number(), v.gtValue(0))),
  hangsPerStack: v.exactOptional(count),
  jobs: v.exactOptional(positive),
  leaks: v.exactOptional(v.boolean()),
  snapshot: v.exactOptional(v.picklist(['auto', 'off', 'only'])),
  shard: v.exactOptional(v.object({ index: positive, count: positive })),
  baseline: v.exactOptional(text),
  journal: v.exactOptional(text),
  partialResultToken: v.exactOptional(v.union([text, v.number()])),
});

export const noParams = v.pipe(
  v.nullish(v.looseObject({})),
  v.transform((): Record<string, never> => ({})),
);

const scanPlace = v.object({ folders: v.array(text), exclude: v.exactOptional(v.array(text)) });

export const scanParams = v.object({
  ...scanPlace.entries,
  ...whatIf.entries,
  partialResultToken: v.exactOptional(v.union([text, v.number()])),
});

export const whoNeedsParams = v.object({
  ...scanParams.entries,
  uri: v.exactOptional(text),
  name: v.exactOptional(text),
});

export const faultTargetsParams = v.object({
  folder: text,
  folders: v.exactOptional(v.record(text, text)),
  // Typed by hand by a person: what is wrong in it is said entry by entry.
  targets: v.exactOptional(v.unknown()),
  programs: v.exactOptional(v.unknown()),
  launch: v.exactOptional(v.unknown()),
  config: v.exactOptional(v.record(text, text)),
  tests: v.exactOptional(v.boolean()),
});

export const faultDebugParams = v.object({
  program: faultProgram,
  mode: v.exactOptional(faultMode),
  scope: v.exactOptional(faultScope),
  n: count,
});
export const arrayParams = v.object({ ...file.entries, member: v.exactOptional(text) });

export const arrayPartParams = v.object({ ...arrayParams.entries, slice: v.exactOptional(text) });

export const arrayWindowParams = v.object({
  ...arrayPartParams.entries,
  firstRow: count,
  rows: count,
  firstColumn: count,
  columns: count,
});

export const arrayStatisticsParams = v.object({
  ...arrayPartParams.entries,
  partialResultToken: v.exactOptional(v.union([text, v.number()])),
});

export const arrayVarianceParams = v.object({ ...arrayPartParams.entries, ddof: v.exactOptional(count) });
