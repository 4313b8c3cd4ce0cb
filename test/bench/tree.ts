import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dependencyTree } from '../../language-server/protocol/dependencies.ts';
import type { LanguageClient } from '../support/language-client.ts';
import { uriOf } from './machine.ts';
import { heading, isInstalled, median, report, run, time, timeAsync } from './measure.ts';

/** Questions in a row, so that both sides are asked as somebody asks who is looking around; the median of them counts. */
const inARow = 5;

/**
 * A tree in the warm server against one process a file of each program that answers the same question. Asked again, the server
 * looks whether what the tree rests on is as it was; under conditions that it has not met, it works the tree out anew. Asked a
 * single time between processes that displace everything from the processor's caches, it takes some times as long.
 */
export async function benchTree(client: LanguageClient): Promise<void> {
  const programs = everyNth(dynamicPrograms('/usr/bin'), 40);
  const rivals = ['ldd', 'libtree', 'lddtree'].filter(isInstalled);
  await benchFiles(client, `${programs.length} programs of /usr/bin`, programs, rivals);
  const small = programs.filter(path => neededBy(path) === 1).slice(0, 10);
  await benchFiles(client, `${small.length} of them that need one library`, small, rivals);
}

async function benchFiles(
  client: LanguageClient,
  what: string,
  files: readonly string[],
  rivals: readonly string[],
): Promise<void> {
  heading(`Dependency tree of ${what} (median; ratio: theirs / ours, pair by pair)`);
  const ask = (path: string) => timeAsync(() => client.request(dependencyTree, { uri: uriOf(path) }));
  let conditions = 0;
  const askAnew = (path: string) => {
    conditions += 1;
    const libraryPath = `/nowhere/${conditions}`;
    return timeAsync(() => client.request(dependencyTree, { uri: uriOf(path), libraryPath }));
  };
  for (const path of files) await ask(path);
  const times = { single: [] as number[], again: [] as number[], anew: [] as number[] };
  const theirs = rivals.map((): number[] => []);
  for (const path of files) {
    times.single.push(await ask(path));
    times.again.push(await medianOf(() => ask(path)));
    times.anew.push(await medianOf(() => askAnew(path)));
    for (const [index, name] of rivals.entries()) {
      theirs[index]?.push(await medianOf(async () => time(() => run(name, [path]))));
    }
  }
  report('tree, asked again', times.again);
  for (const [index, name] of rivals.entries()) report(name, theirs[index] ?? [], times.again);
  report('tree, worked out anew', times.anew);
  for (const [index, name] of rivals.entries()) report(name, theirs[index] ?? [], times.anew);
  report('tree, asked a single time', times.single);
}

async function medianOf(measure: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < inARow; round += 1) times.push(await measure());
  return median(times);
}

function dynamicPrograms(folder: string): readonly string[] {
  return readdirSync(folder)
    .sort()
    .map(name => join(folder, name))
    .filter(path => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    .filter(isDynamic);
}

function isDynamic(path: string): boolean {
  return neededBy(path) > 0;
}

function neededBy(path: string): number {
  return spawnSync('readelf', ['-d', path], { encoding: 'utf8' }).stdout.split('(NEEDED)').length - 1;
}

function everyNth<T>(values: readonly T[], wanted: number): readonly T[] {
  const step = Math.max(1, Math.floor(values.length / wanted));
  return values.filter((_, index) => index % step === 0).slice(0, wanted);
}
