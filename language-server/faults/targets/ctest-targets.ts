import type { NativeDoor } from '../../native/door.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { FaultTarget } from '../../protocol/fault-targets.ts';
import { absolutePath, type Entry, isEntry } from './fields.ts';

/** A build with ten thousand tests answers in seconds. */
const deadlineMs = 60_000;
const mostOutputBytes = 256 * 1024 * 1024;

/**
 * The tests of a build folder of CMake, as `ctest --show-only=json-v1` tells them (cmake.org, ctest(1), "Show as JSON Object
 * Model"). Where that fails, a sentence. It reads CTestTestfile.cmake, which is a program: it needs trust.
 */
export async function ctestTargets(
  door: NativeDoor,
  folder: string,
  signal: AbortSignal,
): Promise<{ readonly targets: readonly FaultTarget[]; readonly problems: readonly string[] }> {
  const outcome = await door.runTool('ctest', {
    args: ['--show-only=json-v1'],
    cwd: folder,
    deadlineMs,
    signal,
    outputCapBytes: mostOutputBytes,
    executesWorkspaceCode: true,
  });
  const problem = (why: string): string => displayText(`Tests of CTest in ${folder}: ${why}`);
  switch (outcome.kind) {
    case 'exited': {
      if (outcome.exitCode !== 0) {
        const words = Buffer.from(outcome.stderr).toString('utf8').trim();
        return { targets: [], problems: [problem(`ctest failed: ${words}`)] };
      }
      const targets = targetsOfModel(Buffer.from(outcome.stdout).toString('utf8'), folder);
      return targets === undefined
        ? { targets: [], problems: [problem('ctest is older than 3.14, or its answer was cut.')] }
        : { targets, problems: [] };
    }
    case 'timedOut':
      return { targets: [], problems: [problem(`ctest did not answer within ${deadlineMs / 1000} seconds.`)] };
    case 'cancelled':
      signal.throwIfAborted();
      return { targets: [], problems: [] };
    default:
      return { targets: [], problems: [problem(outcome.message)] };
  }
}

/** Undefined where it is not the object model. */
function targetsOfModel(json: string, folder: string): readonly FaultTarget[] | undefined {
  let model: unknown;
  try {
    model = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (!isEntry(model) || model['kind'] !== 'ctestInfo' || !Array.isArray(model['tests'])) return undefined;
  const { backtraceGraph } = model;
  return model['tests'].flatMap((test: unknown) =>
    isEntry(test) ? (testTarget(test, folder, backtraceGraph) ?? []) : [],
  );
}

/** Undefined for a test whose program has not been built yet, or that is switched off: it has no command. */
function testTarget(test: Entry, folder: string, graph: unknown): FaultTarget | undefined {
  const { name, command } = test;
  if (typeof name !== 'string' || !isTexts(command) || command.length === 0) return undefined;
  const properties = propertiesOf(test);
  if (properties.get('DISABLED') === true) return undefined;
  const cwd = properties.get('WORKING_DIRECTORY');
  const env = environmentOf(properties.get('ENVIRONMENT'));
  const declared = declarationOf(test, graph);
  return {
    id: '',
    name,
    source: 'ctest',
    program: {
      command,
      // ctest(1), WORKING_DIRECTORY: by default the build folder.
      cwd: typeof cwd === 'string' ? cwd : folder,
      ...(Object.keys(env).length > 0 && { env }),
    },
    ...(declared !== undefined && { declared }),
  };
}

function propertiesOf({ properties }: Entry): ReadonlyMap<string, unknown> {
  if (!Array.isArray(properties)) return new Map();
  return new Map(
    properties.flatMap((property: unknown) =>
      isEntry(property) && typeof property['name'] === 'string' ? [[property['name'], property['value']] as const] : [],
    ),
  );
}

function environmentOf(value: unknown): Readonly<Record<string, string>> {
  if (!isTexts(value)) return {};
  return Object.fromEntries(
    value
      .filter(text => text.indexOf('=') > 0)
      .map(text => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
  );
}

/** The call of add_test: the innermost node of the backtrace that has a line. */
function declarationOf({ backtrace }: Entry, graph: unknown): FaultTarget['declared'] {
  if (!isEntry(graph) || !Array.isArray(graph['nodes']) || !Array.isArray(graph['files'])) return undefined;
  const node: unknown = typeof backtrace === 'number' ? graph['nodes'][backtrace] : undefined;
  if (!isEntry(node) || typeof node['line'] !== 'number' || typeof node['file'] !== 'number') return undefined;
  const path: unknown = graph['files'][node['file']];
  return typeof path === 'string' ? { path: absolutePath(path, '/'), line: node['line'] } : undefined;
}

export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(element => typeof element === 'string');
}
