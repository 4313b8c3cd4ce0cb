import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { createDemangler, type RunFilter } from '../../../language-server/demangle/demangler.ts';
import { openDoor } from '../native/door-fixture.ts';

const door = openDoor();
const cxxfilt: RunFilter = request => door.runProgram({ ...request, command: 'c++filt' });

/** A filter that also counts its processes and the names that they were given. */
function counting(): { readonly run: RunFilter; readonly batches: (readonly string[])[] } {
  const batches: (readonly string[])[] = [];
  return {
    batches,
    run: request => {
      batches.push(
        Buffer.from(request.input ?? [])
          .toString()
          .trimEnd()
          .split('\n'),
      );
      return cxxfilt(request);
    },
  };
}

async function demangled(...names: readonly string[]): Promise<readonly string[]> {
  return (await createDemangler(cxxfilt).demangle(names)).names;
}

describe('names become what their languages call them', () => {
  test.each([
    ['C++', '_ZN3foo3barEi', 'foo::bar(int)'],
    ['C++ with a version', '_ZNSt6localeC1Ev@@GLIBCXX_3.4', 'std::locale::locale()@@GLIBCXX_3.4'],
    ['C++ through the procedure linkage table', '_ZSt4endlv@plt', 'std::endl()@plt'],
    ['a part of a function', '_Z3foov.cold', 'foo() [clone .cold]'],
    ['C++ with several operators', '_ZlsRSoRK1AIXltLi1ELi2EEE', 'operator<<(std::ostream&, A<(1)<(2)> const&)'],
    ['Rust, legacy', '_ZN4core3fmt9Formatter9write_str17h0123456789abcdefE', 'core::fmt::Formatter::write_str'],
    ['Rust, v0', '_RNvC7mycrate3foo', 'mycrate::foo'],
    ['D', '_D4test3fooFZv', 'test.foo()'],
    ["D's main", '_Dmain', 'D main'],
  ])('%s', async (_, mangled, expected) => {
    const [name = ''] = await demangled(mangled);
    expect(name).toBe(expected);
  });
});

describe('names are left alone', () => {
  test.each([
    ['of C', 'main'],
    ['of the dynamic section', '_DYNAMIC'],
    ['that are empty', ''],
    ['that only begin like mangled ones', '_Z'],
    ['with a newline', '_ZN3fooEv\n_ZN3barEv'],
    ['with a blank', '_ZN3fooEv _ZN3barEv'],
    ['with a tab', '\t_ZN3fooEv'],
    ['with a carriage return', '_ZN3fooEv\r'],
    ['with a NUL', '_ZN3fooEv\0'],
    ['with bytes that are not UTF-8', '_ZN3foo\uDCFFEv'],
    ['with letters that c++filt splits at', '_ZN4fooéEv'],
    ['longer than the buffer of c++filt', `_Z1fv${'_Z1gv'.repeat(8000)}`],
    ['of options', '--help'],
  ])('%s', async (_, name) => {
    expect(await demangled('_Z5firstv', name, '_Z4lastv')).toEqual(['first()', name, 'last()']);
  });
});

describe('a batch', () => {
  test('is one process a scheme, with each name once', async () => {
    const { run, batches } = counting();
    const names = ['_Z1fv', 'main', '_Z1fv', '_D4test3fooFZv', '_Z1gv'];
    const { names: found, missing } = await createDemangler(run).demangle(names);
    expect(found).toEqual(['f()', 'main', 'f()', 'test.foo()', 'g()']);
    expect(missing).toBeNull();
    expect(batches).toEqual([['_Z1fv', '_Z1gv'], ['_D4test3fooFZv']]);
  });

  test('without mangled names starts nothing', async () => {
    const { run, batches } = counting();
    await createDemangler(run).demangle(['main', 'printf']);
    expect(batches).toEqual([]);
  });

  test('is not asked for again', async () => {
    const { run, batches } = counting();
    const demangler = createDemangler(run);
    await demangler.demangle(['_Z1fv', '_Z1gv']);
    expect((await demangler.demangle(['_Z1gv', '_Z1hv'])).names).toEqual(['g()', 'h()']);
    expect(batches).toEqual([['_Z1fv', '_Z1gv'], ['_Z1hv']]);
  });

  test('of many thousands comes back in order', async () => {
    const names = Array.from({ length: 60_000 }, (_, index) => `_Z${`f${index}`.length}f${index}v`);
    expect(await demangled(...names)).toEqual(names.map((_, index) => `f${index}()`));
  });
});

/** A name of 130 bytes that stands for one of gigabytes: each argument is a template of the one before, twice. */
function bomb(levels: number): string {
  const substitution = (index: number): string => (index < 0 ? 'S_' : `S${index.toString(36).toUpperCase()}_`);
  const args = Array.from({ length: levels }, (_, index) => `S_I${substitution(index)}${substitution(index)}E`);
  return `_Z1f1AIiiE${args.join('')}`;
}

describe('a hostile name', () => {
  test('is what it seems: short, and without end when demangled', () => {
    expect(execFileSync('c++filt', { input: bomb(14) }).length).toBeGreaterThan(300_000);
    expect(bomb(34).length).toBeLessThan(400);
  });

  test('does not take others with it', async () => {
    const { run, batches } = counting();
    const names = ['_Z1av', bomb(18), '_Z1bv', bomb(34), '_Z1cv', bomb(17), '_Z1dv'];
    const { names: found } = await createDemangler(run).demangle(names);
    expect(found).toEqual(['a()', bomb(18), 'b()', bomb(34), 'c()', bomb(17), 'd()']);
    expect(batches.length).toBeLessThanOrEqual(6);
  });

  test('is not tried twice', async () => {
    const { run, batches } = counting();
    const demangler = createDemangler(run);
    await demangler.demangle([bomb(18), '_Z1fv']);
    const before = batches.length;
    expect((await demangler.demangle([bomb(18), '_Z1fv'])).names).toEqual([bomb(18), 'f()']);
    expect(batches.length).toBe(before);
  });

  test('that is one of many ends the attempts at some time', async () => {
    const { run, batches } = counting();
    const names = Array.from({ length: 40 }, (_, index) => bomb(18).replace('_Z1f', `_Z3f${10 + index}`));
    expect((await createDemangler(run).demangle(names)).names).toEqual(names);
    expect(batches.filter(([name]) => name !== '_Z1fv').length).toBe(6);
  });
});

test('a missing program is said, and the names come back as they are', async () => {
  const withoutTools = openDoor({ toolPath: () => '/nonexistent/c++filt' });
  const demangler = createDemangler(request => withoutTools.runTool('objdump', request));
  const { names, missing } = await demangler.demangle(['_Z1fv', 'main', '_D4test3fooFZv']);
  expect(names).toEqual(['_Z1fv', 'main', '_D4test3fooFZv']);
  expect(missing).toMatchObject({ kind: 'missing', searched: ['/nonexistent/c++filt'] });
});

test('a program that fails leaves the names as they are', async () => {
  const demangler = createDemangler(request => door.runProgram({ ...request, command: '/bin/false' }));
  expect((await demangler.demangle(['_Z1fv', '_Z1gv'])).names).toEqual(['_Z1fv', '_Z1gv']);
});

test('a program that has not all options of c++filt is asked without them', async () => {
  const asked: string[] = [];
  const demangler = createDemangler(request => {
    asked.push(request.args.join(' '));
    const script = 'test "$1" != --no-verbose || exit 1; exec c++filt "$@"';
    return door.runProgram({ ...request, command: '/bin/sh', args: ['-c', script, 'sh', ...request.args] });
  });
  expect((await demangler.demangle(['_Z1fv', '_Z1gv'])).names).toEqual(['f()', 'g()']);
  expect((await demangler.demangle(['_Z1hv'])).names).toEqual(['h()']);
  expect(asked.slice(-2)).toEqual(['--format=auto', '--format=auto']);
});

test('a program that says less than it was asked leaves the others as they are', async () => {
  const demangler = createDemangler(request =>
    door.runProgram({ ...request, command: '/bin/sh', args: ['-c', 'read name; echo "f()"'] }),
  );
  expect((await demangler.demangle(['_Z1fv', '_Z1gv', '_Z1hv'])).names.slice(1)).toContain('_Z1gv');
});

test('a cancelled batch rejects and leaves no process', async () => {
  const stop = new AbortController();
  let started: () => void = () => undefined;
  const running = new Promise<void>(resolve => {
    started = resolve;
  });
  const demangler = createDemangler(request => {
    const outcome = door.runProgram({ ...request, command: '/bin/sh', args: ['-c', 'exec sleep 1000'] });
    started();
    return outcome;
  });
  const asked = demangler.demangle(['_Z1fv'], stop.signal);
  await running;
  stop.abort();
  await expect(asked).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
});
