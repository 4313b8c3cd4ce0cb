import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readHardeningReport } from '../../../language-server/elf/hardening/hardening-report.ts';
import type { Hardening } from '../../../language-server/protocol/elf.ts';
import { buildElf, fieldWriter, noteBytes } from '../../support/elf-builder.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const { compile, path } = toolchainIn(temporaryFolder());
const plain = ['-O2', '-U_FORTIFY_SOURCE', '-fno-stack-protector', '-fcf-protection=none'];
const library = ['-shared', '-fPIC'];
const empty = 'int main(void) { return 0; }\n';

let built = 0;

async function hardeningOf(source: string, ...options: readonly string[]): Promise<Hardening> {
  built += 1;
  const { hardening } = await readHardeningReport(compile(`case${built}`, source, ...plain, ...options));
  for (const { evidence } of Object.values(hardening)) expect(evidence).not.toBe('');
  return hardening;
}

describe('FORTIFY', () => {
  const source = `#include <stdio.h>
#include <string.h>
int f(const char *s, char *d) { char b[99]; strcpy(b, s); memcpy(d, s, strlen(s)); printf("%s%d", b, 1); return puts(b); }
`;
  const fortified = [...library, '-D_FORTIFY_SOURCE=2'];

  test('tells which calls are checked and which are not', async () => {
    const { fortify } = await hardeningOf(source, ...fortified);
    expect(fortify).toMatchObject({
      verdict: 'yes',
      checked: ['__printf_chk', '__strcpy_chk'],
      unchecked: ['memcpy'],
    });
    expect(fortify.evidence).toContain('unchecked: memcpy');
  });

  test('that is off shows by functions that would be replaced whatever is known', async () => {
    const { fortify } = await hardeningOf(source, ...library);
    expect(fortify).toMatchObject({ verdict: 'no', checked: [], unchecked: ['memcpy', 'printf', 'strcpy'] });
    expect(fortify.evidence).toContain('printf would be replaced');
  });

  test('that leaves no trace is not claimed to be off for sure', async () => {
    const copies = '#include <string.h>\nvoid f(char *d, char *s, long n) { memcpy(d, s, n); }\n';
    const { fortify } = await hardeningOf(copies, ...fortified);
    expect(fortify.verdict).toBe('no');
    expect(fortify.evidence).toContain('only where the compiler knows the size');
  });

  test('a function of a similar name is none of them', async () => {
    const { fortify } = await hardeningOf(
      'int my_chk(void), __own_chk(void); int f(void) { return my_chk() + __own_chk(); }',
      ...library,
    );
    expect(fortify).toMatchObject({ verdict: 'unknown', checked: [] });
  });

  test('the C library itself imports none', async () => {
    const defining = 'int __printf_chk(int f, const char *t) { return f + *t; }\n';
    expect((await hardeningOf(defining, ...library)).fortify.verdict).toBe('unknown');
  });

  test('an object file tells as well', async () => {
    expect((await hardeningOf(source, '-c', '-D_FORTIFY_SOURCE=2')).fortify.verdict).toBe('yes');
    expect((await hardeningOf(source, '-c')).fortify.verdict).toBe('no');
  });
});

describe('canaries', () => {
  const source = 'void g(char *); int f(void) { char b[64]; g(b); return b[0]; }\n';

  test('of an object file', async () => {
    expect((await hardeningOf(source, '-c', '-fstack-protector-all')).canary.verdict).toBe('yes');
    expect((await hardeningOf(source, '-c')).canary.verdict).toBe('no');
  });

  test('who defines the handler may not use it', async () => {
    const { canary } = await hardeningOf('void __stack_chk_fail(void) { }\n', ...library);
    expect(canary.verdict).toBe('unknown');
  });
});

describe('RELRO', () => {
  test('a needed library whose name is that of a tag changes nothing', async () => {
    const named = compile('libBIND_NOW.so', 'int now(void) { return 1; }\n', ...library, '-Wl,-soname,libBIND_NOW.so');
    const use = 'int now(void); int f(void) { return now(); }\n';
    const { relro, bindNow } = await hardeningOf(use, ...library, '-Wl,-z,lazy', '-Wl,-z,relro', named);
    expect([relro.verdict, bindNow.verdict]).toEqual(['partial', 'no']);
  });
});

describe('PIE', () => {
  test('a library that calls itself DEBUG is no program', async () => {
    const { pie } = await hardeningOf('int f(void) { return 1; }\n', ...library, '-Wl,-soname,libDEBUG.so');
    expect(pie.verdict).toBe('notApplicable');
  });

  test('a static position-independent program is one', async () => {
    expect((await hardeningOf(empty, '-static-pie', '-fPIE')).pie.verdict).toBe('yes');
  });
});

describe('branches', () => {
  test('the linker keeps what all objects have', async () => {
    const code = 'int f(int a) { return a; }\n';
    const marked = await hardeningOf(code, ...library, '-nostdlib', '-fcf-protection=full');
    expect([marked.ibt.verdict, marked.shadowStack.verdict]).toEqual(['yes', 'yes']);
    const branch = await hardeningOf(code, ...library, '-nostdlib', '-fcf-protection=branch');
    expect([branch.ibt.verdict, branch.shadowStack.verdict]).toEqual(['yes', 'no']);
    const none = await hardeningOf(code, ...library, '-nostdlib');
    expect([none.ibt.verdict, none.shadowStack.verdict, none.bti.verdict]).toEqual(['no', 'no', 'notApplicable']);
  });

  const aarch64 = (code: Buffer, features?: number): string => {
    const write = fieldWriter();
    const property = Buffer.concat([write.u32(0xc0000000), write.u32(4), write.u32(features ?? 0), write.u32(0)]);
    const note = { name: '.note.gnu.property', type: 7, flags: 2, bytes: noteBytes(write, 'GNU', 5, property, 8) };
    const sections = [{ name: '.text', type: 1, flags: 6, bytes: code }, ...(features === undefined ? [] : [note])];
    built += 1;
    writeFileSync(path(`aarch64.${built}.o`), buildElf({ type: 1, machine: 183, sections }));
    return path(`aarch64.${built}.o`);
  };
  const paciasp = Buffer.from('3f2303d5c0035fd6', 'hex');
  const nothing = Buffer.from('c0035fd6c0035fd6', 'hex');
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['BTI and PAC', aarch64(nothing, 3), ['yes', 'yes']],
    ['BTI', aarch64(nothing, 1), ['yes', 'no']],
    ['PAC', aarch64(nothing, 2), ['no', 'yes']],
    ['neither', aarch64(nothing), ['no', 'no']],
    ['return addresses that code signs without a property', aarch64(paciasp), ['no', 'yes']],
    ['the same bytes, not where an instruction begins', aarch64(Buffer.concat([Buffer.of(0), paciasp])), ['no', 'no']],
  ];
  test.for(cases)('AArch64: %s', async ([_, file, expected]) => {
    const { bti, pac, ibt } = (await readHardeningReport(file)).hardening;
    expect([bti.verdict, pac.verdict]).toEqual(expected);
    expect(ibt.verdict).toBe('notApplicable');
  });
});

describe('sanitizers', () => {
  const code = 'int main(int n, char **v) { int b[9] = {0}; return b[n] + n * n; }\n';
  const cases: readonly (readonly [string, string])[] = [
    ['address', 'AddressSanitizer'],
    ['undefined', 'UndefinedBehaviorSanitizer'],
    ['thread', 'ThreadSanitizer'],
    ['leak', 'LeakSanitizer'],
  ];
  test.for(cases)('%s', async ([option, name]) => {
    const { sanitizers } = await hardeningOf(code, `-fsanitize=${option}`);
    expect(sanitizers.verdict).toBe('yes');
    expect(sanitizers.evidence.startsWith(`${name} (`)).toBe(true);
  });

  test('linked into the file', async () => {
    const { sanitizers } = await hardeningOf(code, '-fsanitize=address', '-static-libasan');
    expect(sanitizers.evidence).toContain('AddressSanitizer (__asan_init');
  });

  test('none, and none that could be seen', async () => {
    expect((await hardeningOf(code)).sanitizers.verdict).toBe('no');
    expect((await hardeningOf(code, '-static', '-s')).sanitizers.verdict).toBe('unknown');
  });
});

describe('code', () => {
  const frame = 'void g(char *); int f(void) { char b[9000]; g(b); return b[0]; }\n';

  test('that touches its stack page by page', async () => {
    expect((await hardeningOf(frame, ...library, '-fstack-clash-protection')).stackClash.verdict).toBe('yes');
    expect((await hardeningOf(frame, ...library)).stackClash.verdict).toBe('unknown');
  });

  test('with control flow integrity', async () => {
    expect((await hardeningOf('void __cfi_check(void) { }\n', ...library)).cfi.verdict).toBe('yes');
    expect((await hardeningOf(empty)).cfi.verdict).toBe('unknown');
  });

  test('that the loader changes, that can be written to', async () => {
    const text = '.text\n.globl f\nf: ret\n.quad f\n.section .note.GNU-stack,"",@progbits\n';
    expect((await hardeningOf(text, '-shared', '-Wl,-z,notext')).readOnlyCode.verdict).toBe('no');
    expect((await hardeningOf(empty)).readOnlyCode.verdict).toBe('yes');
    const merged = await hardeningOf('.globl _start\n_start: ret\n', '-nostdlib', '-static', '-Wl,-N');
    expect(merged.writeXorExecute.verdict).toBe('no');
    expect((await hardeningOf(empty)).writeXorExecute.verdict).toBe('yes');
  });
});

describe('run paths', () => {
  test.for([
    ['$ORIGIN/lib', 'yes'],
    ['lib', 'no'],
    ['/tmp/lib', 'no'],
  ] as const)('%s', async ([text, verdict]) => {
    expect((await hardeningOf(empty, `-Wl,-rpath,${text}`)).safeRunPath.verdict).toBe(verdict);
  });

  test('nothing is searched for by a static program', async () => {
    expect((await hardeningOf(empty, '-static')).safeRunPath.verdict).toBe('notApplicable');
  });
});

test('the report brings the findings and commands that show the same', async () => {
  const { findings, commands, kind } = await readHardeningReport(compile('stack', empty, '-Wl,-z,execstack'));
  expect(kind).toBe('executable');
  expect(findings.map(({ code }) => code)).toEqual(['elf/executable-stack']);
  expect(commands[0]).toMatch(/^readelf -lW /u);
});
