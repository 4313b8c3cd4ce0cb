/**
 * Side by side, in one run: what a question costs the running server, and what a person would otherwise run for it. Prints
 * medians and the ratio pair by pair; never fails by the clock. `npm run bench` runs it.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { dependencyTree } from '../../language-server/protocol/dependencies.ts';
import { elfOverview, elfRows } from '../../language-server/protocol/elf.ts';
import { type LanguageClient, startLanguageServer } from '../support/language-client.ts';

const here = dirname(fileURLToPath(import.meta.url));
const uriOf = (path: string): string => pathToFileURL(path).href;

async function main(): Promise<void> {
  const client = await startLanguageServer({ bundlePath: join(here, 'binary-detective.cjs') });
  try {
    await benchTrees(client);
    await benchOverview(client);
    await benchFilter(client);
  } finally {
    await client.close();
  }
}

/** A tree in the warm server against one process a file of each program that answers the same question. */
async function benchTrees(client: LanguageClient): Promise<void> {
  const files = everyNth(dynamicPrograms('/usr/bin'), 40);
  console.log(
    `\nDependency tree of ${files.length} programs of /usr/bin (ms: median; ratio: theirs / ours, pair by pair)`,
  );
  const rivals = [
    { name: 'ldd', args: [] },
    { name: 'libtree', args: [] },
    { name: 'lddtree', args: [] },
  ].filter(({ name }) => isInstalled(name));
  for (const path of files) await client.request(dependencyTree, { uri: uriOf(path) });
  const ours: number[] = [];
  const theirs = rivals.map((): number[] => []);
  for (const path of files) {
    ours.push(await timeAsync(() => client.request(dependencyTree, { uri: uriOf(path) })));
    for (const [index, { name, args }] of rivals.entries()) {
      theirs[index]?.push(time(() => run(name, [...args, path])));
    }
  }
  report('tree, warm server', ours);
  for (const [index, { name }] of rivals.entries()) report(name, theirs[index] ?? [], ours);
}

/** Opening the largest library of the machine: bytes read by the server (the kernel's count) and time. */
async function benchOverview(client: LanguageClient): Promise<void> {
  const path = largestLibrary();
  const { size } = statSync(path);
  console.log(`\nOverview of the largest library here: ${path}, ${(size / 2 ** 20).toFixed(1)} MiB`);
  // What every first request pays (the loader's own files) is paid before.
  await client.request(elfOverview, { uri: uriOf(realpathSync('/bin/true')) });
  const before = bytesReadBy(client);
  const first = await timeAsync(() => client.request(elfOverview, { uri: uriOf(path) }));
  console.log(
    `  read ${((bytesReadBy(client) - before) / 1024).toFixed(0)} KiB of all files, ${first.toFixed(1)} ms the first time`,
  );
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < 15; round += 1) {
    ours.push(await timeAsync(() => client.request(elfOverview, { uri: uriOf(path) })));
    theirs.push(time(() => run('readelf', ['-hldSnV', '-W', path])));
  }
  report('overview, warm server', ours);
  report('readelf -hldSnV', theirs, ours);
}

/** Filtering the dynamic symbols of that library against nm and grep. */
async function benchFilter(client: LanguageClient): Promise<void> {
  const path = largestLibrary();
  const params = { uri: uriOf(path), table: 'dynamic-symbols', start: 0, count: 100 };
  const { total } = await client.request(elfRows, { ...params, filter: '' });
  console.log(`\nFilter of its ${total.toLocaleString('en')} dynamic symbols`);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < 15; round += 1) {
    // Each time another filter, so that no cache answers.
    const filter = `a${round.toString(36)}`;
    ours.push(await timeAsync(() => client.request(elfRows, { ...params, filter })));
    theirs.push(time(() => run('sh', ['-c', 'nm -D "$1" | grep -i -- "$2"', 'sh', path, filter])));
  }
  report('filter, warm server', ours);
  report('nm -D | grep -i', theirs, ours);
}

function report(name: string, times: readonly number[], against?: readonly number[]): void {
  const ratios = against?.map((own, index) => (times[index] ?? Number.NaN) / own);
  const ratio = ratios === undefined ? '' : `  ${median(ratios).toFixed(1)}× (${spread(ratios)})`;
  console.log(`  ${name.padEnd(24)} ${median(times).toFixed(2).padStart(8)} ms${ratio}`);
}

function spread(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(1)}–${Math.max(...values).toFixed(1)}`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function time(work: () => void): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

async function timeAsync(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function run(command: string, args: readonly string[]): void {
  spawnSync(command, args, { stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 30 });
}

function isInstalled(name: string): boolean {
  const found = spawnSync(name, ['--help'], { stdio: 'ignore' }).error === undefined;
  if (!found) console.log(`  (${name} is not installed)`);
  return found;
}

/** Everything that the server has read with read(2) and its like, in bytes (proc(5), `rchar`). */
function bytesReadBy({ process: server }: LanguageClient): number {
  return Number(/^rchar: (\d+)$/mu.exec(readFileSync(`/proc/${server.pid}/io`, 'utf8'))?.[1]);
}

function dynamicPrograms(folder: string): readonly string[] {
  return readdirSync(folder)
    .sort()
    .map(name => join(folder, name))
    .filter(path => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    .filter(isDynamic);
}

function isDynamic(path: string): boolean {
  return spawnSync('readelf', ['-d', path], { encoding: 'utf8' }).stdout.includes('(NEEDED)');
}

function everyNth<T>(values: readonly T[], count: number): readonly T[] {
  const step = Math.max(1, Math.floor(values.length / count));
  return values.filter((_, index) => index % step === 0).slice(0, count);
}

let largest: string | undefined;

function largestLibrary(): string {
  largest ??= ['/usr/lib', '/usr/local/lib', '/opt']
    .flatMap(folder => sharedLibraries(folder))
    .map(path => ({ path, size: statSync(path).size }))
    .sort((a, b) => b.size - a.size)[0]?.path;
  if (largest === undefined) throw new Error('There is no shared library in /usr/lib.');
  return largest;
}

function sharedLibraries(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && /\.so(?:\.|$)/u.test(entry.name))
      .map(entry => join(entry.parentPath, entry.name))
      .filter(isElf);
  } catch {
    return [];
  }
}

function isElf(path: string): boolean {
  return spawnSync('readelf', ['-h', path], { stdio: 'ignore' }).status === 0;
}

await main();
