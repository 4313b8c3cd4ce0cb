import { displayText } from '../../protocol/display-text.ts';
import type { FaultTarget } from '../../protocol/fault-targets.ts';
import type { CleanErrorRule, FaultMode, FaultPoints, FaultProgram, FaultScope } from '../../protocol/faults.ts';
import { modeOfText } from '../mode-text.ts';
import { absolutePath, type Entry, FieldProblem, type FieldReader, fieldReader, isEntry } from './fields.ts';
import type { VariableScope } from './variables.ts';

/** For one run; the setting `binaryDetective.faults.deadlineSeconds` has the same. */
const longestDeadlineSeconds = 3600;

/**
 * An entry of `binaryDetective.faults.targets`, or of `binaryDetective.faults.programs`, which has "command" in place of "program"
 * and "args", and less beside it. Throws FieldProblem.
 */
export function settingTarget(entry: Entry, scope: VariableScope): FaultTarget {
  const fields = fieldReader(entry, scope);
  const command = commandOf(fields);
  const name = fields.text('name');
  const mode = modeOf(fields);
  const points = pointsOf(fields);
  const faultScope = scopeOf(entry['scope'], scope);
  return {
    id: '',
    name: name === undefined || name === '' ? command.join(' ') : name,
    source: 'settings',
    program: programOf(entry, fields, command, scope),
    ...(mode !== undefined && { mode }),
    ...(points !== undefined && { points }),
    ...(faultScope !== undefined && { scope: faultScope }),
  };
}

function programOf(entry: Entry, fields: FieldReader, command: readonly string[], scope: VariableScope): FaultProgram {
  const cwd = absolutePath(fields.text('cwd') ?? scope.folder, scope.folder);
  const env = fields.map('env');
  const build = fields.texts('build');
  const stdin = fields.text('stdin');
  const extensionModule = fields.text('extensionModule');
  const deadlineSeconds = fields.number('deadlineSeconds');
  if (deadlineSeconds !== undefined && !(deadlineSeconds >= 0 && deadlineSeconds <= longestDeadlineSeconds)) {
    throw new FieldProblem(`"deadlineSeconds" must be from 0 to ${longestDeadlineSeconds}.`);
  }
  const cleanError = cleanErrorOf(entry['cleanError']);
  const { privateFolder = false } = entry;
  if (typeof privateFolder !== 'boolean') throw new FieldProblem('"privateFolder" must be true or false.');
  return {
    command,
    cwd,
    ...(env !== undefined && { env }),
    ...(build !== undefined && build.length > 0 && { build }),
    ...(stdin !== undefined && stdin !== '' && { stdin: absolutePath(stdin, cwd) }),
    ...(deadlineSeconds !== undefined && { deadlineSeconds }),
    ...(cleanError !== undefined && { cleanError }),
    ...(privateFolder && { privateFolder }),
    ...(extensionModule !== undefined && extensionModule !== '' && { extensionModule }),
  };
}

function commandOf(fields: FieldReader): readonly string[] {
  const program = fields.text('program');
  const args = fields.texts('args') ?? [];
  const command = fields.texts('command');
  if (program !== undefined && command !== undefined) {
    throw new FieldProblem('"program" and "command" are both there: one of them has to go.');
  }
  if (program !== undefined && program !== '') return [program, ...args];
  if (command !== undefined && command.length > 0) return [...command, ...args];
  throw new FieldProblem('"program" must be the path of a program, or its name on PATH.');
}

function modeOf(fields: FieldReader): FaultMode | undefined {
  const text = fields.text('mode');
  if (text === undefined) return undefined;
  const mode = modeOfText(text);
  if (typeof mode === 'string') throw new FieldProblem(`"mode" is "${text}". ${mode}`);
  return mode;
}

function pointsOf(fields: FieldReader): FaultPoints | undefined {
  const points = fields.text('points');
  if (points === undefined || points === 'stacks' || points === 'all') return points;
  throw new FieldProblem('"points" must be "stacks" or "all".');
}

const scopeLists = [
  ...(['includeLibraries', 'excludeLibraries', 'includeFunctions', 'excludeFunctions'] as const),
  ...(['includeStacks', 'excludeStacks'] as const),
];

/** What is said about allocations that count; the sweep says what of it cannot be told to the shim. */
function scopeOf(value: unknown, scope: VariableScope): FaultScope | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isEntry(value)) throw new FieldProblem('"scope" must be an object.');
  const known: readonly string[] = [...scopeLists, 'frames', 'start', 'follow'];
  const other = Object.keys(value).find(name => !known.includes(name));
  if (other !== undefined)
    throw new FieldProblem(`"scope" has "${displayText(other)}", and knows ${known.join(', ')}.`);
  const fields = fieldReader(value, scope);
  const lists = scopeLists.map(name => [name, fields.texts(name)] as const).filter(([, list]) => list !== undefined);
  const frames = fields.number('frames');
  if (frames !== undefined && !(Number.isInteger(frames) && frames >= 1 && frames <= 64)) {
    throw new FieldProblem('"scope.frames" must be a whole number from 1 to 64.');
  }
  const start = fields.text('start');
  if (start !== undefined && start !== 'first' && start !== 'main' && start !== 'program') {
    throw new FieldProblem('"scope.start" must be "first", "main" or "program".');
  }
  const { follow } = value;
  if (follow !== undefined && typeof follow !== 'boolean')
    throw new FieldProblem('"scope.follow" must be true or false.');
  return {
    ...Object.fromEntries(lists),
    ...(frames !== undefined && { frames }),
    ...(start !== undefined && { start }),
    ...(follow !== undefined && { follow }),
  };
}

function cleanErrorOf(value: unknown): CleanErrorRule | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isEntry(value)) throw new FieldProblem('"cleanError" must be an object with "exitCodes", "output" or "stderr".');
  const { exitCodes, output, stderr } = value;
  const isCodes = Array.isArray(exitCodes) && exitCodes.every(code => Number.isInteger(code) && code > 0 && code < 256);
  if (exitCodes !== undefined && !isCodes) {
    throw new FieldProblem('"cleanError.exitCodes" must be a list of numbers from 1 to 255.');
  }
  if (output !== undefined && typeof output !== 'string') throw new FieldProblem('"cleanError.output" must be a text.');
  if (stderr !== undefined && typeof stderr !== 'string') throw new FieldProblem('"cleanError.stderr" must be a text.');
  return {
    ...(isCodes && { exitCodes }),
    ...(output !== undefined && { output }),
    ...(stderr !== undefined && { stderr }),
  };
}
