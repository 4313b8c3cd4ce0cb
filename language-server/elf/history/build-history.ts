import * as v from 'valibot';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText, FileVersion, Hardening } from '../../protocol/elf.ts';
import type { Finding } from '../../protocol/finding.ts';
import { inspectFile } from '../inspection.ts';
import { withInspectedFile } from '../open-elf.ts';
import { lostProtections, protectionNames, type Verdicts, verdictsOf } from './lost-protections.ts';

export interface BuildHistory {
  /** To be given back at the next look at the file: the server itself remembers nothing. */
  readonly memory: string;
  /** What the file has lost since the build before the one that it is now. */
  readonly findings: readonly Finding[];
}

/** One build, and the verdicts of the one before it. Keys are short: one of these is kept a file. */
interface Memory {
  readonly version: FileVersion;
  readonly verdicts: Verdicts;
  readonly before?: Verdicts | undefined;
}

const verdicts = v.record(v.string(), v.string());
const memorySchema = v.object({ version: v.string(), verdicts, before: v.exactOptional(verdicts) });

/**
 * Compares the file with the build that was seen before it.
 * @param remembered The memory of the last look; anything else counts as none.
 * Throws as {@link inspectFile}.
 */
export async function readBuildHistory(
  path: ByteText,
  remembered: string,
  signal?: AbortSignal,
): Promise<BuildHistory> {
  const version = await withInspectedFile(path, file => file.version);
  const { hardening } = await inspectFile(path, signal);
  return continueHistory(path, { version, hardening }, remembered);
}

export function continueHistory(
  path: ByteText,
  build: { readonly version: FileVersion; readonly hardening: Hardening },
  remembered: string,
): BuildHistory {
  const last = parseMemory(remembered);
  // Looking twice at one build must not forget what it lost.
  const before = last?.version === build.version ? last.before : last?.verdicts;
  const memory: Memory = {
    version: build.version,
    verdicts: verdictsOf(build.hardening),
    ...(before !== undefined && { before }),
  };
  return { memory: JSON.stringify(memory), findings: before === undefined ? [] : lossFindings(path, before, build) };
}

function lossFindings(
  path: ByteText,
  before: Verdicts,
  { hardening }: { readonly hardening: Hardening },
): readonly Finding[] {
  return lostProtections(before, hardening).map(({ protection, before: was, after }) => ({
    code: 'elf/lost-hardening',
    severity: 'warning',
    message: `${protectionNames[protection]} was there in the previous build of ${displayText(path.slice(path.lastIndexOf('/') + 1))} and is ${after.verdict === 'partial' ? 'only partly there' : 'gone'}: ${after.evidence}.`,
    expected: was,
    actual: after.verdict,
  }));
}

function parseMemory(text: string): Memory | undefined {
  try {
    const parsed = v.safeParse(memorySchema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
