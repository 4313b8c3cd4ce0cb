import { statSync } from 'node:fs';
import type { ElfFile } from '../elf/elf-file.ts';
import { machine } from '../elf/names/machines.ts';
import { withElfFile } from '../elf/open-elf.ts';
import { segmentType } from '../elf/reader/program-headers.ts';
import { type SymbolTable, sectionIndex } from '../elf/reader/symbol-table.ts';
import { osPath } from '../native/byte-text.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import type { ObservedRun } from './armed-run.ts';
import { interpreterOf } from './starter.ts';
import type { Target } from './target.ts';

/** Longer chains of scripts than the kernel follows (exec_binprm). */
const maximumInterpreters = 5;
const symbolsAtOnce = 4096;

const becauseOfAsan =
  'has AddressSanitizer linked in statically, whose malloc comes before any preloaded one. Build it with -shared-libasan (clang) or without -static-libasan (gcc) for fault injection.';

/**
 * Why nothing can be said about a program, whose clean run is given: the shim was not in force, or not in the program that is meant.
 * Undefined: nothing speaks against a sweep.
 */
export async function obstacleOf(target: Target, clean: ObservedRun): Promise<UserError | undefined> {
  const sentence = await sentenceFor(target, clean);
  return sentence === undefined ? undefined : new UserError('notSupported', sentence);
}

async function sentenceFor({ path, scope }: Target, clean: ObservedRun): Promise<string | undefined> {
  const name = displayText(path);
  if (clean.signal === 'SIGSYS') {
    return `${name} was killed for a system call, with no allocation failing: it sits in a sandbox (seccomp) that does not allow what the fault shim does while it starts. Run it without the sandbox, or let that allow openat, mmap, rt_sigaction and sigaltstack.`;
  }
  if (!clean.record.inForce) return await whyNotInForce(path);
  const { replacedBy, allocations } = clean.record;
  if (replacedBy !== '') {
    return `${name} became another program (${displayText(replacedBy)}, by exec), and would run out of memory instead of it. Name that program itself in "command"; variables go into "env".`;
  }
  if (allocations > 0) return undefined;
  if ((await inspect(path, file => definesSymbol(file, '__asan_init', file.staticSymbols()))) === true)
    return `${name} ${becauseOfAsan}`;
  if ((await inspect(path, file => definesSymbol(file, 'malloc', file.dynamicSymbols()))) === true) {
    return `${name} has a malloc of its own linked in, which comes before any preloaded one: its allocations cannot be made to fail. Build it with the system's malloc.`;
  }
  if (Object.keys(scope).length > 0) {
    return `${name} ended without an allocation that is in scope: there is nothing that could fail. Are the names right, and did it come to its windows? Without a scope it shows all that it makes.`;
  }
  return `${name} ended without asking malloc for memory even once: there is nothing that could fail. Does it need other arguments to do its work?`;
}

/** The loader heeds LD_PRELOAD for most programs, but not for all. */
async function whyNotInForce(path: ByteText, depth = 0): Promise<string> {
  const name = displayText(path);
  const [interpreter] = interpreterOf(path).words;
  if (interpreter !== undefined && depth < maximumInterpreters) {
    return `${name} is a script. ${await whyNotInForce(interpreter, depth + 1)}`;
  }
  const reason = (await inspect(path, whyNotInFile)) ?? runsAsAnother(path);
  if (reason !== undefined) return `${name} ${reason}`;
  return `The fault shim was not loaded into ${name}, so nothing can be said about it: its loader or its environment keeps LD_PRELOAD away. Name the program itself, not one that starts it in another environment.`;
}

/** The predicate of a sentence about the program; undefined where nothing in the file speaks against a preload. */
function whyNotInFile({ image }: ElfFile): string | undefined {
  if (![...image.segments].some(({ type }) => type === segmentType.interpreter)) {
    return 'is statically linked: no library can be put in front of its malloc. Link it dynamically (without -static) for fault injection.';
  }
  const bits = process.arch === 'ia32' || process.arch === 'arm' ? 32 : 64;
  // For these there is a shim of their own (shim-variant.ts); others are of another machine too.
  if (image.fields.class !== bits && image.header.machine !== machine.i386) {
    return `is a ${image.fields.class}-bit program of another machine, and the fault shim is compiled for this one. Set binaryDetective.tools.cc to a compiler for that machine.`;
  }
  return undefined;
}

function runsAsAnother(path: ByteText): string | undefined {
  const status = statSync(osPath(path), { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  const otherUser = (status.mode & 0o4000) !== 0 && status.uid !== process.getuid?.();
  const otherGroup = (status.mode & 0o2000) !== 0 && status.gid !== process.getgid?.();
  if (!otherUser && !otherGroup) return undefined;
  return 'runs with the rights of another user (it is setuid or setgid), and the loader keeps preloaded libraries out of such programs. Run a copy of it without these bits.';
}

function definesSymbol(file: ElfFile, name: string, table: SymbolTable | null): boolean {
  if (table === null) return false;
  const { layout, strings } = table;
  for (let first = 0; first < table.count; first += symbolsAtOnce) {
    const bytes = table.block(first, symbolsAtOnce);
    for (let at = 0; at + layout.bytes <= bytes.length; at += layout.bytes) {
      const defined = file.image.fields.u16(bytes, at + layout.sectionIndex) !== sectionIndex.undefined;
      if (defined && strings.at(file.image.fields.u32(bytes, at)) === name) return true;
    }
  }
  return false;
}

/** Undefined where the file is no ELF file that can be read: then there is another reason, or none to be known. */
async function inspect<T>(path: ByteText, look: (file: ElfFile) => T): Promise<T | undefined> {
  try {
    return await withElfFile(path, look);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
