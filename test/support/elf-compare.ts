import { readOverview } from '../../language-server/elf/overview.ts';
import { readRows } from '../../language-server/elf/tables.ts';
import type { ElfOverview } from '../../language-server/protocol/elf.ts';
import { type ReadelfAnswer, runReadelf } from './elf-readelf.ts';

const options = ['-hW', '-lW', '-SW', '-dW', '-sW', '-nW', '-VW'];

/**
 * Where our answers for a file differ from those of `readelf`: every row of every table. Values are compared, not texts:
 * readelf prints sizes in hexadecimal here and in decimal there, and cuts long type names.
 * @param copy What readelf is given: where `path` is a member of an archive, a copy of it.
 */
export async function differencesFromReadelf(path: string, copy = path): Promise<readonly string[]> {
  const theirs = runReadelf(copy, options);
  const overview = await readOverview(path);
  const table = (id: string) => allRows(path, id);
  const rows = {
    sections: await table('sections'),
    segments: await table('segments'),
    dynamic: await table('dynamic'),
    dynamicSymbols: await table('dynamic-symbols'),
    symbols: await table('symbols'),
    versions: await table('versions'),
    notes: await table('notes'),
  };
  return [
    ...identityDifferences(overview, theirs),
    ...listDifferences('section', rows.sections.map(ourSection), theirs.sections.map(theirSection)),
    ...listDifferences('segment', rows.segments.map(ourSegment), theirs.segments.map(theirSegment)),
    ...listDifferences(
      'dynamic',
      rows.dynamic.map(row => row.join(' ')),
      theirs.dynamic.map(theirDynamic),
    ),
    ...listDifferences('note', rows.notes.map(ourNote), theirs.notes.map(theirNote)),
    // Without section headers readelf shows neither.
    ...(theirs.sections.length === 0 ? [] : tableDifferences(rows, theirs)),
  ];
}

function tableDifferences(
  rows: Readonly<Record<'dynamicSymbols' | 'symbols' | 'versions', readonly Row[]>>,
  theirs: ReadelfAnswer,
): readonly string[] {
  return [
    ...symbolDifferences('dynamic symbol', rows.dynamicSymbols, theirs.symbols.get('.dynsym') ?? [], true),
    ...symbolDifferences('symbol', rows.symbols, theirs.symbols.get('.symtab') ?? [], false),
    ...listDifferences('version', rows.versions.map(ourVersion), theirVersions(theirs)),
  ];
}

type Row = readonly string[];

export async function allRows(path: string, table: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (;;) {
    const page = await readRows(path, { table, start: rows.length, count: 1000, filter: '' });
    rows.push(...page.rows.map(({ cells }) => cells));
    if (rows.length >= page.total || page.rows.length === 0) return rows;
  }
}

function identityDifferences({ identity }: ElfOverview, { header, dynamic, notes }: ReadelfAnswer): readonly string[] {
  const named = (type: string): readonly string[] =>
    dynamic.filter(entry => entry.type === type).map(({ value }) => /\[(.*)\]/u.exec(value)?.[1] ?? value);
  const buildId = notes
    .map(({ description }) => /^Build ID: ([0-9a-f]+)/u.exec(description)?.[1])
    .find(id => id !== undefined);
  const ours = {
    class: `ELF${identity.class}`,
    data: `2's complement, ${identity.byteOrder} endian`,
    machine: identity.machine,
    osAbi: identity.osAbi,
    entry: identity.entry,
    type: identity.type.replace('ET_', ''),
    needed: identity.needed,
    soname: identity.soname,
    rpath: identity.rpath,
    runpath: identity.runpath,
    buildId: identity.buildId,
  };
  const theirs = {
    class: header.get('Class'),
    data: header.get('Data'),
    machine: header.get('Machine'),
    osAbi: header.get('OS/ABI'),
    entry: header.get('Entry point address'),
    type: header.get('Type')?.split(' ')[0],
    needed: named('NEEDED'),
    soname: named('SONAME').at(-1) ?? null,
    rpath: named('RPATH').at(-1) ?? null,
    runpath: named('RUNPATH').at(-1) ?? null,
    buildId: buildId ?? null,
  };
  return listDifferences('identity', [JSON.stringify(ours)], [JSON.stringify(theirs)]);
}

function ourSection(row: Row): string {
  const [, name = '', type = '', address = '', offset, size, entrySize, flags, link, info, alignment] = row;
  const nameAndType = `${name} ${type}`.replaceAll(/\s+/gu, ' ').trim();
  return [nameAndType, address, ...[offset, size, entrySize].map(value), flags, link, info, alignment].join(' ');
}

function theirSection(section: ReadelfAnswer['sections'][number]): string {
  const { nameAndType, address, offset, size, entrySize, flags, link, info, alignment } = section;
  const numbers = [offset, size, entrySize].map(hexadecimal);
  return [nameAndType, `0x${address}`, ...numbers, flags, link, info, alignment].join(' ');
}

function ourSegment(row: Row): string {
  const [, type = '', offset, address, physical, file, memory, flags, alignment, sections] = row;
  return [type.slice(0, 14), ...[offset, address, physical, file, memory, alignment].map(value), flags, sections].join(
    ' ',
  );
}

function theirSegment({ type, numbers, flags, alignment, sections }: ReadelfAnswer['segments'][number]): string {
  return [type, ...[...numbers, alignment].map(value), flags, sections].join(' ');
}

function theirDynamic({ tag, type, value: text }: ReadelfAnswer['dynamic'][number]): string {
  return [`0x${tag}`, type, text.trimEnd()].join(' ');
}

function symbolDifferences(
  what: string,
  ours: readonly Row[],
  theirs: readonly NonNullable<ReturnType<ReadelfAnswer['symbols']['get']>>[number][],
  versioned: boolean,
): readonly string[] {
  const left = ours.map(row => {
    const [number, name = '', ...rest] = row;
    const version = versioned ? (rest.shift() ?? '') : '';
    const [address, size, ...others] = rest;
    // Behind the number of the section stands its name, which readelf does not print.
    return [number, address, value(size), ...others.slice(0, -1), name + version].join(' ');
  });
  const right = theirs.map(symbol => {
    // Behind the version of an undefined symbol stands its number.
    const name = versioned ? symbol.name.replace(/ \(\d+\)$/u, '') : symbol.name;
    const { number, type, binding, visibility, section } = symbol;
    return [number, `0x${symbol.value}`, value(symbol.size), type, binding, visibility, section, name].join(' ');
  });
  return listDifferences(what, left, right);
}

function ourVersion(row: Row): string {
  const [kind, provider, version, index, flags, parents] = row;
  return (kind === 'needs' ? [kind, provider, version, index, flags] : [kind, version, index, flags, parents]).join(
    ' ',
  );
}

function theirVersions({ definitions, needs }: ReadelfAnswer): readonly string[] {
  return [
    ...definitions.map(({ name, index, flags, parents }) =>
      ['defines', name, index, flags, parents.join(' ')].join(' '),
    ),
    ...needs.map(({ file, name, flags, index }) => ['needs', file, name, index, flags].join(' ')),
  ];
}

function ourNote(row: Row): string {
  const [place, owner = '', size, type, description = ''] = row;
  return [place, owner, size, type, noteText(owner, description)].join(' ');
}

function theirNote({
  place,
  owner,
  size,
  type: typeAndMore,
  description: text,
}: ReadelfAnswer['notes'][number]): string {
  // Where readelf knows no description, it prints the bytes behind a tab; of a Go build ID we show the text that they are.
  const [type = '', bytes] = typeAndMore.split('\t').map(part => part.trim());
  const description = bytes === undefined ? text : type === 'GO BUILDID' ? hexText(bytes) : bytes;
  return [place, owner, String(Number.parseInt(size, 16)), type, noteText(owner, description)].join(' ');
}

/** "description data: 72 65 …" → the text. */
function hexText(bytes: string): string {
  return Buffer.from(bytes.replaceAll(/description data:|\s/gu, ''), 'hex').toString();
}

/** Of the state of a process in a core file we show the mapped files, readelf registers of some kinds: not to be compared. */
function noteText(owner: string, description: string): string {
  return /^(?:CORE|LINUX|GDB)$/u.test(owner) ? '' : plain(description);
}

/** Commas, semicolons, the words before raw bytes, and that no bit is set (readelf says it of some) are a matter of taste. */
function plain(description: string): string {
  return description
    .replaceAll(/description data:|<None>|[,;]/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim();
}

/** "0x1f", "31" → "31" */
function value(text: string | undefined): string {
  return String(BigInt(text ?? '0'));
}

/** "1f" → "31" */
function hexadecimal(text: string): string {
  return String(BigInt(`0x${text}`));
}

function listDifferences(what: string, ours: readonly string[], theirs: readonly string[]): readonly string[] {
  const differences: string[] = [];
  if (ours.length !== theirs.length) differences.push(`${what}: ${ours.length} rows, readelf has ${theirs.length}`);
  for (const [index, line] of theirs.entries()) {
    if (ours[index] === line) continue;
    differences.push(`${what} ${index}: ours "${ours[index]}", readelf "${line}"`);
    if (differences.length > 3) break;
  }
  return differences;
}
