import { spawnSync } from 'node:child_process';
import { decodeBytes } from '../../language-server/native/byte-text.ts';

/** What `readelf -hW -lW -SW -dW -sW -nW -VW` says of a file, taken apart. */
export interface ReadelfAnswer {
  readonly header: ReadonlyMap<string, string>;
  readonly sections: readonly ReadelfSection[];
  readonly segments: readonly ReadelfSegment[];
  readonly dynamic: readonly { readonly tag: string; readonly type: string; readonly value: string }[];
  /** By name of the table. */
  readonly symbols: ReadonlyMap<string, readonly ReadelfSymbol[]>;
  readonly notes: readonly ReadelfNote[];
  readonly definitions: readonly {
    readonly index: string;
    readonly flags: string;
    readonly name: string;
    parents: string[];
  }[];
  readonly needs: readonly {
    readonly file: string;
    readonly name: string;
    readonly flags: string;
    readonly index: string;
  }[];
  /** Warnings and errors. */
  readonly complaints: string;
}

export interface ReadelfSection {
  /** Name and type with one space between: their columns are only sometimes as wide as planned. */
  readonly nameAndType: string;
  readonly address: string;
  readonly offset: string;
  readonly size: string;
  readonly entrySize: string;
  readonly flags: string;
  readonly link: string;
  readonly info: string;
  readonly alignment: string;
}

export interface ReadelfSegment {
  /** Cut at 14 characters. */
  readonly type: string;
  readonly numbers: readonly string[];
  readonly flags: string;
  readonly alignment: string;
  sections: string;
}

export interface ReadelfSymbol {
  readonly number: string;
  readonly value: string;
  readonly size: string;
  readonly type: string;
  readonly binding: string;
  readonly visibility: string;
  readonly section: string;
  /** With its version. */
  readonly name: string;
}

export interface ReadelfNote {
  readonly place: string;
  readonly owner: string;
  readonly size: string;
  readonly type: string;
  description: string;
}

export function runReadelf(path: string, options: readonly string[]): ReadelfAnswer {
  const { stdout, stderr } = spawnSync('readelf', [...options, '--', path], {
    maxBuffer: 2 ** 30,
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  return { ...parseReadelf(decodeBytes(stdout)), complaints: decodeBytes(stderr) };
}

/** Takes the text apart line by line; each line is recognised by its own form, under the last heading. */
export function parseReadelf(text: string): ReadelfAnswer {
  const answer = {
    header: new Map<string, string>(),
    sections: [] as ReadelfSection[],
    segments: [] as ReadelfSegment[],
    dynamic: [] as { tag: string; type: string; value: string }[],
    symbols: new Map<string, ReadelfSymbol[]>(),
    notes: [] as ReadelfNote[],
    definitions: [] as { index: string; flags: string; name: string; parents: string[] }[],
    needs: [] as { file: string; name: string; flags: string; index: string }[],
    complaints: '',
  };
  let readLine: (line: string) => void = () => undefined;
  for (const line of text.split('\n')) {
    const heading = headings.find(({ pattern }) => pattern.test(line));
    if (heading === undefined) readLine(line);
    else readLine = heading.open(answer, heading.pattern.exec(line)?.[1] ?? '');
  }
  return answer;
}

type Draft = {
  -readonly [Key in keyof ReadelfAnswer]: ReadelfAnswer[Key] extends readonly (infer Item)[]
    ? Item[]
    : ReadelfAnswer[Key];
} & {
  header: Map<string, string>;
  symbols: Map<string, ReadelfSymbol[]>;
};

interface Heading {
  readonly pattern: RegExp;
  open(answer: Draft, name: string): (line: string) => void;
}

const ignore = (): (() => void) => () => undefined;

const headings: readonly Heading[] = [
  { pattern: /^ELF Header:$/u, open: answer => line => readHeader(answer, line) },
  { pattern: /^Section Headers:$/u, open: answer => line => readSection(answer, line) },
  { pattern: /^Program Headers:$/u, open: answer => line => readSegment(answer, line) },
  { pattern: /^ Section to Segment mapping:$/u, open: answer => line => readMapping(answer, line) },
  { pattern: /^Dynamic section at offset/u, open: answer => line => readDynamic(answer, line) },
  {
    pattern: /^Symbol table '(.*)' contains \d+ entr/u,
    open: (answer, name) => {
      const rows: ReadelfSymbol[] = [];
      if (!answer.symbols.has(name)) answer.symbols.set(name, rows);
      return line => readSymbol(rows, line);
    },
  },
  { pattern: /^Displaying notes found in: (.*)$/u, open: (answer, name) => line => readNote(answer, name, line) },
  { pattern: /^Displaying notes found at file offset/u, open: answer => line => readNote(answer, 'PT_NOTE', line) },
  { pattern: /^Version definition section/u, open: answer => line => readDefinition(answer, line) },
  { pattern: /^Version needs section/u, open: answer => needReader(answer) },
  { pattern: /^Version symbols section|^Key to Flags:|^No version information|^Symbol table for image/u, open: ignore },
  { pattern: /^(?:The|There|This|Elf file type|Entry point|No |Histogram)/u, open: ignore },
];

function readHeader({ header }: Draft, line: string): void {
  const match = /^ {2}([^:]+):\s+(.*)$/u.exec(line);
  // "Version" comes twice: first that of the identification.
  if (match !== null && !header.has(match[1] ?? '')) header.set(match[1] ?? '', (match[2] ?? '').trim());
}

const sectionTail =
  /^(.*) ([0-9a-f]{8}|[0-9a-f]{16}) ([0-9a-f]{6,}) ([0-9a-f]{6,}) ([0-9a-f]{2,}) +([A-Za-z]*) +(\d+) +(\d+) +(\d+)$/u;

function readSection({ sections }: Draft, line: string): void {
  const rest = /^ {2}\[ *\d+\] (.*)$/u.exec(line)?.[1];
  const match = rest === undefined ? null : sectionTail.exec(rest);
  if (match === null) return;
  const [
    ,
    names = '',
    address = '',
    offset = '',
    size = '',
    entrySize = '',
    flags = '',
    link = '',
    info = '',
    alignment = '',
  ] = match;
  const nameAndType = names.replaceAll(/\s+/gu, ' ').trim();
  sections.push({ nameAndType, address, offset, size, entrySize, flags, link, info, alignment });
}

function readSegment({ segments }: Draft, line: string): void {
  const match =
    /^ {2}(.{14}) (0x[0-9a-f]+) (0x[0-9a-f]+) (0x[0-9a-f]+) (0x[0-9a-f]+) (0x[0-9a-f]+) ([R ][W ][E ]) (0x[0-9a-f]+|0)$/u.exec(
      line,
    );
  if (match === null) return;
  const [, type = '', ...rest] = match;
  segments.push({
    type: type.trim(),
    numbers: rest.slice(0, 5),
    flags: (rest[5] ?? '').trimEnd(),
    alignment: rest[6] ?? '',
    sections: '',
  });
}

function readMapping({ segments }: Draft, line: string): void {
  const match = /^ {3}(\d\d+) {5}(.*)$/u.exec(line);
  const segment = match === null ? undefined : segments[Number(match[1])];
  if (segment !== undefined) segment.sections = (match?.[2] ?? '').trimEnd();
}

function readDynamic({ dynamic }: Draft, line: string): void {
  const match = /^ 0x([0-9a-f]{8}|[0-9a-f]{16}) \((.*?)\)\s*(.*)$/u.exec(line);
  if (match !== null) dynamic.push({ tag: match[1] ?? '', type: match[2] ?? '', value: match[3] ?? '' });
}

const symbolLine =
  /^ *(\d+): ([0-9a-f]{8}|[0-9a-f]{16}) +(\d+|0x[0-9a-f]+) (<[^>]+>: \d+|\S+) +(<[^>]+>: \d+|\S+) +([A-Z]+(?: +\[[^\]]*\])?) +(bad section index\[ *\d+\]|(?:PRC|RSV|OS )\[0x[0-9a-f]+\]|\S+) (.*)$/u;

function readSymbol(rows: ReadelfSymbol[], line: string): void {
  const match = symbolLine.exec(line);
  if (match === null) return;
  const [, number = '', value = '', size = '', type = '', binding = '', visibility = '', section = '', name = ''] =
    match;
  rows.push({ number, value, size, type, binding, visibility: visibility.replace(/ +/u, ' '), section, name });
}

function readNote({ notes }: Draft, place: string, line: string): void {
  const match = /^ {2}(.*?)\s+0x([0-9a-f]{8})\t(.*?)(?:\t {4}(.*))?$/u.exec(line);
  if (match !== null) {
    const [, owner = '', size = '', type = '', description = ''] = match;
    notes.push({ place, owner, size, type: type.trim(), description: description.trim() });
    return;
  }
  const last = notes.at(-1);
  if (last !== undefined && !/^ {2}Owner /u.test(line) && /^\s+\S/u.test(line))
    last.description = `${last.description} ${line.trim()}`.trim();
}

function readDefinition({ definitions }: Draft, line: string): void {
  const match = /Rev: \d+ {2}Flags: (.*?) {2,3}Index: (\d+) {2}Cnt: \d+ {2}Name(?:: | index: )(.*)$/u.exec(line);
  if (match !== null) {
    definitions.push({ flags: (match[1] ?? '').trim(), index: match[2] ?? '', name: match[3] ?? '', parents: [] });
    return;
  }
  const parent = /Parent \d+: (.*)$/u.exec(line)?.[1];
  if (parent !== undefined) definitions.at(-1)?.parents.push(parent);
}

function needReader({ needs }: Draft): (line: string) => void {
  let file = '';
  return line => {
    const need = /Version: \d+ {2}File: (.*?) {2}Cnt: \d+$/u.exec(line);
    if (need !== null) file = need[1] ?? '';
    const version = / {2}Name: (.*?) {2}Flags: (.*?) {2,3}Version: (\d+)$/u.exec(line);
    if (version === null) return;
    needs.push({ file, name: version[1] ?? '', flags: (version[2] ?? '').trim(), index: version[3] ?? '' });
  };
}
