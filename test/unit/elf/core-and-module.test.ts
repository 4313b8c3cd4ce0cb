import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readOverview } from '../../../language-server/elf/overview.ts';
import { readRows } from '../../../language-server/elf/tables.ts';
import type { ElfOverview } from '../../../language-server/protocol/elf.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const { compile } = toolchainIn(folder);

const valuesOf = ({ facts }: ElfOverview, wanted: string): readonly string[] =>
  facts.find(({ label }) => label === wanted)?.values ?? [];
const cellsOf = async (file: string, table: string) =>
  (await readRows(file, { table, start: 0, count: 1000, filter: '' })).rows.map(({ cells }) => cells);

describe('a core file', () => {
  const core = join(folder, 'crash.core');
  const program = compile('crash', 'int main(void) { *(volatile int *)0x1230 = 1; }\n', '-g');

  beforeAll(() => {
    execFileSync(
      'gdb',
      ['-q', '-nx', '-batch', '-ex', 'run with words', '-ex', `generate-core-file ${core}`, program],
      {
        stdio: 'ignore',
        env: { ...process.env, DEBUGINFOD_URLS: '' },
      },
    );
  });

  const gdb = (...commands: readonly string[]): string =>
    execFileSync('gdb', ['-q', '-nx', '-batch', ...commands.flatMap(command => ['-ex', command]), program, core], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, DEBUGINFOD_URLS: '' },
    });

  test('tells its process, what ended it, and where', async () => {
    const overview = await readOverview(core);
    expect(overview.identity).toMatchObject({
      kind: 'core',
      summary: expect.stringMatching(/^core dump of crash, ended by SIGSEGV, /u),
    });
    expect(valuesOf(overview, 'Process')[0]).toMatch(/crash with words$/u);
    expect(valuesOf(overview, 'Signal')).toEqual([
      'SIGSEGV',
      expect.stringContaining('SEGV_MAPERR'),
      'at address 0x1230',
    ]);
    expect(valuesOf(overview, 'Threads')).toEqual(['1']);
  });

  test('has its threads, mapped files and auxiliary vector as tables', async () => {
    const [thread] = await cellsOf(core, 'threads');
    const printed = gdb('printf "%#018lx %#018lx\\n", $pc, $sp', 'info proc mappings');
    expect(printed).toContain(`${thread?.[3]} ${thread?.[4]}`);
    expect(thread?.[2]).toBe('SIGSEGV');
    const theirs = [...printed.matchAll(/^\s+0x(\S+)\s+0x(\S+)\s+0x\S+\s+0x\S+\s+(\/.*)$/gmu)].map(
      ([, start = '', end = '', path]) => [`0x${start.padStart(16, '0')}`, `0x${end.padStart(16, '0')}`, path],
    );
    const ours = (await cellsOf(core, 'mapped-files')).map(cells => [cells[0], cells[1], cells[4]]);
    expect(ours.length).toBeGreaterThan(3);
    expect(ours).toEqual(theirs);
    const vector = await cellsOf(core, 'auxiliary-vector');
    expect(vector.map(([name]) => name)).toContain('AT_ENTRY');
  });
});

describe('a kernel module', () => {
  const infos = [
    'license=GPL',
    'name=sample',
    'vermagic=6.1.0-50-amd64 SMP mod_unload ',
    'depends=usbcore,hid',
    'parm=debug:How much',
    'parmtype=debug:int',
  ];
  const source = infos
    .map(
      (info, at) =>
        `static const char i${at}[] __attribute__((section(".modinfo"), used, aligned(1))) = ${JSON.stringify(info)};`,
    )
    .concat('__attribute__((section(".gnu.linkonce.this_module"))) char module[64];')
    .join('\n');
  const module = compile('sample.ko.c', `${source}\n`, '-c', '-fno-toplevel-reorder');

  test('says what it is and what it needs', async () => {
    const overview = await readOverview(module);
    expect(overview.identity.kind).toBe('kernel-module');
    expect(valuesOf(overview, 'Module')).toEqual(['sample']);
    expect(valuesOf(overview, 'License')).toEqual(['GPL']);
    expect(valuesOf(overview, 'Built for kernel')).toEqual(['6.1.0-50-amd64 SMP mod_unload']);
    expect(valuesOf(overview, 'Depends on')).toEqual(['usbcore', 'hid']);
    expect(valuesOf(overview, 'Parameters')).toEqual(['debug (int): How much']);
    expect(valuesOf(overview, 'Signature')).toEqual(['none']);
    expect((await cellsOf(module, 'modinfo')).map(([key, value]) => `${key}=${value}`)).toEqual(infos);
  });

  test('other files have no such table', async () => {
    expect(await cellsOf('/bin/sh', 'modinfo')).toEqual([]);
    expect(await cellsOf('/bin/sh', 'threads')).toEqual([]);
  });
});
