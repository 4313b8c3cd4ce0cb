import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ManySymbols {
  readonly path: string;
  /** Names in the order of readelf, at their numbers. */
  readonly names: readonly string[];
  readonly sizes: readonly number[];
}

/** A library with so many symbols, of known sizes, assembled and linked; and its table as readelf lists it. */
export async function makeManySymbols(folder: string, count: number): Promise<ManySymbols> {
  const source = join(folder, 'many.s');
  const written = createWriteStream(source);
  written.write('.data\n');
  for (let at = 0; at < count; at += 1) {
    const name = `value_${String(at).padStart(6, '0')}_${at % 97}`;
    // Each at an address of its own; sizes that no two neighbours share.
    written.write(
      `.globl ${name}\n.type ${name}, @object\n${name}: .byte 0\n.size ${name}, ${1 + ((at * 31) % 1009)}\n`,
    );
  }
  written.write('.section .note.GNU-stack,"",@progbits\n');
  written.end();
  await once(written, 'finish');
  const path = join(folder, 'libmany.so');
  execFileSync('as', ['-o', join(folder, 'many.o'), source]);
  execFileSync('ld', ['-shared', '-o', path, join(folder, 'many.o')]);
  writeFileSync(source, '');
  const text = execFileSync('readelf', ['-sW', '--dyn-syms', path], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const table = text.slice(text.lastIndexOf("Symbol table '.symtab'"));
  const rows = [...table.matchAll(/^ *\d+: [0-9a-f]+ +(0x[0-9a-f]+|\d+) .*?(?: ([^\s]*))?$/gmu)];
  return { path, names: rows.map(([, , name = '']) => name), sizes: rows.map(([, size]) => Number(size)) };
}
