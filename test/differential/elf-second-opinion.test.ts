import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { ElfFile } from '../../language-server/elf/elf-file.ts';
import { withElfFile } from '../../language-server/elf/open-elf.ts';
import type { SymbolTable } from '../../language-server/elf/reader/symbol-table.ts';
import { chooseVaried, elfFilesBelow } from '../support/elf-corpus.ts';

/**
 * A second opinion on what readelf and we agree on: LLVM's own reader, as numbers (JSON), for section headers, program headers
 * and symbols. Its JSON of other parts is no JSON in the versions that Debian has.
 */
const largest = 4 << 20;
const all = elfFilesBelow(['/usr', '/opt']).filter(({ sizeBytes }) => sizeBytes <= largest);
const chosen = chooseVaried(all, Number(process.env['READELF_FILES'] ?? 60));

interface Named {
  readonly Value: string;
  readonly RawValue: number;
}

interface Answer {
  readonly Sections: readonly {
    readonly Section: Record<
      'Address' | 'Offset' | 'Size' | 'Link' | 'Info' | 'AddressAlignment' | 'EntrySize',
      number
    > & {
      readonly Name: Named;
      readonly Type: Named;
      readonly Flags: { readonly RawFlags: number };
    };
  }[];
  readonly ProgramHeaders: readonly {
    readonly ProgramHeader: Record<
      'Offset' | 'VirtualAddress' | 'PhysicalAddress' | 'FileSize' | 'MemSize' | 'Alignment',
      number
    > & { readonly Type: Named; readonly Flags: { readonly RawFlags: number } };
  }[];
  readonly Symbols: readonly SymbolAnswer[];
  readonly DynamicSymbols: readonly SymbolAnswer[];
}

interface SymbolAnswer {
  readonly Symbol: {
    readonly Name: Named;
    readonly Value: number;
    readonly Size: number;
    readonly Binding: Named;
    readonly Type: Named;
    readonly Section: Named;
  };
}

function llvmAnswer(path: string): Answer {
  const parts = ['--sections', '--program-headers', '--symbols', '--dyn-syms'];
  const text = execFileSync('llvm-readobj', ['--elf-output-style=JSON', ...parts, path], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [file] = JSON.parse(text) as readonly Record<string, Answer>[];
  // Under the name of the file in some versions, by itself in others.
  const answer = file?.[path] ?? (file as unknown as Answer | undefined);
  if (answer === undefined) throw new Error(`Nothing about ${path}`);
  return answer;
}

/** Numbers beyond 2^53 lose their last digits in JSON: compared as doubles. */
const double = (value: bigint | number): number => Number(value);

function ourSections({ image }: ElfFile): readonly unknown[] {
  return [...image.sections].map(section => [
    image.sectionName(section),
    section.name,
    section.type,
    ...[section.flags, section.address, section.offset, section.sizeBytes].map(double),
    section.link,
    section.info,
    ...[section.alignment, section.entryBytes].map(double),
  ]);
}

function theirSections({ Sections }: Answer): readonly unknown[] {
  return Sections.map(({ Section: section }) => [
    section.Name.Value,
    section.Name.RawValue,
    section.Type.RawValue,
    ...[section.Flags.RawFlags, section.Address, section.Offset, section.Size, section.Link, section.Info],
    ...[section.AddressAlignment, section.EntrySize],
  ]);
}

function ourSegments({ image }: ElfFile): readonly unknown[] {
  return [...image.segments].map(segment => [
    segment.type,
    segment.flags,
    ...[segment.offset, segment.virtualAddress, segment.physicalAddress].map(double),
    ...[segment.fileBytes, segment.memoryBytes, segment.alignment].map(double),
  ]);
}

function theirSegments({ ProgramHeaders }: Answer): readonly unknown[] {
  return ProgramHeaders.map(({ ProgramHeader: segment }) => [
    segment.Type.RawValue,
    segment.Flags.RawFlags,
    ...[segment.Offset, segment.VirtualAddress, segment.PhysicalAddress],
    ...[segment.FileSize, segment.MemSize, segment.Alignment],
  ]);
}

function ourSymbols({ image }: ElfFile, table: SymbolTable | null): readonly unknown[] {
  if (table === null) return [];
  const { layout, strings } = table;
  const { fields } = image;
  const bytes = table.block(0, table.count);
  return Array.from({ length: table.count }, (_, index) => {
    const at = index * layout.bytes;
    const info = bytes.readUInt8(at + layout.info);
    const nameOffset = fields.u32(bytes, at);
    const numbers = [fields.word(bytes, at + layout.value), fields.word(bytes, at + layout.size), info >> 4, info & 15];
    return [nameOffset, nameOffset === 0 ? '' : strings.at(nameOffset), ...numbers];
  });
}

/** LLVM puts the version behind a name, and the name of its section in place of none. */
function theirSymbols(symbols: readonly SymbolAnswer[]): readonly unknown[] {
  return symbols.map(({ Symbol: symbol }) => {
    const { Name, Value, Size, Binding, Type } = symbol;
    const name = Name.RawValue === 0 ? '' : Name.Value;
    return [Name.RawValue, name, Value, Size, Binding.RawValue, Type.RawValue];
  });
}

const withoutVersion = (symbols: readonly unknown[]): readonly unknown[] =>
  symbols.map(symbol => {
    const [offset, name, ...rest] = symbol as readonly [number, string, ...number[]];
    return [offset, name.replace(/@.*$/u, ''), ...rest];
  });

test('there are enough files', () => {
  expect(chosen.length).toBeGreaterThanOrEqual(50);
});

test.for(chosen)('$path', async ({ path }) => {
  const theirs = llvmAnswer(path);
  await withElfFile(path, file => {
    expect(ourSections(file)).toEqual(theirSections(theirs));
    expect(ourSegments(file)).toEqual(theirSegments(theirs));
    expect(ourSymbols(file, file.staticSymbols())).toEqual(theirSymbols(theirs.Symbols));
    const dynamic = withoutVersion(ourSymbols(file, file.dynamicSymbols()));
    expect(dynamic).toEqual(withoutVersion(theirSymbols(theirs.DynamicSymbols)));
  });
});
