import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ByteText } from '../../protocol/elf.ts';
import { type ArrayFlags, showArray } from '../numeric/show-array.ts';
import { showCauses } from '../numeric/show-causes.ts';
import { type CompareFlags, showComparison } from '../numeric/show-comparison.ts';
import { type StatisticsFlags, showStatistics } from '../numeric/show-statistics.ts';
import { type SumFlags, showSum } from '../numeric/show-sum.ts';
import { showVariance, type VarianceFlags } from '../numeric/show-variance.ts';
import { wholeNumber } from '../options.ts';
import { type ConditionFlags, declareConditions } from '../tree-flags.ts';
import type { OutputFormat, RunVerb, Verb } from '../verb.ts';

type WithFormat<Flags> = Flags & { readonly format: OutputFormat };

const algorithms = ['naive', 'pairwise', 'pairwiseBuffered', 'kahan', 'neumaier', 'klein', 'pairwiseKahan', 'exact'];
const formats = ['float16', 'float32', 'float64'];
const fileText = 'an .npy file, or an array of an .npz file: a.npz[name]';

export const numericVerb: Verb = {
  name: 'numeric',
  declare: (program, run) => {
    const numeric = program
      .command('numeric')
      .description('arrays of NumPy, and whether their sums and variances can be trusted');
    for (const declare of [declareArray, declareStatistics, declareSum, declareVariance, declareCompare, declareCauses])
      declare(numeric, run);
  },
};

/** What every verb of arrays takes. */
function subcommand(numeric: Command, name: string, description: string): Command {
  return withFormat(numeric.command(name).description(description)).option(
    '--slice <index>',
    'a part of it, as between the brackets of NumPy: 0, :, ::2',
  );
}

function withFormat(command: Command): Command {
  return command.addOption(new Option('--format <format>', 'output').choices(['text', 'json']).default('text'));
}

function declareArray(numeric: Command, run: RunVerb): void {
  subcommand(numeric, 'array', 'what an .npy or .npz file holds; objects of Python are never unpickled')
    .argument('<file>', fileText)
    .option('--limit <count>', 'elements shown', wholeNumber(0), 100)
    .action((file: ByteText, flags: WithFormat<ArrayFlags>) =>
      run(context => showArray(context, file, flags), flags.format),
    );
}

function declareStatistics(numeric: Command, run: RunVerb): void {
  subcommand(
    numeric,
    'statistics',
    'smallest, largest, mean and variance, what is no finite number and where, how they are spread',
  )
    .argument('<file>', fileText)
    .option('--axis <number>', 'a line for each index of this axis', wholeNumber(0))
    .action((file: ByteText, flags: WithFormat<StatisticsFlags>) =>
      run(context => showStatistics(context, file, flags), flags.format),
    );
}

function declareSum(numeric: Command, run: RunVerb): void {
  subcommand(numeric, 'sum', 'the sum in each way, and how far each is from the exact one')
    .argument('<file>', fileText)
    .addOption(new Option('--algorithm <names...>', 'only these').choices(algorithms))
    .addOption(new Option('--accumulator <formats...>', 'round partial sums to these').choices(formats))
    .action((file: ByteText, flags: WithFormat<SumFlags>) =>
      run(context => showSum(context, file, flags), flags.format),
    );
}

function declareVariance(numeric: Command, run: RunVerb): void {
  subcommand(numeric, 'variance', 'the variance in each way, and which of them these numbers break')
    .argument('<file>', fileText)
    .option('--ddof <count>', 'divide by count - ddof', wholeNumber(0), 0)
    .action((file: ByteText, flags: WithFormat<VarianceFlags>) =>
      run(context => showVariance(context, file, flags), flags.format),
    );
}

function declareCompare(numeric: Command, run: RunVerb): void {
  subcommand(numeric, 'compare', 'whether two arrays are close, and where they differ first and most')
    .argument('<left>', fileText)
    .argument('<right>', 'the same')
    .option('--rtol <number>', 'relative tolerance, as numpy.allclose has it', tolerance, 1e-5)
    .option('--atol <number>', 'absolute tolerance', tolerance, 1e-8)
    .option('--equal-nan', 'NaN equals NaN')
    .action((left: ByteText, right: ByteText, flags: WithFormat<CompareFlags>) =>
      run(context => showComparison(context, left, right, flags), flags.format),
    );
}

function declareCauses(numeric: Command, run: RunVerb): void {
  const causes = numeric
    .command('causes')
    .description(
      'what in a program or an extension module, and in all that it loads, changes its numbers; nothing is run',
    )
    .argument('<file>', 'a program, a library, an extension module');
  withFormat(declareConditions(causes)).action((file: ByteText, flags: WithFormat<ConditionFlags>) =>
    run(context => showCauses(context, file, flags), flags.format),
  );
}

function tolerance(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError('It has to be a number from 0 on.');
  return value;
}
