import { createHash, randomUUID } from 'node:crypto';
import { access, chmod, lstat, mkdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NativeDoor, RunOutcome } from '../native/door.ts';
import { toolRemedy } from '../native/find-tool.ts';
import { UserError } from '../protocol/errors.ts';
import { plainVariant, type ShimVariant } from './shim-variant.ts';

const units = [
  ...['malloc-faults.c', 'start.c', 'bootstrap.c', 'gate.c', 'rules.c', 'budget.c', 'scope.c', 'window.c'],
  ...['stacks.c', 'modules.c', 'record.c', 'crash.c', 'exec.c', 'sandbox.c', 'find-object.c'],
  ...['snapshot.c', 'descriptors.c', 'supervise.c', 'purity.c', 'leaks.c'],
] as const;
const headers = ['shim.h', 'next.h', 'gate.h', 'modules.h', 'snapshot.h', 'leaks.h'] as const;

/**
 * libgcc's unwinder is linked in and hidden: backtrace(3) would have the loader look for it, and allocate, in the middle of the
 * program's run, and a visible one would take the place of the program's own. Without -fno-builtin, GCC makes a call of calloc
 * out of a malloc and a memset.
 */
const flags = [
  ...['-shared', '-fPIC', '-std=c11', '-O2', '-g', '-Wall', '-fno-builtin', '-fexceptions'],
  ...[
    '-fvisibility=hidden',
    '-static-libgcc',
    '-Wl,--exclude-libs,ALL',
    '-Wl,--eh-frame-hdr',
    '-pthread',
    '-Wno-psabi',
  ],
] as const;

const compileDeadlineMs = 120_000;

export interface ShimEnvironment {
  readonly door: NativeDoor;
  readonly shimFolder: string;
  readonly cacheFolder: string;
  readonly signal?: AbortSignal;
}

/**
 * Path of the compiled shim, which is compiled where the cache does not have it for this compiler, these flags and these
 * sources. Errors: untrusted, toolMissing, toolFailed, toolTimedOut.
 */
export async function shimLibrary(environment: ShimEnvironment, variant: ShimVariant = plainVariant): Promise<string> {
  const { door, shimFolder, signal } = environment;
  // Also asks whether the workspace is trusted before anything else is said or done.
  const asked = await door.runTool(variant.tool, {
    args: ['--version'],
    deadlineMs: compileDeadlineMs,
    executesWorkspaceCode: true,
    ...(signal !== undefined && { signal }),
  });
  const version = outputOf(asked, variant);
  const compiler = await door.find(variant.tool);
  const sources = await Promise.all([...units, ...headers].map(name => readFile(join(shimFolder, name))));
  const hash = createHash('sha256');
  for (const part of [
    compiler.kind === 'found' ? compiler.path : '',
    version,
    ...flags,
    ...variant.flags,
    ...sources,
  ]) {
    hash.update(part).update('\0');
  }
  const folder = await preloadableFolder(environment.cacheFolder).catch((error: unknown) => {
    if (error instanceof UserError || !(error instanceof Error)) throw error;
    throw new UserError('toolFailed', `There is no place to keep the compiled fault shim: ${error.message}.`);
  });
  const library = join(folder, `malloc-faults-${hash.digest('hex').slice(0, 16)}.so`);
  if (!(await exists(library))) await compile(environment, library, variant);
  return library;
}

/** Under a name of its own first, then renamed: another server that compiles the same does no harm. */
async function compile(
  { door, shimFolder, signal }: ShimEnvironment,
  library: string,
  variant: ShimVariant,
): Promise<void> {
  const unfinished = `${library}.${randomUUID()}`;
  const args = [...flags, ...variant.flags, '-o', unfinished, ...units.map(unit => join(shimFolder, unit)), '-ldl'];
  try {
    outputOf(
      await door.runTool(variant.tool, {
        args,
        deadlineMs: compileDeadlineMs,
        executesWorkspaceCode: true,
        ...(signal !== undefined && { signal }),
      }),
      variant,
    );
    await rename(unfinished, library);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/**
 * The loader splits LD_PRELOAD at spaces and colons, knows no escape for them, and expands $ORIGIN and its like (ld.so(8)). A
 * cache whose path has such a character cannot hold the shim; a folder of the person's own among the temporary files can.
 */
async function preloadableFolder(cacheFolder: string): Promise<string> {
  if (!/[\s:$]/u.test(cacheFolder)) {
    await mkdir(cacheFolder, { recursive: true, mode: 0o700 });
    // As the kernel names what is mapped from it.
    return await realpath(cacheFolder);
  }
  const user = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `binary-detective-${user}`);
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
  // Anybody may have made it before us, and what is in it will be loaded.
  const status = await lstat(folder);
  if (!status.isDirectory() || status.uid !== user) {
    throw new UserError(
      'toolFailed',
      `The loader cannot preload a library from ${cacheFolder}, whose path has a space, colon or dollar sign, and ${folder} belongs to somebody else.`,
    );
  }
  await chmod(folder, 0o700);
  return await realpath(folder);
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/** Standard output of a compiler that did its work; else the reason for a person. */
function outputOf(outcome: RunOutcome, { tool, remedy }: ShimVariant): string {
  switch (outcome.kind) {
    case 'exited': {
      if (outcome.exitCode === 0) return Buffer.from(outcome.stdout).toString('utf8');
      const words = Buffer.from(outcome.stderr).toString('utf8').trim();
      const sentence = remedy?.sentence ?? 'The fault shim could not be compiled.';
      throw new UserError('toolFailed', `${sentence} The compiler said: ${words}`, remedy?.command ?? toolRemedy(tool));
    }
    case 'timedOut':
      throw new UserError('toolTimedOut', `The C compiler did not end within ${outcome.deadlineMs / 1000} seconds.`);
    case 'cancelled':
      throw new DOMException('The sweep was cancelled.', 'AbortError');
    case 'untrusted':
      throw new UserError('untrusted', outcome.message);
    case 'spawnFailed':
      throw new UserError('toolFailed', outcome.message, toolRemedy(tool));
    case 'missing':
      throw new UserError('toolMissing', outcome.message, outcome.remedy);
  }
}
