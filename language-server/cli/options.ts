import { InvalidArgumentError, Option } from 'commander';
import type { OutputFormat } from './verb.ts';

/** @param others formats that one verb has beside. */
export function formatOption(others: readonly string[] = []): Option {
  const formats: readonly OutputFormat[] = ['text', 'json'];
  return new Option('--format <format>', 'how to print')
    .choices([...formats, ...others])
    .default('text' satisfies OutputFormat);
}

/** A parser for options whose value is a whole number from `least` on. */
export function wholeNumber(least: number): (text: string) => number {
  return text => {
    const value = /^\d+$/u.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} on.`);
  };
}

/** A parser for options whose value is a number of seconds. */
export function seconds(text: string): number {
  const value = /^\d+(?:\.\d+)?$/u.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= 3600) return value;
  throw new InvalidArgumentError('It must be a number of seconds, 3600 at most.');
}

/** A parser for options whose value is one of several parts: "2/8". */
export function shard(text: string): { readonly index: number; readonly count: number } {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/u.exec(text) ?? [];
  const value = { index: Number(index), count: Number(count) };
  if (value.index >= 1 && value.index <= value.count) return value;
  throw new InvalidArgumentError('It must be such as 2/8: a part, and of how many.');
}
