import * as v from 'valibot';
import type { NativeDoor } from '../../native/door.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import {
  type Analysis,
  analysisSchema,
  compileErrorsSchema,
  envelopeSchema,
  type Generated,
  generatedSchema,
  nameSchema,
} from './answers.ts';
import { BridgeLost, type BridgeProcess, startBridgeProcess } from './bridge-process.ts';

/** A source as it stands in an editor, with what the compiler has to know beside it. */
export interface BridgeSource {
  readonly path: ByteText;
  readonly text: string;
  readonly kind: 'pyx' | 'pxd' | 'pxi' | 'py';
  /** Folders of cimports and includes, the nearest first. */
  readonly includePath: readonly ByteText[];
  /** Texts that stand in the editor otherwise than on disk, by absolute path. */
  readonly texts?: Readonly<Record<ByteText, string>>;
  /** First and last lines, from 1, that our own reader could not read. */
  readonly broken?: readonly (readonly [number, number])[];
}

/** `off`: not asked for, or not allowed. `missing`: no interpreter, or none with Cython. `failed`: it died too often. */
export type BridgeState =
  | { readonly kind: 'off'; readonly message: string }
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready'; readonly python: string; readonly cython: string; readonly command: ByteText }
  | { readonly kind: 'missing'; readonly message: string; readonly remedy: string }
  | { readonly kind: 'failed'; readonly message: string };

/** An answer, or the sentence that says why there is none. */
export type BridgeAnswer<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'none'; readonly message: string; readonly remedy?: string; readonly errors?: CompileErrors };

/** Lines from 0, and what the compiler says of them. */
export type CompileErrors = readonly (readonly [number, string])[];

/** The Cython compiler as one process that is asked again and again. Never rejects but when `signal` is aborted. */
export interface CythonBridge {
  analyse(source: BridgeSource, signal: AbortSignal): Promise<BridgeAnswer<Analysis>>;
  /** The type of the name at a place, both from 0, in UTF-16 units; null where there is none, or it is not known. */
  typeAt(
    source: BridgeSource,
    line: number,
    character: number,
    signal: AbortSignal,
  ): Promise<BridgeAnswer<string | null>>;
  generateC(source: BridgeSource, signal: AbortSignal): Promise<BridgeAnswer<Generated>>;
  state(): BridgeState;
  /** Forgets why it is missing or has failed: settings have changed, or a person asks for another try. */
  reset(): void;
  close(): Promise<void>;
}

export interface BridgeOptions {
  readonly door: Pick<NativeDoor, 'converse' | 'find'>;
  readonly program: ByteText;
  readonly isTrusted: () => boolean;
  /** The interpreter that the person or the editor has chosen; undefined: that of PATH. */
  readonly python: () => ByteText | undefined;
  readonly log: (line: string) => void;
  readonly onState?: (state: BridgeState) => void;
  readonly deadlines?: BridgeDeadlines;
}

export interface BridgeDeadlines {
  readonly helloMs: number;
  readonly analyseMs: number;
  readonly generateMs: number;
}

const defaultDeadlines: BridgeDeadlines = { helloMs: 20_000, analyseMs: 60_000, generateMs: 120_000 };
/** A question that nobody waits for any longer is given this long before its process is ended. */
const cancelPatienceMs = 500;
/** More deaths than this within {@link deathWindowMs}, and it is left alone. */
const mostDeaths = 3;
const deathWindowMs = 300_000;
/** A process that has grown beyond is ended between two questions. */
const mostMemoryBytes = 1.5 * 2 ** 30;
/** No source that a person writes is longer; a generated one would block the compiler for minutes. */
const longestText = 4 << 20;

export const cythonRemedy = 'apt-get install cython3, or python3 -m pip install cython';

export function createCythonBridge(options: BridgeOptions): CythonBridge {
  const deadlines = options.deadlines ?? defaultDeadlines;
  let state: BridgeState = { kind: 'off', message: 'The Cython compiler has not been asked yet.' };
  let current: BridgeProcess | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let deaths: number[] = [];
  let isClosed = false;

  const setState = (next: BridgeState): void => {
    state = next;
    options.onState?.(next);
  };
  const none = <T>(message: string, remedy?: string): BridgeAnswer<T> => ({
    kind: 'none',
    message,
    ...(remedy !== undefined && { remedy }),
  });

  /** The process, started where there is none; null where there can be none, as {@link state} then says. */
  const obtain = async (): Promise<BridgeProcess | null> => {
    if (isClosed || state.kind === 'missing' || state.kind === 'failed') return null;
    if (!options.isTrusted()) {
      setState({ kind: 'off', message: 'The Cython compiler is not started in a workspace that is not trusted.' });
      return null;
    }
    if (current !== undefined && current.peakBytes() > mostMemoryBytes) {
      options.log('The Cython compiler has grown large: it is started anew.');
      await end(current);
    }
    if (current !== undefined && !current.isEnded()) return current;
    return await start();
  };
  const start = async (): Promise<BridgeProcess | null> => {
    setState({ kind: 'starting' });
    const chosen = options.python();
    const found = chosen === undefined ? await options.door.find('python') : null;
    if (found?.kind === 'missing') {
      setState({ kind: 'missing', message: found.message, remedy: found.remedy });
      return null;
    }
    const python = chosen ?? (found === null ? '' : found.path);
    const started = startBridgeProcess({
      door: options.door,
      python,
      program: options.program,
      helloDeadlineMs: deadlines.helloMs,
    });
    const hello = await started.hello;
    if ('cython' in hello && hello.cython !== null) {
      current = started;
      options.log(`Cython ${hello.cython} (Python ${hello.python}, ${displayText(hello.folder ?? '')}) gives types.`);
      setState({ kind: 'ready', python: hello.python, cython: hello.cython, command: python });
      void started.ended.then(why => {
        if (current === started) died(why);
      });
      return started;
    }
    const why =
      'failure' in hello && hello.failure !== undefined
        ? `The Cython compiler of ${displayText(python)} cannot be used: ${displayText(hello.failure)}.`
        : `${displayText(python)} has no package Cython.`;
    await end(started);
    options.log(`${why} Install it: ${cythonRemedy}; or set binaryDetective.tools.python.`);
    setState({ kind: 'missing', message: why, remedy: cythonRemedy });
    return null;
  };
  const end = async (process: BridgeProcess): Promise<void> => {
    if (current === process) current = undefined;
    process.stop();
    await process.ended;
  };
  const died = (why: string): void => {
    current = undefined;
    const now = Date.now();
    deaths = [...deaths.filter(time => now - time < deathWindowMs), now];
    if (deaths.length <= mostDeaths) {
      options.log(`The Cython compiler died (${why}); it is started again when it is needed.`);
      setState({ kind: 'starting' });
      return;
    }
    const message = `The Cython compiler died ${deaths.length} times in five minutes (${why}), and is left alone.`;
    options.log(`${message} The command "Restart Language Server" tries again.`);
    setState({ kind: 'failed', message });
  };
  const whyNot = <T>(): BridgeAnswer<T> => {
    if (state.kind === 'missing') return none(state.message, state.remedy);
    return none('message' in state ? state.message : 'The Cython compiler is not there.');
  };

  const askNow = async <T>(
    question: object,
    schema: v.GenericSchema<unknown, T>,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<BridgeAnswer<T>> => {
    signal.throwIfAborted();
    const process = await obtain();
    if (process === null) return whyNot();
    signal.throwIfAborted();
    let timer: NodeJS.Timeout | undefined;
    const abandon = (): void => {
      // It is soon done, or it has got lost: then a new one is the sooner.
      timer = setTimeout(() => void end(process), cancelPatienceMs);
    };
    signal.addEventListener('abort', abandon, { once: true });
    try {
      const answer = await process.ask(question, deadlineMs);
      signal.throwIfAborted();
      return parseAnswer(answer, schema);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof BridgeLost)) throw error;
      return none(`The Cython compiler gave no answer: ${error.message}.`);
    } finally {
      signal.removeEventListener('abort', abandon);
      clearTimeout(timer);
    }
  };
  /** One question after the other: the compiler has one thread. */
  const ask = <T>(
    source: BridgeSource,
    question: object,
    schema: v.GenericSchema<unknown, T>,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<BridgeAnswer<T>> => {
    if (source.text.length > longestText) {
      return Promise.resolve(
        none('The Cython compiler is not asked about sources of more than four million characters.'),
      );
    }
    const answer = last.then(() => askNow({ ...source, ...question }, schema, deadlineMs, signal));
    last = answer.catch(() => undefined);
    return answer;
  };

  return {
    analyse: (source, signal) => ask(source, { ask: 'analyse' }, analysisSchema, deadlines.analyseMs, signal),
    async typeAt(source, line, character, signal) {
      const question = { ask: 'typeAt', line, character };
      const found = await ask(source, question, nameSchema, deadlines.analyseMs, signal);
      if (found.kind === 'none') return found;
      return { kind: 'answer', value: found.value.text === '' ? null : found.value.text };
    },
    generateC: (source, signal) => ask(source, { ask: 'generateC' }, generatedSchema, deadlines.generateMs, signal),
    state: () => state,
    reset() {
      deaths = [];
      const process = current;
      current = undefined;
      process?.stop();
      setState({ kind: 'off', message: 'The Cython compiler has not been asked yet.' });
    },
    async close() {
      isClosed = true;
      if (current !== undefined) await end(current);
    },
  };
}

function parseAnswer<T>(answer: unknown, schema: v.GenericSchema<unknown, T>): BridgeAnswer<T> {
  const envelope = v.safeParse(envelopeSchema, answer);
  if (envelope.success && envelope.output.failure !== undefined) {
    const errors = v.safeParse(compileErrorsSchema, answer);
    return {
      kind: 'none',
      message: displayText(envelope.output.failure),
      ...(errors.success && { errors: errors.output.errors }),
    };
  }
  const parsed = v.safeParse(schema, answer);
  if (parsed.success) return { kind: 'answer', value: parsed.output };
  return { kind: 'none', message: 'The Cython compiler answered with what is no answer.' };
}
