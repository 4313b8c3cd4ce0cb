import { encodeBytes } from '../native/byte-text.ts';
import type { RunOutcome, ToolMissing, ToolRun } from '../native/door.ts';
import type { ByteText } from '../protocol/elf.ts';
import { type BoundedTexts, createBoundedTexts } from './bounded-texts.ts';
import { type Mangling, manglingOf } from './mangled-name.ts';

/** Runs c++filt: `request => door.runTool('cxxfilt', request)`. */
export type RunFilter = (request: ToolRun) => Promise<RunOutcome>;

export interface Demangled {
  /** In the order asked for; a name that is not mangled, or could not be demangled, as it was. */
  readonly names: readonly ByteText[];
  /** Set where c++filt was needed and is not on this machine. */
  readonly missing: ToolMissing | null;
}

export interface Demangler {
  /**
   * Demangles C++, Rust and D names, in one process for each scheme that occurs. Rejects with what the signal is aborted with,
   * and for no other reason.
   */
  demangle(names: readonly ByteText[], signal?: AbortSignal): Promise<Demangled>;
}

/** Characters of names and of what they became. */
const cacheCharacters = 8 << 20;
/**
 * Names are made by whoever made the file, and substitutions let one of a few hundred bytes become gigabytes. c++filt is ended
 * then, the name stays as it is, and a new process goes on behind it, but not for ever.
 */
const limits = { cpuSeconds: 3, addressSpaceBytes: 256 << 20, coreFiles: false } as const;
const deadlineMs = 20_000;
const longestDemangled = 1 << 18;
const mostProcesses = 6;

/** GNU's: `std::string` for `std::basic_string<char, …>` and Rust without hashes, as `nm -C` and `objdump -C` have it. */
const shortNames = '--no-verbose';

const harmlessName = '_Z1fv';

/** A c++filt as far as it is known: LLVM's has not all options. */
interface Filter {
  readonly run: RunFilter;
  options: readonly string[];
  /** Whether the program is known to take the options. */
  isSure: boolean;
}

export function createDemangler(run: RunFilter): Demangler {
  const filter: Filter = { run, options: [shortNames], isSure: false };
  const known = createBoundedTexts(cacheCharacters);
  return {
    async demangle(names, signal) {
      signal?.throwIfAborted();
      const found = new Map<ByteText, ByteText>();
      const wanted: Record<Mangling, Set<ByteText>> = { auto: new Set(), dlang: new Set() };
      for (const name of names) {
        const mangling = manglingOf(name);
        const before = mangling === null ? undefined : known.get(name);
        if (before !== undefined) found.set(name, before);
        else if (mangling !== null) wanted[mangling].add(name);
      }
      const missing =
        (await demangleAll(filter, 'auto', [...wanted.auto], found, known, signal)) ??
        (await demangleAll(filter, 'dlang', [...wanted.dlang], found, known, signal));
      return { names: names.map(name => found.get(name) ?? name), missing };
    },
  };
}

/** Puts what the names of one scheme become into `found` and `known`. */
async function demangleAll(
  filter: Filter,
  mangling: Mangling,
  names: readonly ByteText[],
  found: Map<ByteText, ByteText>,
  known: BoundedTexts,
  signal: AbortSignal | undefined,
): Promise<ToolMissing | null> {
  let pending = names;
  for (let process = 0; process < mostProcesses && pending.length > 0; process += 1) {
    const { lines, end } = await runBatch(filter, mangling, pending, signal);
    if (lines.length > 0) filter.isSure = true;
    if (end === 'early' && !filter.isSure && (await refusesOptions(filter, mangling, signal))) {
      filter.options = [];
      continue;
    }
    // What an ended program wrote last may be half a line.
    const complete = end === 'byItself' ? lines.length : lines.length - 1;
    for (const [index, name] of pending.slice(0, complete).entries()) {
      found.set(name, lines[index] ?? name);
      known.set(name, lines[index] ?? name);
    }
    if (end !== 'early') return typeof end === 'string' ? null : end;
    // c++filt flushes each line: the name behind the last line is the one that it could not do.
    const culprit = pending[lines.length];
    if (culprit !== undefined) known.set(culprit, culprit);
    pending = [...pending.slice(Math.max(0, complete), lines.length), ...pending.slice(lines.length + 1)];
  }
  return null;
}

/** Whether the program failed at its options and not at the first name. */
async function refusesOptions(filter: Filter, mangling: Mangling, signal: AbortSignal | undefined): Promise<boolean> {
  const { end } = await runBatch(filter, mangling, [harmlessName], signal);
  filter.isSure = true;
  return end === 'early';
}

interface Batch {
  /** One for each name, up to the one at which the program ended. */
  readonly lines: readonly ByteText[];
  /** `early`: before it had done all names. `notStarted`: nor would it be another time. */
  readonly end: 'byItself' | 'early' | 'notStarted' | ToolMissing;
}

const tooLong = new Error('A demangled name is longer than anybody reads.');

async function runBatch(
  { run, options }: Filter,
  mangling: Mangling,
  names: readonly ByteText[],
  signal: AbortSignal | undefined,
): Promise<Batch> {
  const lines: ByteText[] = [];
  const onLine = (line: ByteText): void => {
    if (line.length > longestDemangled) throw tooLong;
    if (lines.length < names.length) lines.push(line);
  };
  try {
    const outcome = await run({
      // The long form is the one that LLVM's program knows too, which tries every scheme in any case.
      args: [...options, `--format=${mangling}`],
      input: encodeBytes(`${names.join('\n')}\n`),
      deadlineMs,
      // The lines are all that is wanted of its output.
      outputCapBytes: 0,
      limits,
      onLine,
      ...(signal === undefined ? {} : { signal }),
    });
    signal?.throwIfAborted();
    return { lines, end: endOf(outcome, lines.length === names.length) };
  } catch (error) {
    if (error === tooLong) return { lines, end: 'early' };
    throw error;
  }
}

function endOf(outcome: RunOutcome, isComplete: boolean): Batch['end'] {
  switch (outcome.kind) {
    case 'exited':
      return outcome.exitCode === 0 && isComplete ? 'byItself' : 'early';
    case 'timedOut':
      return 'early';
    case 'missing':
      return outcome;
    case 'cancelled':
    case 'untrusted':
    case 'spawnFailed':
      return 'notStarted';
  }
}
