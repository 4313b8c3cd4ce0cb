import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from 'sarif';
import { beforeAll, describe, expect, test } from 'vitest';
import type { WhoNeeds } from '../../language-server/protocol/scan.ts';
import type { ScanReport, ShardReport } from '../../language-server/scan/report.ts';
import { commandLineIn } from '../support/command-line.ts';
import { bundle } from '../support/language-client.ts';
import { buildAll } from '../support/loader-build.ts';
import { sarifProblems } from '../support/sarif-schema.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const env = { ...process.env, LD_LIBRARY_PATH: '', NO_COLOR: '1' };
const { run, json } = commandLineIn(folder, env);

/** A farm of artefacts: programs and libraries, some broken, some there twice. */
beforeAll(async () => {
  const shared = temporaryFolder();
  const many = Array.from({ length: 40 }, (_, index) => ({
    file: `farm/part${index % 5}/libpart${index}.so`,
    soname: `libpart${index % 30}.so`,
    needs: [
      index % 8 === 0 ? `libabsent${index}.so` : 'libc.so.6',
      // What is asked for by name is told of louder.
      ...(index === 8 ? ['libpart0.so', 'libpart2.so', 'libpart8.so'] : []),
    ],
  }));
  await buildAll(folder, [...many, { file: 'clean/libfine.so', soname: 'libfine.so' }], shared);
  rmSync(at('.empty64.o'), { force: true });
  copyFileSync(at('clean/libfine.so'), at('farm/cut.so'));
  truncateSync(at('farm/cut.so'), 70);
  mkdirSync(at('farm/naïve dir'));
  copyFileSync(at('clean/libfine.so'), at('farm/naïve dir/lib # %.so'));
});

describe('scan', () => {
  test('with nothing to find', async () => {
    expect(await run('scan', 'clean')).toEqual({
      exitCode: 0,
      stdout: '1 file looked at, 1 ELF file; all of them can be loaded.\n',
      stderr: '',
    });
  });

  test('prints what is wrong, a line each, and fails', async () => {
    const { exitCode, stdout } = await run('scan', 'farm');
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      `${at('farm/part0/libpart0.so')}: error: libabsent0.so, needed by ${at('farm/part0/libpart0.so')}, is not found.`,
    );
    expect(stdout).toContain(`${at('farm/cut.so')}: warning: `);
    expect(stdout.match(/\[scan\/different-copies\]/gu)).toHaveLength(3);
    expect(stdout).toMatch(
      /^42 files looked at, 42 ELF files; 5 cannot be loaded as they are; 10 libraries there more than once\.$/mu,
    );
    expect(stdout).not.toContain('[scan/identical-copies]');
    expect((await run('scan', 'farm', '--minimum-severity', 'information')).stdout).toContain(
      '[scan/identical-copies]',
    );
  });

  test('has every file in JSON', async () => {
    const { exitCode, answer } = await json<ScanReport>('scan', 'farm');
    expect(exitCode).toBe(1);
    expect(answer.schema).toBe('binary-detective/scan@1');
    expect(answer).toMatchObject({ folders: [at('farm')], looked: 42, elf: 42, errors: [] });
    expect(answer.files.map(({ path }) => path)).toEqual(answer.files.map(({ path }) => path).toSorted());
    expect(answer.files.find(({ path }) => path === at('farm/part0/libpart0.so'))).toMatchObject({
      state: 'resolved',
      soname: 'libpart0.so',
      needs: [{ name: 'libabsent0.so', object: null }],
      problems: [{ code: 'dependencies/missing-library', severity: 'error', edge: 'libabsent0.so' }],
    });
  });

  test('takes files, globs to leave out, and other conditions', async () => {
    expect((await json<ScanReport>('scan', 'farm/cut.so', 'clean')).answer.elf).toBe(2);
    expect((await json<ScanReport>('scan', '--exclude', 'part*', '--exclude', '*.so', 'farm')).answer.elf).toBe(0);
    const shelf = temporaryFolder();
    const absent = [0, 8, 16, 24, 32].map(index => `libabsent${index}.so`);
    for (const name of [...absent, 'libpart0.so', 'libpart2.so'])
      copyFileSync(at('clean/libfine.so'), join(shelf, name));
    const { answer } = await json<ScanReport>('scan', '--library-path', shelf, 'farm');
    const errors = answer.files.flatMap(({ problems }) => problems.filter(({ severity }) => severity === 'error'));
    expect(errors).toEqual([]);
  });

  test('fails where not everything could be looked at', async () => {
    const { exitCode, stderr, stdout } = await run('scan', 'clean', 'nowhere');
    expect(exitCode).toBe(2);
    expect(stderr).toBe(`binary-detective: ${at('nowhere')} does not exist.\n`);
    expect(stdout).toContain('1 ELF file');
  });

  test.each([
    [['scan'], /missing required argument/u],
    [['scan', 'farm', '--shard', '3/2'], /such as 2\/8/u],
    [['scan', 'farm', '--shard', '0/2'], /such as 2\/8/u],
    [['scan', 'farm', '--format', 'xml'], /Allowed choices are text, json, sarif/u],
    [['scan', 'farm', '--sysroot', 'nowhere'], /sysroot .*nowhere is not a folder/u],
    [['scan', 'farm', '--needs', 'x', '--format', 'sarif'], /no SARIF/u],
    [['scan', 'farm', '--needs', 'x', '--shard', '1/2'], /takes no --shard/u],
  ])('%j cannot be run, and says why', async (args, message) => {
    const { exitCode, stderr } = await run(...args);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('scan --needs', () => {
  test('lists who needs a name', async () => {
    expect(await run('scan', 'farm', '--needs', 'libabsent8.so')).toMatchObject({
      exitCode: 0,
      stdout: `${at('farm/part3/libpart8.so')}: libabsent8.so => not found\n1 of 42 ELF files need libabsent8.so themselves.\n`,
    });
  });

  test('lists who needs a file', async () => {
    const place = temporaryFolder();
    await buildAll(place, [
      { file: 'libown.so', soname: 'libown.so' },
      { file: 'user.so', needs: ['libown.so'], runpath: '$ORIGIN' },
    ]);
    const { exitCode, answer } = await json<WhoNeeds>('scan', place, '--needs', join(place, 'libown.so'));
    expect(exitCode).toBe(0);
    expect(answer).toMatchObject({
      schema: 'binary-detective/needs@1',
      soname: 'libown.so',
      dependents: [{ path: join(place, 'user.so'), name: 'libown.so', how: 'resolved' }],
    });
  });
});

describe('shards', () => {
  /** Each part in a process of its own; their answers as files. */
  async function shards(count: number, ...paths: readonly string[]): Promise<readonly string[]> {
    const out = temporaryFolder();
    const parts = Array.from({ length: count }, (_, index) => index + 1);
    return await Promise.all(
      parts.map(async part => {
        const { stdout } = await run('scan', ...paths, '--shard', `${part}/${count}`, '--format', 'json');
        const path = join(out, `${part}.json`);
        writeFileSync(path, stdout);
        return path;
      }),
    );
  }

  test.each([1, 3])('%i of them make the answer of the whole, in all formats', async count => {
    const files = await shards(count, 'farm', 'clean');
    for (const format of ['json', 'text', 'sarif']) {
      const whole = await run('scan', 'farm', 'clean', '--format', format);
      expect(await run('merge', ...files.toReversed(), '--format', format)).toEqual(whole);
      expect(whole.exitCode).toBe(1);
    }
  });

  test('have each file once', async () => {
    const answers = (await shards(3, 'farm')).map(path => JSON.parse(readFileSync(path, 'utf8')) as ShardReport);
    const paths = answers.flatMap(({ files }) => files.map(({ path }) => path));
    expect(new Set(paths).size).toBe(42);
    expect(paths).toHaveLength(42);
    expect(answers.map(({ shard }) => shard.index)).toEqual([1, 2, 3]);
  });

  test('of GNU parallel make the answer of the whole, as docs/farms.md has it', async () => {
    const out = temporaryFolder();
    const whole = await run('scan', 'farm', '--format', 'json');
    const scan = `"$NODE" "$CLI" scan farm --shard {}/4 --format json > "$OUT"/part-{}.json`;
    const script = `parallel --jobs 2 '${scan}' ::: 1 2 3 4; "$NODE" "$CLI" merge "$OUT"/part-*.json --format json`;
    const shell = { cwd: folder, env: { ...env, NODE: process.execPath, CLI: bundle, OUT: out, HOME: out } };
    const merged = await promisify(execFile)('/bin/sh', ['-c', script], shell).catch((error: unknown) => error);
    expect(merged).toMatchObject({ code: 1, stdout: whole.stdout });
  });

  test('of several scans are merged too', async () => {
    const files = [...(await shards(2, 'farm/part0')), ...(await shards(3, 'farm/part1'))];
    const merged = JSON.parse((await run('merge', ...files, '--format', 'json')).stdout) as ScanReport;
    expect(merged).toMatchObject({ folders: [at('farm/part0'), at('farm/part1')], elf: 16 });
  });

  test('that are missing, twice, or none are told', async () => {
    const [first = '', second = ''] = await shards(3, 'farm');
    const plain = at('whole.json');
    writeFileSync(plain, (await run('scan', 'farm', '--format', 'json')).stdout);
    writeFileSync(at('cut.json'), readFileSync(first, 'utf8').slice(0, 500));
    const told = async (...files: readonly string[]): Promise<string> => {
      const { exitCode, stderr } = await run('merge', ...files);
      expect(exitCode).toBe(2);
      return stderr;
    };
    expect(await told(first, second)).toContain('no answer for part 3/3');
    expect(await told(first, first, second)).toContain('Part 1/3 of the scan is there twice');
    expect(await told(plain)).toMatch(/whole\.json is no answer of `scan --shard I\/N --format json`/u);
    expect(await told(at('cut.json'))).toMatch(/cut\.json is not JSON/u);
    expect(await told(at('nowhere.json'))).toMatch(/nowhere\.json cannot be read \(ENOENT\)/u);
    expect(await told(folder)).toMatch(/cannot be read \(EISDIR\)/u);
  });
});

describe('SARIF', () => {
  test('is valid by the schema of the standard, which refuses what is not', async () => {
    for (const args of [['farm'], ['clean'], ['nowhere'], ['farm', '--minimum-severity', 'hint']]) {
      const log: unknown = JSON.parse((await run('scan', '--format', 'sarif', ...args)).stdout);
      expect(sarifProblems(log)).toBeNull();
    }
    expect(sarifProblems({ version: '2.1.0', runs: [{ results: [] }] })).not.toBeNull();
  });

  test('has the findings, their rules, and places that a repository can be searched for', async () => {
    const log = JSON.parse(
      (await run('scan', '--format', 'sarif', 'farm', '--minimum-severity', 'hint')).stdout,
    ) as Log;
    const [sarif] = log.runs;
    const rules = sarif?.tool.driver.rules ?? [];
    expect(rules.map(({ id }) => id)).toEqual([
      'dependencies/missing-library',
      'scan/damaged-file',
      'scan/different-copies',
      'scan/identical-copies',
    ]);
    for (const rule of rules) expect(rule.fullDescription?.text.length).toBeGreaterThan(60);
    const results = sarif?.results ?? [];
    const missing = results.find(({ ruleId }) => ruleId === 'dependencies/missing-library');
    expect(missing).toMatchObject({
      level: 'error',
      ruleIndex: 0,
      locations: [
        { physicalLocation: { artifactLocation: { uri: 'farm/part0/libpart0.so', uriBaseId: '%SRCROOT%' } } },
      ],
    });
    expect(new Set(results.map(({ partialFingerprints }) => partialFingerprints?.['binaryDetective/v1'])).size).toBe(
      results.length,
    );
    const copies = results.filter(({ relatedLocations }) => relatedLocations !== undefined);
    expect(copies).toHaveLength(10);
    expect(sarif?.originalUriBaseIds?.['%SRCROOT%']?.uri).toBe(`file://${folder}/`);
  });

  test('says what could not be looked at', async () => {
    const log = JSON.parse((await run('scan', '--format', 'sarif', 'nowhere')).stdout) as Log;
    expect(log.runs[0]?.invocations).toMatchObject([
      {
        executionSuccessful: false,
        toolExecutionNotifications: [{ message: { text: `${at('nowhere')} does not exist.` } }],
      },
    ]);
  });
});
