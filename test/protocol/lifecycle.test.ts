import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { ErrorCodes, ResponseError } from 'vscode-languageserver/node';
import { bundle, startLanguageServer } from '../support/language-client.ts';
import { processesNaming, until } from '../support/processes.ts';

test('says what it can do', async () => {
  const client = await startLanguageServer();
  expect(client.initialized).toMatchObject({
    serverInfo: { name: 'Binary Detective' },
    capabilities: {
      diagnosticProvider: { workspaceDiagnostics: false },
      codeActionProvider: { codeActionKinds: ['quickfix', 'source.fixAll.binaryDetective'] },
    },
  });
  await client.close();
});

test('shuts down with exit code 0', async () => {
  const client = await startLanguageServer();
  expect(await client.close()).toBe(0);
});

test('exits without a shutdown, which is an error, when its client has gone away', async () => {
  const client = await startLanguageServer();
  const exited = new Promise(resolve => client.process.once('exit', resolve));
  client.process.stdin?.end();
  expect(await exited).toBe(1);
});

test('ends when the process of its client dies without a word', async () => {
  const marker = `--binary-detective-test=${process.pid}.${performance.now()}`;
  // A client of its own that starts the server, initializes it and is then killed; the pipe stays open in a third process.
  const script = `
    const { spawn } = require('node:child_process');
    const server = spawn(process.execPath, [${JSON.stringify(bundle)}, 'lsp', '--stdio', ${JSON.stringify(marker)}],
      { stdio: ['pipe', 'pipe', 'inherit'] });
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize',
      params: { processId: process.pid, rootUri: null, capabilities: {} } });
    server.stdin.write('Content-Length: ' + body.length + '\\r\\n\\r\\n' + body);
    server.stdout.once('data', () => process.stdout.write('ready'));
    setInterval(() => {}, 1000);`;
  const client = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise(resolve => client.stdout.once('data', resolve));
  expect(processesNaming(marker).length).toBeGreaterThan(0);
  client.kill('SIGKILL');
  await until(() => processesNaming(marker).length === 0);
});

test('refuses a method that it does not have', async () => {
  const client = await startLanguageServer();
  const error = await client.request({ method: 'binaryDetective/no/such' }, {}).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ResponseError);
  expect((error as ResponseError<unknown>).code).toBe(ErrorCodes.MethodNotFound);
  await client.close();
});
