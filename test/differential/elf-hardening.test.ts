import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readHardeningReport } from '../../language-server/elf/hardening/hardening-report.ts';
import type { Hardening } from '../../language-server/protocol/elf.ts';
import type { HardeningReport } from '../../language-server/protocol/hardening.ts';
import { chooseVaried, elfFilesBelow } from '../support/elf-corpus.ts';
import { toolchainIn } from '../support/elf-toolchain.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/**
 * The verdicts against those of Debian's `checksec` (a script over readelf), file by file. Where it is known to be wrong, the
 * case is named here, and only it is let through.
 */
const folder = temporaryFolder();
const { compile, path: pathOf } = toolchainIn(folder);

interface Verdicts {
  readonly relro: string;
  readonly canary: string;
  readonly nx: string;
  readonly pie: string;
  readonly fortify: string;
  readonly checked: number;
  readonly total: number;
}

/** One run for all: it takes about half a second a file. */
function runChecksec(files: readonly string[]): ReadonlyMap<string, Verdicts> {
  writeFileSync(pathOf('list'), `${files.join('\n')}\n`);
  const text = execFileSync('checksec', ['--format=csv', `--listfile=${pathOf('list')}`], { encoding: 'utf8' });
  const rows = text.split('\n').map(line => line.split(','));
  return new Map(
    rows
      .filter(row => row.length === 11)
      .map(([relro, canary, nx, pie, , , , fortify, checked, total, file]) => [
        file ?? '',
        {
          relro: { 'Full RELRO': 'full', 'Partial RELRO': 'partial', 'No RELRO': 'none' }[relro ?? ''] ?? '?',
          canary: canary === 'Canary found' ? 'yes' : 'no',
          nx: nx === 'NX enabled' ? 'yes' : 'no',
          pie: { 'PIE enabled': 'yes', 'No PIE': 'no', DSO: 'notApplicable' }[pie ?? ''] ?? '?',
          fortify: fortify === 'Yes' ? 'yes' : 'no',
          checked: Number(checked),
          total: Number(total),
        },
      ]),
  );
}

/** Why checksec says something else; undefined: we do not know. */
type Explanation = (ours: Hardening, theirs: Verdicts, path: string) => boolean;

const explanations: Readonly<Record<'relro' | 'canary' | 'nx' | 'pie' | 'fortify', readonly Explanation[]>> = {
  relro: [
    // It asks for BIND_NOW in the dynamic section, which a static program does not have and does not need.
    ({ relro }, theirs) =>
      relro.verdict === 'full' && theirs.relro === 'partial' && /covers the GOT/u.test(relro.evidence),
    // It takes the letters BIND_NOW in the name of a library for the tag.
    ({ bindNow }, theirs) => bindNow.verdict === 'no' && theirs.relro === 'full',
  ],
  canary: [
    // It takes the definition in the C library, or in a static program, for a use.
    ({ canary }, theirs) => canary.verdict === 'unknown' && theirs.canary === 'yes',
    // It misses stack protectors in programs of Go, which have no use for them.
    ({ canary }, theirs) => canary.verdict === 'notApplicable' && theirs.canary === 'no',
    // A static program without the handler's name: stripped, so that it cannot know either.
    ({ canary }, theirs) => canary.verdict === 'unknown' && theirs.canary === 'no',
  ],
  nx: [
    // It takes an absent PT_GNU_STACK for an executable stack on all machines.
    ({ nx }, theirs) => /^no PT_GNU_STACK/u.test(nx.evidence) && theirs.nx === 'no',
  ],
  pie: [
    // It knows programs by DT_DEBUG only, and takes the letters DEBUG in a name for it.
    ({ pie }, theirs) => pie.verdict === 'yes' && theirs.pie === 'notApplicable',
    ({ pie }, theirs) => pie.verdict === 'notApplicable' && theirs.pie === 'yes',
  ],
  fortify: [
    // It says No where nothing could be fortified, and where it cannot be known.
    ({ fortify }, theirs) => fortify.verdict === 'unknown' && theirs.fortify === 'no',
    // It counts whatever ends with _chk, also what the file itself defines, as the C library does.
    ({ fortify }, theirs, path) => fortify.checked.length === 0 && theirs.fortify === 'yes' && !importsChecked(path),
    // It does not know that __open_2 and its like are checked functions.
    ({ fortify }, theirs) => theirs.checked === 0 && fortify.checked.every(name => name.endsWith('_2')),
  ],
};

function importsChecked(path: string): boolean {
  const names = execFileSync('nm', ['-D', '--undefined-only', path], { encoding: 'utf8' });
  return /__\w+_chk(?:@.*)?$/mu.test(names.replaceAll(/__stack_chk\w*/gu, ''));
}

const fields = ['relro', 'canary', 'nx', 'pie', 'fortify'] as const;

function differences({ hardening, path }: HardeningReport, theirs: Verdicts): readonly string[] {
  const verdicts = fields.flatMap(field => {
    const ours = hardening[field];
    if (ours.verdict === theirs[field] || explanations[field].some(explains => explains(hardening, theirs, path)))
      return [];
    return [`${field}: ${ours.verdict} (${ours.evidence}), checksec ${theirs[field]}`];
  });
  const { fortify } = hardening;
  const checked = fortify.checked.filter(name => name.endsWith('_chk')).length;
  const isCounted = fortify.verdict === 'yes' && theirs.checked > 0;
  const counts = isCounted && checked !== theirs.checked ? [`checked: ${checked}, checksec ${theirs.checked}`] : [];
  return [...verdicts, ...counts];
}

test('verdicts are those of checksec, or checksec is known to be wrong', async () => {
  const reports = new Map<string, HardeningReport>();
  for (const { path } of chooseVaried(elfFilesBelow(['/usr', '/lib', '/bin', '/sbin']), 160)) {
    if (/[,\s]/u.test(path) || reports.size >= 60) continue;
    const report = await readHardeningReport(path);
    if (report.kind === 'executable' || report.kind === 'shared-library') reports.set(path, report);
  }
  const theirs = runChecksec([...reports.keys()]);
  expect(theirs.size).toBe(reports.size);
  expect(reports.size).toBeGreaterThanOrEqual(40);
  const found = [...reports].flatMap(([path, report]) => {
    const verdicts = theirs.get(path);
    return verdicts === undefined ? [] : differences(report, verdicts).map(text => `${path} ${text}`);
  });
  expect(found).toEqual([]);
});

test('known false verdicts of checksec are not repeated', async () => {
  const library = ['-shared', '-fPIC', '-fno-stack-protector'];
  const now = compile('libBIND_NOW.so', 'int now(void) { return 1; }\n', ...library, '-Wl,-soname,libBIND_NOW.so');
  const use = 'int now(void); int f(void) { return now(); }\n';
  const cases = [
    compile('lazy.so', use, ...library, '-Wl,-z,lazy', '-Wl,-z,relro', now),
    compile('debug.so', use, ...library, '-Wl,-soname,libDEBUG.so'),
    compile('chk.so', 'int my_chk(void) { return 1; }\n', ...library),
    compile('handler.so', 'void __stack_chk_fail(void) { }\n', ...library),
    compile('static-pie', 'int main(void) { return 0; }\n', '-static-pie', '-fPIE'),
  ] as const;
  const theirs = runChecksec(cases);
  const [lazy, debug, chk, handler] = await Promise.all(
    cases.map(async file => (await readHardeningReport(file)).hardening),
  );
  expect(theirs.get(cases[0])?.relro).toBe('full');
  expect(lazy?.relro.verdict).toBe('partial');
  expect(theirs.get(cases[1])?.pie).toBe('yes');
  expect(debug?.pie.verdict).toBe('notApplicable');
  expect(theirs.get(cases[2])?.fortify).toBe('yes');
  expect(chk?.fortify.verdict).toBe('unknown');
  expect(theirs.get(cases[3])?.canary).toBe('yes');
  expect(handler?.canary.verdict).toBe('unknown');
  expect((await readHardeningReport(cases[4])).hardening.pie.verdict).toBe('yes');
});
