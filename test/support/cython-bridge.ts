import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import {
  type BridgeOptions,
  type BridgeSource,
  type BridgeState,
  type CythonBridge,
  createCythonBridge,
} from '../../language-server/cython/bridge/bridge.ts';
import { createNativeDoor } from '../../language-server/native/create-door.ts';

export const bridgeProgram = fileURLToPath(
  new URL('../../language-server/cython/bridge/python/bridge.py', import.meta.url),
);
/** The interpreter for which the machine's package cython3 is. */
export const systemPython = '/usr/bin/python3';

export interface TestedBridge {
  readonly bridge: CythonBridge;
  readonly log: string[];
  readonly states: BridgeState['kind'][];
  /** Command lines of the processes that were started. */
  readonly started: () => readonly string[];
}

/** A bridge to a real interpreter, closed when the tests of the file are done. */
export function testedBridge(options: Partial<BridgeOptions> = {}): TestedBridge {
  const lines: string[] = [];
  const log: string[] = [];
  const states: BridgeState['kind'][] = [];
  const isTrusted = options.isTrusted ?? (() => true);
  const door = createNativeDoor({ toolPath: () => undefined, isTrusted, log: line => lines.push(line) });
  const bridge = createCythonBridge({
    door,
    program: bridgeProgram,
    isTrusted,
    python: () => systemPython,
    log: line => log.push(line),
    onState: ({ kind }) => states.push(kind),
    ...options,
  });
  afterAll(async () => {
    await bridge.close();
    await door.close();
  });
  return { bridge, log, states, started: () => lines.filter(line => line.includes('bridge.py')) };
}

export function pyx(text: string, more: Partial<BridgeSource> = {}): BridgeSource {
  return { path: '/nowhere/module.pyx', text, kind: 'pyx', includePath: [], ...more };
}

export const never = new AbortController().signal;
