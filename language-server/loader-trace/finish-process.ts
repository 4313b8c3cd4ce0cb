import type { LoaderEnvironment } from '../dependencies/loader/environment.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { TraceDifference, TracedProcess, TraceProcessDetail, TraceSearch } from '../protocol/trace.ts';
import { type ComparedSearches, compareSearches, type TracedProgram } from './compare-searches.ts';
import { type Prediction, predictStart } from './predict.ts';
import { predictLater } from './predict-later.ts';
import { type LoaderVariables, loaderVariables, type ProcessFacts } from './process-facts.ts';
import type { FinishedRecord, ProcessRecord } from './process-record.ts';
import { lookUpProgram } from './traceable.ts';

/** What was given to the traced command, and so what predictions start from. */
export interface TraceConditions {
  readonly cwd: ByteText;
  readonly path: string | undefined;
  readonly variables: LoaderVariables;
  readonly signal: AbortSignal | undefined;
}

export interface RecordedProcess {
  readonly record: ProcessRecord;
  readonly facts: ProcessFacts;
  /** Why nothing can be predicted; undefined where something can. */
  readonly unpredictable: string | undefined;
}

/** Puts the recorded searches of a process beside what our rules say of its program, in the environment of the command. */
export async function finishProcess(
  id: number,
  recorded: RecordedProcess,
  conditions: TraceConditions,
): Promise<TraceProcessDetail> {
  const { record, facts } = recorded;
  const { image } = record;
  const { cwd } = conditions;
  const finished = record.finish(facts.cwd ?? cwd);
  const path = programPath(image.program, facts, conditions);
  const compared = await compareWithPrediction(recorded, finished, path, conditions);
  const process: TracedProcess = {
    id,
    pid: image.pid,
    parentPid: facts.parentPid,
    forked: image.forkedFrom !== null,
    name: image.program,
    path,
    searches: record.counts.searches(),
    libraries: finished.libraries.length,
    bindings: record.counts.bindings(),
    errors: finished.errors.length,
    differences: compared.differences.length,
    started: image.phase !== 'loading',
    failure: failureOf(record, finished),
  };
  return { ...finished, process, ...compared };
}

/** A program that fails in a call of dlsym(3) goes on, and says more; one that the loader ends does not. */
function failureOf({ image, lastError }: ProcessRecord, { errors, searches }: FinishedRecord): string | null {
  const last = lastError();
  if (last !== null) return last;
  if (image.phase !== 'loading' || image.forkedFrom !== null) return null;
  const version = errors.find(({ occasion }) => occasion === 'version lookup error');
  if (version !== undefined) return version.message;
  const missing = searches.findLast(({ outcome }) => outcome === 'missing');
  return missing === undefined ? 'It ended before the loader was done.' : `${displayText(missing.name)}: not found`;
}

/**
 * The file behind argv[0]. A program can be given any argv[0], and what it runs later another one: the kernel's word is for the
 * moment when it was asked, and so comes second.
 */
function programPath(name: ByteText, facts: ProcessFacts, { cwd, path }: TraceConditions): ByteText | null {
  return (name === '' ? null : lookUpProgram(name, facts.cwd ?? cwd, path)) ?? facts.path;
}

type Predicted = Extract<Prediction, { readonly kind: 'searches' }>;
type Compared = ComparedSearches & Pick<TraceProcessDetail, 'notPredicted'>;

async function compareWithPrediction(
  { record, facts, unpredictable }: RecordedProcess,
  { searches }: FinishedRecord,
  path: ByteText | null,
  { cwd, variables, signal }: TraceConditions,
): Promise<Compared> {
  const none = (reason: string): Compared => ({ searches, differences: [], notPredicted: reason });
  const { image } = record;
  if (unpredictable !== undefined) return none(unpredictable);
  if (path === null) return none('Its file is not known: the process was gone before it could be asked.');
  const traced: TracedProgram = {
    searches,
    program: image.program,
    cwd: facts.cwd ?? cwd,
    complete: image.phase !== 'loading' && image.forkedFrom === null && record.isWhole(),
  };
  const compare = ({ searches: predicted, resolved }: Predicted): Promise<ComparedSearches> =>
    compareSearches(traced, predicted, predictLater(resolved, image.program));
  const predict = (given: LoaderVariables, folder: ByteText): Promise<Prediction> =>
    predictStart(path, loaderEnvironment(folder, given), signal);
  const prediction = await predict(variables, cwd);
  if (prediction.kind === 'none') return none(prediction.reason);
  const compared = await compare(prediction);
  if (compared.differences.length === 0) return { ...compared, notPredicted: null };
  const changes = changesOf(variables, facts.environment, cwd, facts.cwd);
  const own = changes.length === 0 ? null : await predict(facts.environment ?? variables, facts.cwd ?? cwd);
  const rest = own?.kind === 'searches' ? (await compare(own)).differences : compared.differences;
  const unexplained = new Set(rest.map(({ by, name }) => `${by}\0${name}`));
  const otherwise = auditNote(searches, facts.environment ?? variables) ?? unaskedNote(searches, facts, variables);
  const explained = compared.differences.map((difference): TraceDifference => {
    const isExplained = changes.length > 0 && !unexplained.has(`${difference.by}\0${difference.name}`);
    return {
      ...difference,
      explanation: isExplained ? `${changes.join(' ')} With this, the prediction is the same.` : otherwise,
    };
  });
  return { ...compared, differences: explained, notPredicted: null };
}

function loaderEnvironment(cwd: ByteText, variables: LoaderVariables): LoaderEnvironment {
  const { LD_LIBRARY_PATH: libraryPath, LD_PRELOAD: preload } = variables;
  return { cwd, ...(libraryPath !== undefined && { libraryPath }), ...(preload !== undefined && { preload }) };
}

/** What the process was given otherwise than the command, a sentence each. */
function changesOf(
  given: LoaderVariables,
  found: LoaderVariables | null,
  cwd: ByteText,
  foundCwd: ByteText | null,
): readonly string[] {
  const changed = found === null ? [] : loaderVariables.filter(name => given[name] !== found[name]);
  const sentences = changed.map(name => {
    const now = found?.[name];
    const before = given[name] === undefined ? 'was not set' : `was ${displayText(given[name])}`;
    return `${name} ${before} for the command and is ${now === undefined ? 'not set' : displayText(now)} here.`;
  });
  if (foundCwd !== null && foundCwd !== cwd) sentences.push(`It runs in ${displayText(foundCwd)}.`);
  return sentences;
}

function auditNote(
  searches: readonly { readonly renamed: ByteText | null }[],
  variables: LoaderVariables,
): string | null {
  if (variables.LD_AUDIT !== undefined) {
    return `LD_AUDIT is ${displayText(variables.LD_AUDIT)}: an audit module may change what is looked for.`;
  }
  return searches.some(({ renamed }) => renamed !== null) ? 'An audit module has changed a name.' : null;
}

/** What is left to say of a process that was gone before its environment could be asked for: what its loader searched. */
function unaskedNote(
  searches: readonly Pick<TraceSearch, 'places'>[],
  { environment }: ProcessFacts,
  { LD_LIBRARY_PATH: given }: LoaderVariables,
): string | null {
  if (environment !== null) return null;
  const searched = searches.some(({ places }) => places.some(({ kind }) => kind === 'LD_LIBRARY_PATH'));
  if (searched && given === undefined) {
    return 'Its loader searched an LD_LIBRARY_PATH, and the command had none: a program in between has set it.';
  }
  return 'The process was gone before the system could be asked for its environment.';
}
