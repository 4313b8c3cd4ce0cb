import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBytes, encodeBytes } from '../../../language-server/native/byte-text.ts';
import { captureOutput } from '../../../language-server/native/output.ts';
import { processesNaming, until } from '../../support/processes.ts';
import { exited, openDoor, scriptRunner, uniqueName } from './door-fixture.ts';

const sh = scriptRunner(openDoor({ concurrency: 4 }));

describe('cap', () => {
  test('output without end is cut and the program killed, where asked', async () => {
    const outcome = exited(await sh('yes', { outputCapBytes: 100_000, whenCapped: 'kill' }));
    expect(outcome.stdout.length).toBe(100_000);
    expect(outcome).toMatchObject({ signal: 'SIGKILL', truncated: { stdout: true, stderr: false } });
  });

  test('on standard error without end too, and though SIGTERM is ignored', async () => {
    const name = uniqueName();
    const script = `trap '' TERM; yes ${name} >&2`;
    const outcome = exited(await sh(script, { outputCapBytes: 1000, whenCapped: 'kill' }, name));
    expect(outcome.stderr.length).toBe(1000);
    expect(outcome.truncated).toEqual({ stdout: false, stderr: true });
    expect(processesNaming(name)).toEqual([]);
  });

  test('what is beyond is dropped and the exit code stays true, otherwise', async () => {
    const outcome = exited(await sh('head -c 1000000 /dev/zero >&2; exit 5', { outputCapBytes: 10 }));
    expect(outcome).toMatchObject({ exitCode: 5, truncated: { stdout: false, stderr: true } });
    expect(outcome.stderr.length).toBe(10);
  });

  test('exactly as much is whole', async () => {
    const outcome = exited(await sh('printf 0123456789', { outputCapBytes: 10 }));
    expect(outcome.truncated.stdout).toBe(false);
    expect(Buffer.from(outcome.stdout).toString()).toBe('0123456789');
  });

  test('is 16 MiB where not said, whatever the program prints', async () => {
    const outcome = exited(await sh('head -c 40000000 /dev/zero'));
    expect(outcome).toMatchObject({ exitCode: 0, truncated: { stdout: true } });
    expect(outcome.stdout.length).toBe(16 << 20);
  });
});

describe('lines', () => {
  test('come while the program runs, also those that are not UTF-8 or empty; none after a cancel', async () => {
    const lines: string[] = [];
    const controller = new AbortController();
    const run = sh("printf 'a\\n\\n\\377b\\nc\\nd'; sleep 1000", {
      signal: controller.signal,
      onLine: line => {
        lines.push(line);
        if (lines.length === 3) controller.abort();
      },
    });
    expect(await run).toEqual({ kind: 'cancelled' });
    expect(lines).toEqual(['a', '', '\uDCFFb']);
  });

  test('without newline are handed on in bounded pieces', async () => {
    const lengths: number[] = [];
    await sh("head -c 5000000 /dev/zero | tr '\\0' x", { onLine: line => lengths.push(line.length) });
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(5_000_000);
    expect(Math.max(...lengths)).toBeLessThan(1_300_000);
  });

  test('come in full beyond the cap', async () => {
    let count = 0;
    const outcome = exited(
      await sh('yes | head -n 100000', {
        outputCapBytes: 10,
        onLine: () => {
          count += 1;
        },
      }),
    );
    expect(count).toBe(100_000);
    expect(outcome.truncated.stdout).toBe(true);
  });

  test('a reader that throws ends the program, and gets its error back', async () => {
    const name = uniqueName();
    let calls = 0;
    const run = sh(
      "trap '' TERM; echo a; echo b; sleep 1000; :",
      {
        onLine: () => {
          calls += 1;
          throw new Error('no such line');
        },
      },
      name,
    );
    await expect(run).rejects.toThrow('no such line');
    expect(calls).toBe(1);
    await until(() => processesNaming(name).length === 0);
  });

  test('however the bytes come in pieces, they are the same', async () => {
    const line = fc.uint8Array({ maxLength: 12 }).map(bytes => bytes.filter(byte => byte !== 10));
    const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 6 }), fc.boolean(), cuts, async (given, ended, at) => {
        const whole = Buffer.concat(given.flatMap(bytes => [bytes, Buffer.from('\n')]));
        const bytes = ended ? whole : whole.subarray(0, -1);
        const lines: string[] = [];
        const stream = new PassThrough();
        const captured = captureOutput(stream, {
          capBytes: 30,
          onCapped: () => undefined,
          onLine: text => lines.push(text),
        });
        const edges = [0, ...at.filter(edge => edge < bytes.length).toSorted((a, b) => a - b), bytes.length];
        for (const [index, edge] of edges.slice(1).entries()) stream.write(bytes.subarray(edges[index], edge));
        stream.end();
        await new Promise(resolve => stream.once('close', resolve));
        // An empty last line without newline is no line.
        const expected = given.map(decodeBytes);
        if (!ended && given.at(-1)?.length === 0) expected.pop();
        expect(lines).toEqual(expected);
        expect(
          Buffer.concat(lines.flatMap(text => [encodeBytes(text), Buffer.from('\n')])).length,
        ).toBeGreaterThanOrEqual(bytes.length);
        expect(Buffer.from(captured.bytes())).toEqual(bytes.subarray(0, 30));
        expect(captured.truncated()).toBe(bytes.length > 30);
      }),
    );
  });
});
