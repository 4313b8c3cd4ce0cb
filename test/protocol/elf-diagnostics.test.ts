import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import {
  DiagnosticSeverity,
  DocumentDiagnosticRequest,
  type FullDocumentDiagnosticReport,
} from 'vscode-languageserver/node';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { startLanguageServer } from '../support/language-client.ts';
import { compileLibrary } from '../support/sample-files.ts';
import { sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const client = sharedClient();
const weak = ['-Wl,-z,execstack', '-Wl,-z,norelro'];
const strong = ['-Wl,-z,noexecstack', '-Wl,-z,relro,-z,now'];
const build = (name: string, flags: readonly string[]): string =>
  pathToFileUri(compileLibrary(folder, name, 'int value;', [`-Wl,-soname,${name}`, ...flags]));

async function pull(uri: string, previousResultId?: string, from = client()): Promise<FullDocumentDiagnosticReport> {
  const report = await from.connection.sendRequest(DocumentDiagnosticRequest.type, {
    textDocument: { uri },
    ...(previousResultId !== undefined && { previousResultId }),
  });
  if (report.kind !== 'full') throw new Error('The report is not full.');
  return report;
}

test('a code leads to the line of its section in the page that is shipped', async () => {
  const { items } = await pull(build('liblink.so', weak));
  const href = items.find(({ code }) => code === 'elf/executable-stack')?.codeDescription?.href ?? '';
  const [file = '', line = ''] = href.split('#L');
  expect(readFileSync(fileURLToPath(file), 'utf8').split('\n')[Number(line) - 1]).toBe('### `elf/executable-stack`');
});

test('the severity of a code is that of the setting', async () => {
  const uri = build('libsevere.so', weak);
  const severity = { 'elf/executable-stack': 'error' };
  const loud = await startLanguageServer({ settings: { elf: { severity } } });
  const { items } = await pull(uri, undefined, loud);
  expect(items.find(({ code }) => code === 'elf/executable-stack')?.severity).toBe(DiagnosticSeverity.Error);
  await loud.close();

  const quiet = await startLanguageServer({ settings: { elf: { severity: { 'elf/executable-stack': 'off' } } } });
  expect((await pull(uri, undefined, quiet)).items.map(({ code }) => code)).not.toContain('elf/executable-stack');
  await quiet.close();
});

test('a client that gives back the result id hears what a build has lost, from another server as well', async () => {
  const uri = build('liblost.so', strong);
  const first = await pull(uri, '');
  expect(first.items.map(({ code }) => code)).not.toContain('elf/lost-hardening');
  build('liblost.so', weak);
  const another = await startLanguageServer();
  const second = await pull(uri, first.resultId, another);
  const lost = second.items.filter(({ code }) => code === 'elf/lost-hardening');
  expect(lost.map(({ message }) => message).join('\n')).toMatch(
    /RELRO was there[\s\S]*not executable \(NX\) was there/u,
  );
  await another.close();
});

test('a client that does not is told nothing of it', async () => {
  expect(await pull(build('libplain.so', strong))).not.toHaveProperty('resultId');
});
