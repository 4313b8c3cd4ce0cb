import { scan, whoNeeds } from '../../language-server/protocol/scan.ts';
import { findElfFiles } from '../../language-server/scan/find-elf-files.ts';
import type { LanguageClient } from '../support/language-client.ts';
import { uriOf } from './machine.ts';
import { count, fact, heading, memoryOf, paired, report, run, serverBundle, timeAsync } from './measure.ts';

/** What the distribution has installed; and what people have put there too, with all caches of package managers. */
const places = [['/usr'], ['/usr', '/opt', '/root', '/home']] as const;
/** Of all files, those that ldd is run on in each round; its time is scaled to all. */
const sampleSize = 60;
const rounds = 5;

/**
 * Every ELF file of the machine resolved, in the running server, against ldd on each: one process a file, as somebody would do it.
 * ldd is given the ELF files, which somebody would have to find first; the time of our scan has that in it.
 */
export async function benchScanMachine(client: LanguageClient): Promise<void> {
  for (const folders of places) await benchPlace(client, folders);
}

async function benchPlace(client: LanguageClient, folders: readonly string[]): Promise<void> {
  let looked = 0;
  const files = [...findElfFiles(folders)].flatMap(step => {
    looked += step.looked;
    return step.found;
  });
  heading(
    `A scan of ${folders.join(', ')}: ${count(files.length)} ELF files among ${count(looked)}; ldd on ${sampleSize}, scaled to all`,
  );
  const step = Math.max(1, Math.floor(files.length / sampleSize));
  const sample = files.filter((_, index) => index % step === 0).slice(0, sampleSize);
  const ldd = (): void => {
    for (const { path } of sample) run('ldd', [path]);
  };
  const place = { folders: folders.map(uriOf), exclude: [] };
  const against = async (name: string, ways: number, ask: () => Promise<unknown>): Promise<void> => {
    const { ours, theirs } = await paired(ways, ask, ldd);
    report(name, ours);
    const ofAll = theirs.map(time => (time * files.length) / sample.length);
    report('ldd, one by one', ofAll, ours);
  };
  const ask = (): Promise<unknown> => client.request(scan, place);
  fact(`the first one in the server: ${(await timeAsync(ask)).toFixed(0)} ms`);
  await against('scan in the server', rounds, ask);
  const commandLine = async (...options: readonly string[]): Promise<void> =>
    run(process.execPath, [serverBundle, 'scan', ...options, ...folders]);
  // Every ELF file and 30 times as many others are opened, to see what they are.
  await against('scan, a new process, anew', 2, () => commandLine('--no-cache'));
  await commandLine();
  // Node takes a third of it to start; the rest is to ask each folder and each ELF file whether it has changed.
  await against('scan, a new process', rounds, () => commandLine());
  fact(`${memoryOf(client).now.toFixed(0)} MiB resident (peak ${memoryOf(client).peak.toFixed(0)})`);

  const libraries = files.filter(({ path }) => /\.so(?:\.|$)/u.test(path));
  heading(`Who needs a library, of ${count(libraries.length)} in ${folders.join(', ')}, among all ELF files there`);
  const asked = libraries.filter((_, index) => index % Math.ceil(libraries.length / 20) === 0);
  const times: number[] = [];
  let dependents = 0;
  for (const { path } of asked) {
    times.push(
      await timeAsync(async () => {
        dependents += (await client.request(whoNeeds, { ...place, uri: uriOf(path) })).dependents.length;
      }),
    );
  }
  report('a question, warm', times);
  fact(`${count(dependents)} dependents of ${asked.length} libraries`);
}
