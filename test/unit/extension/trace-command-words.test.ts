import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { commandWords } from '../../../extension/loader-trace/command-words.ts';

/** The words that POSIX sh makes of them, where nothing but quotes is in them. */
const lines = [
  './app data.csv',
  '  ./a\\ b   "two words" \'and $three\' ',
  'x"y"\'z\' "" \'\' a\\"b "c\\"d\\\\e\\f" "$1"'.replace('"$1"', '"\\$1"'),
  'tab\tand "new\nline"',
  '',
];

test.each(lines)('%j', line => {
  const script = `for word in ${line}; do printf '%s\\0' "$word"; done`;
  const words = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
  expect(commandWords(line)).toEqual(words);
});

test.each(['"open', "it's", 'a\\'])('%j has no end', line => {
  expect(commandWords(line)).toBe(null);
});
