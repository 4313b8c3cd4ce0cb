import { expect, test } from 'vitest';
import { LogMessageNotification } from 'vscode-languageserver/node';
import { doctor } from '../../language-server/protocol/tools.ts';
import { startLanguageServer } from '../support/language-client.ts';
import { sharedClient } from '../support/shared-client.ts';

test('the tools are found, with their versions', async () => {
  const client = await startLanguageServer();
  const { tools, trusted } = await client.request(doctor, {});
  expect(trusted).toBe(false);
  expect(tools.find(({ id }) => id === 'objdump')).toMatchObject({
    path: expect.stringMatching(/^\/.*objdump$/u),
    version: expect.stringMatching(/^\d+\.\d+/u),
    setting: 'binaryDetective.tools.objdump',
  });
  await client.close();
});

test('the setting of a tool comes before PATH', async () => {
  const client = await startLanguageServer({ settings: { tools: { objdump: '/no/such/objdump' } } });
  const { tools } = await client.request(doctor, {});
  const objdump = tools.find(({ id }) => id === 'objdump');
  expect(objdump?.path).toBeNull();
  expect(objdump?.searched.join('\n')).toContain('/no/such/objdump');
  expect(objdump?.remedy).toContain('binutils');
  await client.close();
});

test('junk falls to the default and is said once by name', async () => {
  const client = await startLanguageServer({
    settings: { tools: { objdump: 7 }, faults: { maxPoints: -1, deadlineSeconds: 'soon' }, cython: 'no' },
  });
  const logged: string[] = [];
  client.connection.onNotification(LogMessageNotification.type, ({ message }) => {
    logged.push(message);
  });
  const { tools } = await client.request(doctor, {});
  expect(tools.find(({ id }) => id === 'objdump')?.path).toMatch(/objdump$/u);
  const about = (name: string): number => logged.filter(message => message.includes(name)).length;
  expect(about('binaryDetective.tools.objdump')).toBe(1);
  expect(about('binaryDetective.faults.maxPoints')).toBe(1);
  expect(about('binaryDetective.faults.deadlineSeconds')).toBe(1);
  await client.close();
});

const shared = sharedClient();

test('a request without parameters is answered where it needs none', async () => {
  const answer = await shared().request<unknown, unknown>({ method: doctor.method }, undefined);
  expect(answer).toMatchObject({ trusted: false });
});
