import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CancellationTokenSource, ProgressType } from 'vscode-languageserver/node';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { disassemble } from '../../language-server/protocol/disassembly.ts';
import type { PrintedPart } from '../../language-server/protocol/printed-text.ts';
import { elfRaw } from '../../language-server/protocol/raw.ts';
import { refusal, sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const client = sharedClient();
const folder = temporaryFolder();
const long = join(folder, 'long.o');
writeFileSync(join(folder, 'long.s'), '.text\nlong: .fill 3500000, 1, 0x90\nret\n');
execFileSync('as', ['-o', long, join(folder, 'long.s')]);
const uri = pathToFileUri(long);

/** Calls back with each part of what is streamed under this token. */
function listen(token: string, onPart: (text: string) => void) {
  return client().connection.onProgress(new ProgressType<PrintedPart>(), token, ({ text }) => onPart(text));
}

test('a text is streamed in whole lines, whole, and nothing of it is in the answer', async () => {
  const parts: string[] = [];
  const listening = listen('text', text => parts.push(text));
  const answer = await client().request(elfRaw, { uri, view: 'readelf', partialResultToken: 'text' });
  listening.dispose();
  expect(answer).toMatchObject({ text: '', truncated: null, cutAtLines: null });
  expect(parts.every(part => part.endsWith('\n'))).toBe(true);
  expect(parts.join('').trimEnd()).toBe(execFileSync('readelf', ['-aW', long], { encoding: 'utf8' }).trimEnd());
});

test('a text of 40 MB is streamed in small parts, and does not stay in the server', async () => {
  let [characters, parts] = [0, 0];
  const listening = listen('code', text => {
    characters += text.length;
    parts += 1;
  });
  const params = { uri, maximumLines: 3_000_000, partialResultToken: 'code' };
  const runs = 6;
  const resident: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    expect(await client().request(disassemble, params)).toMatchObject({ text: '', cutAtLines: 3_000_000 });
    resident.push(residentBytes(client().process.pid));
  }
  listening.dispose();
  expect(characters).toBeGreaterThan(runs * 40e6);
  expect(parts).toBeGreaterThan(runs * 200);
  // The texts that stayed would be 200 MB; what is not collected yet comes and goes.
  expect((resident.at(-1) ?? 0) - (resident[0] ?? 0)).toBeLessThan(100e6);
});

test('a cancel ends the program while it prints', async () => {
  const source = new CancellationTokenSource();
  let partsAfterCancel = 0;
  const listening = listen('cancelled', () => {
    if (source.token.isCancellationRequested) partsAfterCancel += 1;
    source.cancel();
  });
  const params = { uri, maximumLines: 3_000_000, partialResultToken: 'cancelled' };
  const answer = client().request(disassemble, params, source.token);
  expect((await refusal(answer)).message).toMatch(/cancelled/u);
  listening.dispose();
  // What was in the pipes; the whole text has 600 parts.
  expect(partsAfterCancel).toBeLessThan(300);
  expect(running('objdump', long)).toEqual([]);
});

test('more lines than an editor could show are refused', async () => {
  const answer = client().request(disassemble, { uri, maximumLines: 4_000_000 });
  expect(await refusal(answer)).toMatchObject({ data: { kind: 'invalidParams' } });
});

function residentBytes(pid = 0): number {
  return Number(/VmRSS:\s+(\d+) kB/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** Processes of the program that have the file among their arguments. */
function running(program: string, file: string): readonly string[] {
  const listed = execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' }).split('\n');
  return listed.filter(line => line.includes(program) && line.includes(file));
}
