import { type Command, InvalidArgumentError, Option } from 'commander';
import { UserError } from '../protocol/errors.ts';
import type { FaultMode } from '../protocol/faults.ts';
import { wholeNumber } from './options.ts';

/** What {@link declareMode} parses. */
export interface ModeFlags {
  readonly mode: FaultMode;
  readonly seed?: number;
  readonly seeds?: number;
}

/** The options that say what fails. */
export function declareMode(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--mode <mode>',
        'what fails: fromNth, nth, list:5,8-20, every:K, probability:P, size:FROM-TO, budget:BYTES, total:BYTES',
      )
        .argParser(parseMode)
        .default({ kind: 'fromNth' } satisfies FaultMode, 'fromNth'),
    )
    .option(
      '--seed <number>',
      'of a probability: the first run draws by it, the next by the next; default: 1',
      wholeNumber(0),
    )
    .option('--seeds <count>', 'of a probability: so many runs; default: 10', wholeNumber(1));
}

/** Seeds mean something where they are drawn from. Errors: invalidParams. */
export function modeOf({ mode, seed, seeds }: ModeFlags): FaultMode {
  if (mode.kind !== 'probability') {
    if (seed === undefined && seeds === undefined) return mode;
    throw new UserError('invalidParams', '--seed and --seeds belong to --mode probability:P.');
  }
  return { ...mode, ...(seed !== undefined && { seed }), ...(seeds !== undefined && { seeds }) };
}

/** "nth", "list:5,8-20", "every:3", "probability:0.01", "size:64-4096" */
function parseMode(text: string): FaultMode {
  const colon = text.indexOf(':');
  const value = colon < 0 ? '' : text.slice(colon + 1);
  switch (colon < 0 ? text : text.slice(0, colon + 1)) {
    case 'fromNth':
    case 'nth':
      return { kind: text === 'nth' ? 'nth' : 'fromNth' };
    case 'list:':
      return { kind: 'list', numbers: value };
    case 'size:':
      return { kind: 'size', bytes: value };
    case 'budget:':
    case 'total:':
      return { kind: text.startsWith('budget') ? 'budget' : 'total', bytes: parseBytes(value) };
    case 'every:':
      return { kind: 'every', step: wholeNumber(1)(value) };
    case 'probability:':
      if (/^(?:\d+(?:\.\d*)?|\.\d+)$/u.test(value)) {
        return { kind: 'probability', probability: Number(value), seed: 1 };
      }
      throw new InvalidArgumentError('A probability is written like 0.01.');
    default:
      throw new InvalidArgumentError(
        'It is one of fromNth, nth, list:5,8-20, every:K, probability:P, size:FROM-TO, budget:BYTES and total:BYTES.',
      );
  }
}

/** "4096", "64K", "10M", "1G": by 1024. */
function parseBytes(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+)([KMG]?)$/u.exec(text) ?? [];
  if (digits === '') throw new InvalidArgumentError('A budget is written like 4096, 64K or 10M.');
  return wholeNumber(0)(digits) * 1024 ** ['', 'K', 'M', 'G'].indexOf(unit);
}
