import * as v from 'valibot';
import { decodeBytes } from '../../native/byte-text.ts';
import type { NativeDoor, RunOutcome } from '../../native/door.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { envelopeSchema, type Hello, helloSchema } from './answers.ts';

/** One interpreter that runs the bridge, from its start to its end. */
export interface BridgeProcess {
  /** Which compiler it has. Resolves to a sentence where there is no bridge to talk with. */
  readonly hello: Promise<Hello | BridgeFailure>;
  /** Sends a question, and resolves to its answer. One at a time. */
  ask(question: object, deadlineMs: number): Promise<unknown>;
  /** Resolves when it is gone, with what is to be said of its end. */
  readonly ended: Promise<string>;
  isEnded(): boolean;
  /** The most memory that it has had, in bytes, as far as it has said. */
  peakBytes(): number;
  stop(): void;
}

export interface BridgeFailure {
  readonly failure: string;
}

/** The process did not answer, or is gone. */
export class BridgeLost extends Error {
  override readonly name = 'BridgeLost';
}

export interface BridgeProcessOptions {
  readonly door: Pick<NativeDoor, 'converse'>;
  readonly python: ByteText;
  /** The program bridge.py. */
  readonly program: ByteText;
  /** An interpreter starts in a tenth of a second; on a machine under load, or from a network drive, later. */
  readonly helloDeadlineMs: number;
}

/** Generated C of a large module has tens of MB. */
const longestLineBytes = 256 << 20;
const addressSpaceBytes = 4 * 2 ** 30;
const mostErrorText = 300;

export function startBridgeProcess({ door, python, program, helloDeadlineMs }: BridgeProcessOptions): BridgeProcess {
  const stop = new AbortController();
  let write: (text: string) => void = () => undefined;
  let waiting: { readonly id: number; readonly resolve: (answer: unknown) => void } | undefined;
  let greet: (hello: Hello | BridgeFailure) => void = () => undefined;
  let isGreeted = false;
  let isEnded = false;
  let reason: string | undefined;
  let peakKiB = 0;
  let questions = 0;
  const hello = new Promise<Hello | BridgeFailure>(resolve => {
    greet = resolve;
  });

  const giveUp = (why: string): void => {
    reason ??= why;
    stop.abort();
  };
  const onLine = (line: ByteText): void => {
    const answer = parseJson(line);
    if (!isGreeted) {
      const parsed = v.safeParse(helloSchema, answer);
      // What it is that answers so is not known, so it is not asked on.
      if (!parsed.success) {
        giveUp(`${displayText(python)} answers with what is no answer of our program`);
        return;
      }
      isGreeted = true;
      greet(parsed.output.hello);
      return;
    }
    const parsed = v.safeParse(envelopeSchema, answer);
    if (!parsed.success) {
      giveUp('it answered with what is no answer');
      return;
    }
    peakKiB = Math.max(peakKiB, parsed.output.peakKiB ?? 0);
    if (parsed.output.id !== waiting?.id) return;
    waiting?.resolve(answer);
  };
  const ended = door
    .converse({
      command: python,
      args: ['-I', '-S', '-B', program],
      signal: stop.signal,
      onStart: writer => {
        write = writer;
      },
      onLine,
      longestLineBytes,
      outputCapBytes: 64 << 10,
      limits: { addressSpaceBytes, coreFiles: false },
    })
    .then(outcome => {
      isEnded = true;
      const why = reason ?? endText(outcome);
      greet({ failure: why });
      return why;
    });
  const timer = setTimeout(() => {
    if (!isGreeted) giveUp(`${displayText(python)} did not answer within ${helloDeadlineMs / 1000} seconds`);
  }, helloDeadlineMs);
  void hello.then(() => clearTimeout(timer));

  return {
    hello,
    async ask(question, deadlineMs) {
      questions += 1;
      const id = questions;
      let late: NodeJS.Timeout | undefined;
      const answered = new Promise<unknown>(resolve => {
        waiting = { id, resolve };
        late = setTimeout(
          () => giveUp(`it did not answer within ${Math.round(deadlineMs / 1000)} seconds`),
          deadlineMs,
        );
      });
      write(`${JSON.stringify({ ...question, id })}\n`);
      try {
        return await Promise.race([
          answered,
          ended.then(why => {
            throw new BridgeLost(why);
          }),
        ]);
      } finally {
        clearTimeout(late);
        waiting = undefined;
      }
    },
    ended,
    isEnded: () => isEnded || stop.signal.aborted,
    peakBytes: () => peakKiB * 1024,
    stop: () => giveUp('it was stopped'),
  };
}

function parseJson(line: ByteText): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function endText(outcome: RunOutcome): string {
  switch (outcome.kind) {
    case 'exited': {
      const how = outcome.signal === null ? `ended with status ${outcome.exitCode}` : `was ended by ${outcome.signal}`;
      const words = decodeBytes(outcome.stderr).trim().split('\n').at(-1) ?? '';
      return words === '' ? `it ${how}` : `it ${how}: ${displayText(words.slice(0, mostErrorText))}`;
    }
    case 'untrusted':
    case 'spawnFailed':
    case 'missing':
      return outcome.message;
    case 'cancelled':
    case 'timedOut':
      return 'it was stopped';
  }
}
