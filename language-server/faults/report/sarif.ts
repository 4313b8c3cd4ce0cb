import type { Location, Log, Result, Stack } from 'sarif';
import { shellCommand } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import { faultFindingCodes } from '../../protocol/fault-findings.ts';
import { ownFrame } from '../../protocol/fault-frames.ts';
import type { FaultGroup, FaultSweep, FaultVerdict, StackFrame } from '../../protocol/faults.ts';
import { artifactAt, sourceRoots } from '../../sarif/artifact.ts';
import { ranges } from './words.ts';

/** Codes of docs/findings.md, with what each means in one sentence. */
const rules: Readonly<Partial<Record<FaultVerdict, readonly [code: string, title: string, text: string]>>> = {
  crash: [faultFindingCodes.crash, 'Crash without memory', 'When this allocation fails, the program dies of a signal.'],
  abort: [
    faultFindingCodes.abort,
    'Abort without memory',
    'When this allocation fails, the program aborts or an assertion fails.',
  ],
  hang: [faultFindingCodes.hang, 'Hang without memory', 'When this allocation fails, the program does not end.'],
  silentError: [
    faultFindingCodes.silentError,
    'Silent failure without memory',
    'When this allocation fails, the program fails without saying why.',
  ],
  wrongOutput: [
    faultFindingCodes.wrongOutput,
    'Wrong output without memory',
    'When this allocation fails, the program reports success and has done something else.',
  ],
  leak: [
    faultFindingCodes.leak,
    'Leak without memory',
    'When this allocation fails, the program loses memory or files.',
  ],
  sanitizer: [
    faultFindingCodes.sanitizer,
    'Sanitizer report without memory',
    'When this allocation fails, a sanitizer reports an error of the program.',
  ],
};

/** The groups as SARIF 2.1.0 (OASIS). Those of the baseline are there as `unchanged` and suppressed. */
export async function sweepAsSarif(sweep: FaultSweep, version: string, root = process.cwd()): Promise<Log> {
  // Loaded only here: it brings along what changes node:fs for the whole process.
  const { SarifBuilder, SarifResultBuilder, SarifRuleBuilder, SarifRunBuilder } = await import('node-sarif-builder');
  const run = new SarifRunBuilder().initSimple({ toolDriverName: 'Binary Detective', toolDriverVersion: version });
  const used = new Set(sweep.groups.map(({ verdict }) => verdict));
  for (const [verdict, [ruleId, shortDescriptionText, fullDescriptionText]] of Object.entries(rules)) {
    if (!used.has(verdict as FaultVerdict)) continue;
    run.addRule(new SarifRuleBuilder().initSimple({ ruleId, shortDescriptionText, fullDescriptionText }));
  }
  const seen = new Map<string, number>();
  for (const group of sweep.groups) {
    const before = seen.get(group.key) ?? 0;
    seen.set(group.key, before + 1);
    run.addResult(new SarifResultBuilder(resultOf(group, before, root)));
  }
  run.run.columnKind = 'utf16CodeUnits';
  run.run.originalUriBaseIds = sourceRoots(root);
  run.run.invocations = [
    {
      executionSuccessful: sweep.stopped === null || sweep.stopped === 'budget',
      commandLine: displayText(shellCommand(sweep.command)),
      toolExecutionNotifications: [...sweep.notes, ...sweep.skipped.map(({ message }) => message)].map(text => ({
        level: 'note',
        message: { text: displayText(text) },
      })),
    },
  ];
  const log = new SarifBuilder();
  log.addRun(run);
  return log.buildSarifOutput();
}

function resultOf(group: FaultGroup, ordinal: number, root: string): Result {
  const { verdict, message, key, known, crashStack, injectedStack, ns, reproduce } = group;
  const place = locationOf(ownFrame(crashStack) ?? ownFrame(injectedStack), root);
  const asked = locationOf(ownFrame(injectedStack), root);
  return {
    ruleId: rules[verdict]?.[0] ?? verdict,
    level: 'error',
    message: { text: displayText(message) },
    ...(place !== undefined && { locations: [place] }),
    ...(asked !== undefined && {
      relatedLocations: [{ ...asked, id: 0, message: { text: 'The allocation that fails' } }],
    }),
    stacks: [
      ...stackOf('Where the program is when it ends', crashStack, root),
      ...stackOf('The allocation that fails', injectedStack, root),
    ],
    partialFingerprints: { 'binaryDetective/v1': ordinal === 0 ? key : `${key}.${ordinal}` },
    baselineState: known ? 'unchanged' : 'new',
    ...(known && { suppressions: [{ kind: 'external', justification: 'It is in the baseline.' }] }),
    properties: { verdict, n: ranges(ns), command: displayText(shellCommand(reproduce)) },
  };
}

function stackOf(text: string, stack: readonly StackFrame[], root: string): readonly Stack[] {
  if (stack.length === 0) return [];
  const frames = stack.map(frame => {
    const location = locationOf(frame, root);
    return {
      ...(frame.module !== '' && { module: displayText(frame.module) }),
      ...(location !== undefined && { location }),
    };
  });
  return [{ message: { text }, frames }];
}

/** A source line, or, where none is known, the binary. */
function locationOf(frame: StackFrame | undefined, root: string): Location | undefined {
  if (frame === undefined) return undefined;
  const { module, file, line, offset } = frame;
  const logical = { logicalLocations: [{ fullyQualifiedName: displayText(frame.function ?? `${module}+${offset}`) }] };
  if (file?.startsWith('/') === true) {
    const region = line === null ? {} : { region: regionOf(line, frame.source) };
    return { ...logical, physicalLocation: { artifactLocation: artifactAt(file, root), ...region } };
  }
  if (!module.startsWith('/')) return logical;
  return { ...logical, physicalLocation: { artifactLocation: artifactAt(module, root) } };
}

function regionOf(startLine: number, source: string | undefined): { startLine: number; snippet?: { text: string } } {
  return { startLine, ...(source !== undefined && { snippet: { text: displayText(source) } }) };
}
