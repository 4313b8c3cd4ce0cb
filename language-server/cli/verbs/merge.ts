import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { osPath } from '../../native/byte-text.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import { mergeReports, type ShardReport } from '../../scan/report.ts';
import { printReport, type ScanOutput } from '../scan-output.ts';
import type { Verb, VerbContext } from '../verb.ts';
import { scanFormatOption, severityOption } from './scan.ts';

export const mergeVerb: Verb = {
  name: 'merge',
  declare: (program, run) => {
    program
      .command('merge')
      .description('joins the answers of `scan --shard I/N --format json` to that of the whole scan')
      .argument('<file...>', 'one answer each; - is standard input')
      .addOption(severityOption())
      .addOption(scanFormatOption())
      .action((files: readonly ByteText[], output: ScanOutput) => run(context => runMerge(context, files, output)));
  },
};

async function runMerge({ printer }: VerbContext, files: readonly ByteText[], output: ScanOutput): Promise<number> {
  return await printReport(printer, mergeReports(files.map(readShard)), output);
}

const severity = v.picklist(['error', 'warning', 'information', 'hint']);
const nullableText = v.nullable(v.string());
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** What merging looks at; all else is handed on as it is. */
const shardReport = v.looseObject({
  schema: v.literal('binary-detective/scan@1'),
  folders: v.array(v.string()),
  looked: count,
  elf: count,
  files: v.array(
    v.looseObject({
      path: v.string(),
      needs: v.array(v.looseObject({ name: v.string() })),
      problems: v.array(v.looseObject({ code: v.string(), severity, message: v.string() })),
    }),
  ),
  errors: v.array(v.object({ path: v.string(), message: v.string() })),
  shard: v.object({ index: v.pipe(count, v.minValue(1)), count: v.pipe(count, v.maxValue(1_000_000)) }),
  libraries: v.array(
    v.object({
      path: v.string(),
      identity: v.string(),
      sizeBytes: count,
      soname: v.string(),
      machine: v.string(),
      facts: v.object({ class: v.picklist([32, 64]), buildId: nullableText, sha256: v.string() }),
    }),
  ),
});

function readShard(path: ByteText): ShardReport {
  const shown = path === '-' ? 'Standard input' : displayText(path);
  const value = jsonAt(path, shown);
  const parsed = v.safeParse(shardReport, value);
  if (parsed.success) {
    // Not what was parsed: what is only handed on keeps its place.
    const { schema: _schema, ...report } = value as typeof parsed.output;
    return report as unknown as ShardReport;
  }
  const [issue] = parsed.issues;
  const place = v.getDotPath(issue);
  throw new UserError(
    'invalidParams',
    `${shown} is no answer of \`scan --shard I/N --format json\`${place === null ? '' : `, at "${place}"`}: ${issue.message}.`,
  );
}

function jsonAt(path: ByteText, shown: string): unknown {
  let text: string;
  try {
    text = readFileSync(path === '-' ? 0 : osPath(path), 'utf8');
  } catch (error) {
    throw new UserError('unreadable', `${shown} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError('invalidParams', `${shown} is not JSON. Did the scan that wrote it come to its end?`);
  }
}
