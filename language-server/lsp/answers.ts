import * as v from 'valibot';
import type { CancellationToken, Connection } from 'vscode-languageserver/node';
import { UserError } from '../protocol/errors.ts';
import type { RequestMethod } from '../protocol/method.ts';
import { isDefect, responseError } from './wire-errors.ts';

/** Answers one request of the wire contract. The parameters have been checked; the signal is the client's cancel. */
export type Answer = <Params, Result>(
  method: RequestMethod<Params, Result>,
  schema: v.GenericSchema<unknown, Params>,
  handle: (params: Params, signal: AbortSignal) => Promise<Result>,
) => void;

/** @param ready What a request waits for before it is handled. */
export function createAnswer(connection: Connection, ready: () => Promise<void>): Answer {
  return (method, schema, handle) => {
    const handler = (params: unknown, token: CancellationToken): Promise<unknown> =>
      answerWith(connection, token, async signal => {
        await ready();
        signal.throwIfAborted();
        return await handle(checked(schema, params), signal);
      });
    connection.onRequest(method.method, handler);
  };
}

/** Runs a handler: its failure becomes the response's error, and a defect is logged with its stack. */
export async function answerWith<Result>(
  connection: Connection,
  token: CancellationToken,
  handle: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController();
  if (token.isCancellationRequested) stop.abort();
  const subscription = token.onCancellationRequested(() => stop.abort());
  try {
    return await handle(stop.signal);
  } catch (error) {
    if (isDefect(error)) {
      connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    throw responseError(error);
  } finally {
    subscription.dispose();
  }
}

function checked<Params>(schema: v.GenericSchema<unknown, Params>, params: unknown): Params {
  const parsed = v.safeParse(schema, params);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const place = v.getDotPath(issue);
  throw new UserError(
    'invalidParams',
    `The parameters of the request do not fit${place === null ? '' : ` at "${place}"`}: ${issue.message}.`,
  );
}
