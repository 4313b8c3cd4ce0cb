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
 * A tree in the warm server against one process a file of each program that answers the same question. Asked a single time
 * between processes that displace everything from the processor's caches, the server takes some three times as long.
 */
export async function benchTree(client: LanguageClient): Promise<void> {
  const files = everyNth(dynamicPrograms('/usr/bin'), 40);
  heading(`Dependency tree of ${files.length} programs of /usr/bin (median; ratio: theirs / ours, pair by pair)`);
  const rivals = ['ldd', 'libtree', 'lddtree'].filter(isInstalled);
  const ask = (path: string) => timeAsync(() => client.request(dependencyTree, { uri: uriOf(path) }));
  for (const path of files) await ask(path);
  const single: number[] = [];
  const ours: number[] = [];
  const theirs = rivals.map((): number[] => []);
  for (const path of files) {
    single.push(await ask(path));
    const times: number[] = [];
    for (let round = 0; round < inARow; round += 1) times.push(await ask(path));
    ours.push(median(times));
    for (const [index, name] of rivals.entries()) {
      theirs[index]?.push(median(Array.from({ length: inARow }, () => time(() => run(name, [path])))));
    }
  }
  report('tree, warm server', ours);
  for (const [index, name] of rivals.entries()) report(name, theirs[index] ?? [], ours);
  report('tree, asked a single time', single);
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

function everyNth<T>(values: readonly T[], wanted: number): readonly T[] {
  const step = Math.max(1, Math.floor(values.length / wanted));
  return values.filter((_, index) => index % step === 0).slice(0, wanted);
}
