import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { osPath } from '../native/byte-text.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import type { FaultMode, FaultShard } from '../protocol/faults.ts';
import type { JudgedRun } from './groups.ts';
import type { ScopeVariables } from './scope.ts';
import type { Target } from './target.ts';

const schemaName = 'binary-detective/faults-journal@1';

/** What has to be the same for results to be of one sweep. */
export interface SweepIdentity {
  readonly command: readonly ByteText[];
  readonly cwd: ByteText;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: ByteText | null;
  readonly scope: ScopeVariables;
  readonly mode: FaultMode;
  readonly shard: FaultShard | null;
  /** SHA-256 of the program's file. */
  readonly program: string;
}

/** Results of a sweep on disk, a line each, written as they come. */
export interface Journal {
  /** Those of an earlier sweep that was stopped. */
  readonly results: readonly JudgedRun[];
  /** False from the first result on that could not be written: the disk is full, say. */
  intact(): boolean;
  add(result: JudgedRun): Promise<void>;
  close(): Promise<void>;
}

const headSchema = v.looseObject({ schema: v.literal(schemaName), identity: v.record(v.string(), v.unknown()) });
const runSchema = v.looseObject({
  run: v.looseObject({
    n: v.number(),
    verdict: v.string(),
    injectedStack: v.array(v.looseObject({})),
    crashStack: v.array(v.looseObject({})),
  }),
  failed: v.number(),
  lastFailureStack: v.array(v.looseObject({})),
});

export async function identityOf(
  { command, args, cwd, env, stdin, path, scope }: Target,
  mode: FaultMode,
  shard: FaultShard | undefined,
): Promise<SweepIdentity> {
  const program = await sha256Of(path);
  return { command: [command, ...args], cwd, env, stdin: stdin ?? null, scope, mode, shard: shard ?? null, program };
}

/**
 * Opens the journal of a sweep: a new one, or that of the same sweep, to go on. A last line that was cut off by a crash is
 * passed over. Errors: invalidParams (it is another sweep's, with what differs), unreadable, toolFailed.
 */
export async function openJournal(path: ByteText, identity: SweepIdentity): Promise<Journal> {
  const text = await textAt(path);
  const lines = text.split('\n');
  // What stands behind the last newline is no whole line.
  lines.pop();
  const [head, ...rest] = lines;
  const shown = displayText(path);
  if (text !== '' && head === undefined) throw new UserError('invalidParams', `${shown} is no journal of a sweep.`);
  if (head !== undefined) refuseOther(shown, head, identity);
  const results = rest.flatMap(resultOf);
  let file: FileHandle;
  try {
    file = await open(osPath(path), 'w', 0o600);
    // Written anew: a line that was cut off must not be joined to the next.
    await file.writeFile([JSON.stringify({ schema: schemaName, identity }), ...results.map(lineOf), ''].join('\n'));
  } catch (error) {
    throw new UserError('toolFailed', `The journal ${shown} cannot be written (${codeOf(error)}).`);
  }
  let intact = true;
  let last: Promise<unknown> = Promise.resolve();
  const write = async (line: string): Promise<void> => {
    if (!intact) return;
    await file.writeFile(`${line}\n`).catch(() => {
      intact = false;
    });
  };
  return {
    results,
    intact: () => intact,
    async add(result) {
      last = last.then(() => write(lineOf(result)));
      await last;
    },
    async close() {
      await last;
      await file.close();
    },
  };
}

function refuseOther(shown: string, head: string, identity: SweepIdentity): void {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), headSchema), head);
  if (!parsed.success) throw new UserError('invalidParams', `${shown} is no journal of a sweep.`);
  const before = parsed.output.identity;
  const words: Readonly<Record<keyof SweepIdentity, string>> = {
    command: 'its command line is another',
    cwd: 'it ran in another folder',
    env: 'its environment is another',
    stdin: 'its standard input is another file',
    scope: 'other allocations counted in it',
    mode: 'its mode is another',
    shard: 'it is another part (--shard)',
    program: 'the program was built anew since',
  };
  const differs = (Object.keys(words) as (keyof SweepIdentity)[]).find(
    name => canonical(before[name]) !== canonical(identity[name]),
  );
  if (differs === undefined) return;
  throw new UserError(
    'invalidParams',
    `The sweep in ${shown} cannot go on: ${words[differs]}. Take another file, or remove this one to start anew.`,
  );
}

/** The same for objects with the same members in another order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

function resultOf(line: string): readonly JudgedRun[] {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), runSchema), line);
  return parsed.success ? [parsed.output as unknown as JudgedRun] : [];
}

function lineOf(result: JudgedRun): string {
  return JSON.stringify(result);
}

async function textAt(path: ByteText): Promise<string> {
  try {
    return await readFile(osPath(path), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw new UserError('unreadable', `The journal ${displayText(path)} cannot be read (${codeOf(error)}).`);
  }
}

async function sha256Of(path: ByteText): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(osPath(path))) hash.update(chunk as Uint8Array);
  } catch {
    // It may be executed but not read: nothing tells whether it has changed.
    return '';
  }
  return hash.digest('hex');
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
