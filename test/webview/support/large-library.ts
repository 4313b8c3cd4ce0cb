import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface DynamicSymbol {
  readonly index: number;
  readonly name: string;
  readonly type: string;
  readonly sizeBytes: number;
  readonly defined: boolean;
}

export interface LargeLibrary {
  readonly path: string;
  readonly symbols: readonly DynamicSymbol[];
}

/** The library of this machine with the most dynamic symbols, and these as readelf lists them. */
export function largestLibrary(): LargeLibrary {
  const libc = execFileSync('cc', ['-print-file-name=libc.so.6'], { encoding: 'utf8' }).trim();
  const folder = dirname(libc);
  const largest = readdirSync(folder)
    .filter(name => /\.so(\.\d+)*$/u.test(name))
    .map(name => join(folder, name))
    .map(path => ({ path, stat: statSync(path, { throwIfNoEntry: false }) }))
    .filter(({ stat }) => stat?.isFile())
    .sort((a, b) => (b.stat?.size ?? 0) - (a.stat?.size ?? 0))
    .slice(0, 6)
    .map(({ path }) => ({ path, symbols: dynamicSymbols(path) }))
    .sort((a, b) => b.symbols.length - a.symbols.length)[0];
  if (largest === undefined) throw new Error(`There is no library in ${folder}.`);
  return largest;
}

/** `Num: Value Size Type Bind Vis Ndx Name`; the name may be absent, and ends in its version. */
const line = /^ *(\d+): [0-9a-f]+ +(0x[0-9a-f]+|\d+) (\w+) +\w+ +\w+ .*?(UND|ABS|COM|\d+)(?: ([^@ ]*).*)?$/u;

function dynamicSymbols(path: string): readonly DynamicSymbol[] {
  const text = execFileSync('readelf', ['--dyn-syms', '--wide', path], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return text
    .split('\n')
    .map(row => line.exec(row))
    .filter(match => match !== null)
    .map(([, index, size, type = '', section, name = '']) => ({
      index: Number(index),
      name,
      type,
      sizeBytes: Number(size),
      defined: section !== 'UND',
    }));
}
