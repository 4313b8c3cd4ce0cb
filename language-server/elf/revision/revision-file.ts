import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { decodeBytes, osPath } from '../../native/byte-text.ts';
import type { NativeDoor, RunOutcome } from '../../native/door.ts';
import { shellCommand } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import { readFailure } from '../refusals.ts';

/** A library that is kept in git is far smaller. */
const maximumBytes = 256 << 20;
const deadlineMs = 60_000;

/**
 * `git cat-file` reads objects and runs no filter and no hook. A repository whose objects are elsewhere (a partial clone) could
 * name a program that fetches them: no protocol is allowed, whatever its configuration says (git(1), GIT_ALLOW_PROTOCOL).
 */
const gitEnvironment = {
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_LAZY_FETCH: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  // What a hook or a terminal has set is about another repository.
  GIT_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_INDEX_FILE: undefined,
};

export interface RevisionFile {
  /** A copy, there for as long as it is used. */
  readonly path: ByteText;
  /** `HEAD:libx.so`. */
  readonly name: ByteText;
  /** The command that prints its contents; quoted for POSIX sh. */
  readonly command: string;
}

export interface RevisionOptions {
  readonly signal?: AbortSignal | undefined;
  readonly capBytes?: number;
}

/**
 * The file as git has it in a revision, for as long as `use` takes. Symbolic links are followed as they are on disk now.
 * Throws UserError notFound, notSupported (too large), invalidParams (no name of a revision), toolMissing, toolFailed,
 * toolTimedOut; what the signal is aborted with; what `use` throws.
 */
export async function withRevisionFile<T>(
  door: NativeDoor,
  path: ByteText,
  revision: string,
  use: (file: RevisionFile) => Promise<T>,
  { signal, capBytes = maximumBytes }: RevisionOptions = {},
): Promise<T> {
  // One that begins with "-" would be an option, one with ":" names another file.
  if (!/^[\w./~^@{}+][\w./~^@{}+-]*$/u.test(revision)) {
    throw new UserError('invalidParams', `"${displayText(revision)}" is no name of a git revision.`);
  }
  const real = realPath(path);
  const name = real.slice(real.lastIndexOf('/') + 1);
  const args = ['-C', dirname(real), 'cat-file', 'blob', `${revision}:./${name}`];
  const outcome = await door.runTool('git', {
    args,
    env: gitEnvironment,
    deadlineMs,
    outputCapBytes: capBytes,
    whenCapped: 'kill',
    ...(signal !== undefined && { signal }),
  });
  const contents = contentsOf(outcome, { path: real, revision, capBytes, signal });
  const folder = mkdtempSync(join(tmpdir(), 'binary-detective-revision-'));
  try {
    const copy = join(folder, 'before');
    writeFileSync(copy, contents, { flag: 'wx', mode: 0o600 });
    return await use({ path: copy, name: `${revision}:${name}`, command: shellCommand(['git', ...args]) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function realPath(path: ByteText): ByteText {
  try {
    return decodeBytes(realpathSync.native(osPath(path), { encoding: 'buffer' }));
  } catch (error) {
    throw readFailure(path, error);
  }
}

interface Asked {
  readonly path: ByteText;
  readonly revision: string;
  readonly capBytes: number;
  readonly signal: AbortSignal | undefined;
}

function contentsOf(outcome: RunOutcome, { path, revision, capBytes, signal }: Asked): Uint8Array {
  const name = displayText(path);
  switch (outcome.kind) {
    case 'exited': {
      if (outcome.truncated.stdout) {
        const message = `${name} is larger than ${capBytes >> 20} MiB in ${revision}; that is more than is compared with git.`;
        throw new UserError('notSupported', message);
      }
      if (outcome.exitCode === 0) return outcome.stdout;
      const words = displayText(decodeBytes(outcome.stderr).trim().split('\n')[0] ?? '');
      throw new UserError('notFound', `Git has no ${name} in ${revision}: ${words.replace(/^fatal: /u, '')}.`);
    }
    case 'missing':
      throw new UserError('toolMissing', outcome.message, outcome.remedy);
    case 'timedOut':
      throw new UserError(
        'toolTimedOut',
        `Git took longer than ${deadlineMs / 1000} seconds for ${name} and was ended.`,
      );
    case 'cancelled':
      signal?.throwIfAborted();
      throw new UserError('toolFailed', 'Git was ended because the server is shutting down.');
    case 'untrusted':
    case 'spawnFailed':
      throw new UserError('toolFailed', outcome.message);
  }
}
