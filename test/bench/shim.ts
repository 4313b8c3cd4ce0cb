import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { shimLibrary } from '../../language-server/faults/shim.ts';
import { createNativeDoor } from '../../language-server/native/create-door.ts';
import { heading, isInstalled, report, serverBundle, time } from './measure.ts';

/** Built beside the bundle. */
const shimFolder = join(dirname(serverBundle), 'shim');
const rounds = 7;
/** Of `struct record` in shim.h. */
const recordBytes = 126_976;
const mostStacks = 1 << 23;

const loop = `#include <stdlib.h>
int main(void) {
  for (long count = 0; count < 20000000; count++) {
    void *volatile block = malloc(40);
    free(block);
  }
  return 0;
}
`;

const blocks = `#include <stdlib.h>
#include <string.h>
static char *all[4096];
int main(void) {
  unsigned seed = 1;
  for (long count = 0; count < 5000000; count++) {
    seed = seed * 1664525 + 1013904223;
    unsigned which = (seed >> 8) & 4095;
    size_t size = 16 + ((seed >> 20) & 1023);
    free(all[which]);
    all[which] = malloc(size);
    memset(all[which], 1, size > 64 ? 64 : size);
  }
  return 0;
}
`;

/** Programs whose work is to allocate, plain and under the shim, with nothing failing: counted, and with their stacks recorded. */
export async function benchShim(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'binary-detective-bench-'));
  const door = createNativeDoor({ toolPath: () => undefined, isTrusted: () => true, log: () => undefined });
  try {
    const shim = await shimLibrary({ door, shimFolder, cacheFolder: join(folder, 'cache') });
    heading('A program under the fault shim, against the plain run');
    for (const [name, command] of programsIn(folder)) if (isInstalled(command[0])) measure(name, command, folder, shim);
  } finally {
    await door.close();
    rmSync(folder, { recursive: true });
  }
}

type Command = readonly [string, ...string[]];

function programsIn(folder: string): readonly [string, Command][] {
  const at = (name: string): string => join(folder, name);
  const numbers = Array.from({ length: 60_000 }, (_, index) => (index * 7919) % 60_013);
  const rows = numbers.map(id => ({ id, name: `user${id}`, tags: [`t${id % 97}`, `t${id % 89}`], score: id / 60_013 }));
  writeFileSync(at('rows.json'), JSON.stringify(rows));
  writeFileSync(
    at('words'),
    numbers.flatMap(id => [`${id % 1000} word${id % 4999} of line ${id}\n`, 'x y z\n']).join(''),
  );
  const inserts = numbers.map(id => `insert into t values(${id}, 'row${id % 977}', ${id * 1.5});`);
  const query = 'select b, count(*), sum(c) from t group by b order by 2;';
  const table = 'create table t(a integer primary key, b text, c real);';
  writeFileSync(at('query.sql'), [table, 'begin;', ...inserts, 'commit;', query].join('\n'));
  writeFileSync(at('roots.bc'), 'scale = 100\nfor (i = 1; i < 200; i++) x = sqrt(i) * e(1 / i)\nx\nquit\n');
  const compiled = Object.entries({ loop, blocks }).map(([name, text]): [string, Command] => {
    writeFileSync(at(`${name}.c`), text);
    execFileSync('cc', ['-O2', '-o', at(name), at(`${name}.c`)]);
    return [name, [at(name)]];
  });
  return [
    ['jq', ['jq', '[.[] | select(.score > 0.5) | {id, name, t: (.tags | join(","))}]', at('rows.json')]],
    ['sqlite3', ['sqlite3', ':memory:', `.read ${at('query.sql')}`]],
    ['sed', ['sed', '-E', String.raw`s/(word)([0-9]+)/\2\1/g`, at('words')]],
    ['perl', ['perl', '-e', 'while (<>) { my @f = split; push @{$h{$f[1]}}, [@f]; }', at('words')]],
    ['gawk', ['gawk', '{ a[$2] = a[$2] $1 " " } END { for (k in a) n += length(a[k]); print n }', at('words')]],
    ['bc', ['bc', '-l', at('roots.bc')]],
    ...compiled,
  ];
}

function measure(name: string, command: Command, folder: string, shim: string): void {
  const [record, stacks] = [join(folder, 'record'), join(folder, 'stacks')];
  writeFileSync(stacks, Buffer.alloc(8 * mostStacks));
  const under = { LD_PRELOAD: shim, MALLOC_MAX_CALLED: String(Number.MAX_SAFE_INTEGER) };
  const [program, ...args] = command;
  const run = (variables: Readonly<Record<string, string>>): number => {
    writeFileSync(record, Buffer.alloc(recordBytes));
    const env = { ...process.env, ...variables };
    return time(() => void spawnSync(program, args, { stdio: 'ignore', env }));
  };
  const times = { plain: [] as number[], counted: [] as number[], recorded: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    times.plain.push(run({}));
    times.counted.push(run(under));
    times.recorded.push(run({ ...under, MALLOC_FAULTS_RECORD: record, MALLOC_FAULTS_STACKS: stacks }));
  }
  report(`${name}: plain`, times.plain);
  report('  under the shim', times.counted, times.plain, 2);
  report('  with stacks recorded', times.recorded, times.plain, 2);
}
