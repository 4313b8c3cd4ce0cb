import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dependencyTree } from '../../language-server/protocol/dependencies.ts';
import type { LanguageClient } from '../support/language-client.ts';
import { uriOf } from './machine.ts';
import { heading, isInstalled, report, run, time, timeAsync } from './measure.ts';

/** A tree in the warm server against one process a file of each program that answers the same question. */
export async function benchTree(client: LanguageClient): Promise<void> {
  const files = everyNth(dynamicPrograms('/usr/bin'), 40);
  heading(`Dependency tree of ${files.length} programs of /usr/bin (median; ratio: theirs / ours, pair by pair)`);
  const rivals = ['ldd', 'libtree', 'lddtree'].filter(isInstalled);
  for (const path of files) await client.request(dependencyTree, { uri: uriOf(path) });
  const ours: number[] = [];
  const theirs = rivals.map((): number[] => []);
  for (const path of files) {
    ours.push(await timeAsync(() => client.request(dependencyTree, { uri: uriOf(path) })));
    for (const [index, name] of rivals.entries()) theirs[index]?.push(time(() => run(name, [path])));
  }
  report('tree, warm server', ours);
  for (const [index, name] of rivals.entries()) report(name, theirs[index] ?? [], ours);
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
