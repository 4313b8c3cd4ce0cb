import type { Command } from 'commander';
import { formatOption, wholeNumber } from './options.ts';

/** The options of all verbs that print a table. */
export function withTableOptions(command: Command): Command {
  return command
    .option('--filter <filter>', 'rows that have it: word, column:value, column~text, size:>4k, -not, "quoted"')
    .option('--sort <column>', 'by this column (its id as in the JSON); default: as in the file')
    .option('--descending', 'with --sort: the largest first')
    .option('--limit <count>', 'at most so many rows', wholeNumber(1))
    .addOption(formatOption());
}
