import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute } from 'node:path';
import { decodeBytes, osPath } from '../native/byte-text.ts';
import type { NativeDoor } from '../native/door.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import type { FaultScope } from '../protocol/faults.ts';
import { interpreterOf } from './starter.ts';
import type { Target } from './target.ts';

/**
 * An allocation is one of the module's where the module is among so many innermost frames: it asks by way of Python's own
 * functions (PyMem_Malloc, PyList_New, PyUnicode_FromFormat), which are a few deep; code that it calls back into is deeper.
 */
const framesOnBehalf = 8;
const askDeadlineMs = 60_000;

/** Prints where Python finds a module, as `import` would from the script; argv: the script's folder, the module. */
const finder = `
import importlib.util, sys
sys.path[0] = sys.argv[1]
spec = importlib.util.find_spec(sys.argv[2])
sys.stdout.buffer.write(b"\\0" + (("" if spec is None else spec.origin or "").encode(sys.getfilesystemencoding(), "surrogateescape")) + b"\\0")
`;

export interface ExtensionRun {
  readonly target: Target;
  readonly scope: FaultScope;
}

/**
 * A run of Python in which only what an extension module asks for can fail. Python's arenas are switched off (PYTHONMALLOC),
 * since they would answer most requests without a malloc, and so is what makes one run differ from the next (hash seeds, files of
 * byte code). Errors: invalidParams (no Python, no such module, a module without machine code), untrusted, toolFailed.
 */
export async function pythonExtension(
  target: Target,
  module: ByteText,
  scope: FaultScope | undefined,
  { door, signal }: { readonly door: NativeDoor; readonly signal: AbortSignal },
): Promise<ExtensionRun> {
  const interpreter = pythonOf(target);
  if (interpreter === undefined) {
    throw new UserError(
      'invalidParams',
      `${displayText(target.command)} is no Python, so that it has no extension module ${displayText(module)}. The command is to be python3 and a script.`,
    );
  }
  const env = { PYTHONMALLOC: 'malloc', PYTHONHASHSEED: '0', PYTHONDONTWRITEBYTECODE: '1', ...target.env };
  const armed = { ...target, env };
  const path = /[/]|\.so$/u.test(module)
    ? fileOf(module, target.cwd)
    : await moduleFile(interpreter, module, armed, door, signal);
  const includeLibraries = [...(scope?.includeLibraries ?? []), escapedGlob(path)];
  return { target: armed, scope: { frames: framesOnBehalf, ...scope, includeLibraries } };
}

/** The program itself, or what runs it where it is a script. */
function pythonOf({ path, command }: Target): ByteText | undefined {
  const words = [command, path, ...interpreterOf(path).words];
  return words.find(word => /^(?:python|pypy)[\d.]*(?:-dbg|d)?$/u.test(basename(word)));
}

function fileOf(module: ByteText, cwd: ByteText): ByteText {
  const path = isAbsolute(module) ? module : `${cwd}/${module.replace(/^(?:\.\/+)+/u, '')}`;
  if (existsSync(osPath(path))) return path;
  throw new UserError(
    'invalidParams',
    `There is no extension module ${displayText(path)}. Does it have to be built first?`,
  );
}

async function moduleFile(
  interpreter: ByteText,
  module: string,
  { args, cwd, env }: Target,
  door: NativeDoor,
  signal: AbortSignal,
): Promise<ByteText> {
  const script = args.find(argument => argument.endsWith('.py'));
  const folder = script === undefined ? cwd : dirname(isAbsolute(script) ? script : `${cwd}/${script}`);
  const outcome = await door.runProgram({
    ...{ command: interpreter, args: ['-c', finder, folder, module], cwd, env, deadlineMs: askDeadlineMs, signal },
  });
  if (outcome.kind === 'untrusted') throw new UserError('untrusted', outcome.message);
  if (outcome.kind === 'cancelled') throw new DOMException('The sweep was cancelled.', 'AbortError');
  if (outcome.kind !== 'exited') {
    throw new UserError(
      'toolFailed',
      `${displayText(interpreter)} could not be asked for the module ${displayText(module)}.`,
    );
  }
  const [, origin = ''] = decodeBytes(outcome.stdout).split('\0');
  if (/\.(?:so|pyd)$/u.test(origin) && existsSync(osPath(origin))) return origin;
  const why = Buffer.from(outcome.stderr).toString('utf8').trim().split('\n').at(-1) ?? '';
  throw new UserError('invalidParams', whyNoFile(module, interpreter, origin, why));
}

function whyNoFile(module: string, interpreter: ByteText, origin: ByteText, said: string): string {
  const name = displayText(module);
  if (origin === 'built-in' || origin === 'frozen') {
    return `${name} is built into ${displayText(interpreter)}: it is no extension module in a file of its own.`;
  }
  if (origin !== '')
    return `${name} is ${displayText(origin)}, which is no machine code. Name the module in it that is.`;
  const reason = said === '' ? '' : ` (${displayText(said)})`;
  return `${displayText(interpreter)} finds no module ${name}${reason}. Name its file instead, or set PYTHONPATH in "env".`;
}

/** A path that has characters of a glob, or one that would end the list, stands for itself. */
function escapedGlob(path: ByteText): string {
  return path.replaceAll(/[*,]/gu, '?');
}
