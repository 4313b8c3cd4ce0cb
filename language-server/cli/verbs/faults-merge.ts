import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import * as v from 'valibot';
import { mergeSweeps } from '../../faults/farm/merge.ts';
import { markKnown, readKnownGroups } from '../../faults/known-groups.ts';
import { printedFaultSweep } from '../../lsp/fault-schemas.ts';
import { osPath } from '../../native/byte-text.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { FaultSweep } from '../../protocol/faults.ts';
import { type FaultOutput, faultOutputOptions, printSweep } from '../faults-output.ts';
import { absolutePath } from '../paths.ts';
import type { RunVerb, VerbContext } from '../verb.ts';

/** `faults merge`: a command of its own, since what follows `faults` is a program for all that the parser knows. */
export function mergeCommand(run: RunVerb): Command {
  const command = new Command('binary-detective faults merge')
    .description('joins the answers of `faults --shard I/N --format json` to that of the whole sweep')
    .argument('<file...>', 'one answer each; - is standard input')
    .exitOverride();
  return faultOutputOptions(command).action((files: readonly ByteText[], output: FaultOutput) =>
    run(context => merge(context, files, output), output.format === 'json' ? output.format : 'text'),
  );
}

async function merge({ printer }: VerbContext, files: readonly ByteText[], output: FaultOutput): Promise<number> {
  const { baseline, updateBaseline = false } = output;
  if (updateBaseline && baseline === undefined) {
    throw new UserError('invalidParams', '--update-baseline needs --baseline FILE, which it writes.');
  }
  const merged = mergeSweeps(files.map(readPart));
  if (baseline === undefined) return await printSweep(printer, merged, output);
  const known = await readKnownGroups(absolutePath(baseline));
  return await printSweep(printer, { ...merged, groups: markKnown(merged.groups, known) }, output);
}

function readPart(path: ByteText): FaultSweep {
  const shown = path === '-' ? 'Standard input' : displayText(path);
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), printedFaultSweep), textAt(path, shown));
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const place = v.getDotPath(issue);
  throw new UserError(
    'invalidParams',
    place === null
      ? `${shown} is no answer of \`faults --format json\`. Did the sweep that wrote it come to its end?`
      : `${shown} is no answer of \`faults --format json\`, at "${place}": ${issue.message}.`,
  );
}

function textAt(path: ByteText, shown: string): string {
  try {
    return readFileSync(path === '-' ? 0 : osPath(path), 'utf8');
  } catch (error) {
    throw new UserError('unreadable', `${shown} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
