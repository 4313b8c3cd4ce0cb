import { type Command, InvalidArgumentError, Option } from 'commander';
import { modeOfText } from '../faults/mode-text.ts';
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

function parseMode(text: string): FaultMode {
  const mode = modeOfText(text);
  if (typeof mode === 'string') throw new InvalidArgumentError(mode);
  return mode;
}
