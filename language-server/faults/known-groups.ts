import { readFile, writeFile } from 'node:fs/promises';
import * as v from 'valibot';
import { osPath } from '../native/byte-text.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import type { FaultGroup, FaultSweep } from '../protocol/faults.ts';

const schemaName = 'binary-detective/faults-baseline@1';

const entrySchema = v.object({
  key: v.string(),
  verdict: v.string(),
  /** The source line of the crash, or of the allocation, without its indentation; empty where it is not known. */
  line: v.string(),
  /** For the person who reads the file. */
  message: v.string(),
});

const fileSchema = v.object({ schema: v.literal(schemaName), groups: v.array(entrySchema) });

/** A group that was accepted. */
export type KnownGroup = v.InferOutput<typeof entrySchema>;

/** Empty where there is no such file yet. Errors: invalidParams, unreadable. */
export async function readKnownGroups(path: ByteText): Promise<readonly KnownGroup[]> {
  let text: string;
  try {
    text = await readFile(osPath(path), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new UserError('unreadable', `The baseline ${displayText(path)} cannot be read (${code}).`);
  }
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), fileSchema), text);
  if (parsed.success) return parsed.output.groups;
  const [issue] = parsed.issues;
  throw new UserError('invalidParams', `${displayText(path)} is no baseline of fault groups: ${issue.message}.`);
}

/**
 * Which groups are known. A key names functions, so that moved lines and other addresses change nothing; where several bugs are
 * in one function, each of the baseline's entries stands for one of them, first for that with the same source line.
 */
export function markKnown(groups: readonly FaultGroup[], known: readonly KnownGroup[]): readonly FaultGroup[] {
  const left = [...known];
  const take = (group: FaultGroup, matches: (entry: KnownGroup) => boolean): boolean => {
    const index = left.findIndex(entry => entry.key === group.key && matches(entry));
    if (index < 0) return false;
    left.splice(index, 1);
    return true;
  };
  const exact = new Set(groups.filter(group => take(group, ({ line }) => line === sourceLineOf(group))));
  return groups.map(group => ({ ...group, known: exact.has(group) || take(group, () => true) }));
}

/**
 * Writes all groups of a sweep as known. Of one that did not look at everything, groups that are known and were not seen stay.
 * Errors: toolFailed.
 */
export async function writeKnownGroups(
  path: ByteText,
  { groups, complete }: { readonly groups: readonly FaultGroup[]; readonly complete: boolean },
): Promise<void> {
  const seen = groups.map(entryOf);
  const before = complete ? [] : await readKnownGroups(path);
  const unseen = [...before];
  for (const { key, line } of seen) {
    const index = unseen.findIndex(entry => entry.key === key && entry.line === line);
    if (index >= 0) unseen.splice(index, 1);
  }
  const order = ({ key, line }: KnownGroup): string => `${key}\0${line}`;
  const all = [...seen, ...unseen].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  try {
    await writeFile(osPath(path), `${JSON.stringify({ schema: schemaName, groups: all }, null, 2)}\n`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError('toolFailed', `The baseline ${displayText(path)} cannot be written (${code}).`);
  }
}

/** Whether a sweep has looked at all that its plan asks for. */
export function isComplete({ stopped, skipped, shard, plan, clean }: FaultSweep): boolean {
  const all = plan.points >= clean.allocations || plan.points === clean.stacks;
  return stopped === null && skipped.length === 0 && shard === undefined && all;
}

function entryOf(group: FaultGroup): KnownGroup {
  return { key: group.key, verdict: group.verdict, line: sourceLineOf(group), message: group.message };
}

function sourceLineOf({ crashStack, injectedStack }: FaultGroup): string {
  const stack = crashStack.length > 0 ? crashStack : injectedStack;
  return stack.find(({ source }) => source !== undefined)?.source?.trim() ?? '';
}
