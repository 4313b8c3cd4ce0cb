import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { faultsFixture, markedLine, runOf } from '../../support/faults-fixture.ts';

const { compile, sweep } = faultsFixture();
const program = compile('crash_handlers.c');

test.each([
  ['exit-zero', 'crash', 0, 'SIGSEGV', 'crash'],
  ['compiler', 'crash', 4, 'SIGSEGV', 'crash'],
  ['faulthandler', 'crash', null, 'SIGSEGV', 'crash'],
  ['glib', 'abort', null, 'SIGTRAP', undefined],
  ['rust', 'abort', 101, null, undefined],
  ['assert', 'abort', null, 'SIGABRT', 'assert'],
] as const)('%s: %s, whatever the program makes of it', async (what, verdict, exitCode, signal, marker) => {
  const swept = await sweep([program, what]);
  const run = runOf(swept, 0);
  expect(run).toMatchObject({ verdict, exitCode, signal });
  if (marker !== undefined) {
    const places = run.crashStack.map(({ file, line }) => `${basename(file ?? '')}:${line}`);
    expect(places).toContain(`crash_handlers.c:${markedLine('crash_handlers.c', marker)}`);
  }
  if (what === 'rust')
    expect(run.message).toContain('Reported its own end: "thread \'main\' panicked at src/main.rs:5:10:"');
});
