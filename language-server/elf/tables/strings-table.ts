import { shellCommand } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { StringsRequest } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { ElfFile } from '../elf-file.ts';
import { createBytesCache } from '../reader/bytes-cache.ts';
import { type ElfImage, sectionRange } from '../reader/elf-image.ts';
import { hex } from '../reader/fields.ts';
import { type FoundStrings, findStrings, type TextRegion, textAt } from '../strings/find-strings.ts';
import type { TextRules } from '../strings/printable-runs.ts';
import { column, type ElfTable, type TableRows } from './table.ts';

const cache = createBytesCache<FoundStrings>(32 << 20, ({ offsets }) => offsets.byteLength);

const defaultMinimum = 4;

/** Texts in the bytes of the file, as `strings -a -t x` prints them. */
export const stringsTable: ElfTable = {
  id: 'strings',
  title: 'Strings',
  columns: [
    column('offset', 'Offset', 'address'),
    column('size', 'Size', 'size'),
    column('section', 'Section', 'text'),
    column('string', 'String', 'name'),
  ],
  command: ['strings', '-a', '-t', 'x'],
  open: () => ({ count: 0, page: () => [] }),
  async scan(file, request, signal) {
    const rules: TextRules = {
      minimumLength: request.minimumLength ?? defaultMinimum,
      encoding: request.encoding ?? 'ascii',
    };
    const regions = regionsOf(file.image, request);
    const key = JSON.stringify([file.version, rules, request.section]);
    let found = cache.get(key);
    if (found === undefined) {
      found = await findStrings(file.image.source, regions, rules, signal);
      if (!file.hasChanged()) cache.set(key, found);
    }
    if (found.isCut) tooMany(file, found.offsets.length);
    const command = commandOf(file, rules, request.section);
    return { ...stringRows(file.image, found, regions, rules), ...(command !== null && { command }) };
  },
};

/** Null: that of the table. Offsets of a section's strings are counted from its beginning. */
function commandOf(
  file: ElfFile,
  { minimumLength, encoding }: TextRules,
  section: StringsRequest['section'],
): string | null {
  const isUsual = minimumLength === defaultMinimum && encoding === 'ascii';
  if (isUsual && section === undefined) return null;
  const strings = [
    ...['strings', '-a', '-t', 'x'],
    ...(minimumLength === defaultMinimum ? [] : ['-n', String(minimumLength)]),
    ...(encoding === 'ascii' ? [] : ['-U', 's']),
  ];
  if (section === undefined) return file.command(strings);
  const dump = file.command(['objcopy', '--dump-section', `${section}=/dev/stdout`]);
  return `${dump} /dev/null | ${shellCommand(strings)}`;
}

function regionsOf(image: ElfImage, { section: name }: StringsRequest): readonly TextRegion[] {
  if (name === undefined) return [{ offset: 0, sizeBytes: image.source.sizeBytes }];
  const named = image.firstSections().filter(section => image.sectionName(section) === name);
  if (named.length === 0) {
    throw new UserError('invalidParams', `There is no section "${displayText(name)}" in this file.`);
  }
  return named.map(section => sectionRange(image, section));
}

function stringRows(
  image: ElfImage,
  { offsets }: FoundStrings,
  regions: readonly TextRegion[],
  rules: TextRules,
): TableRows {
  const sectionAt = createSectionFinder(image);
  const endOf = (offset: number): number => {
    const region = regions.find(
      candidate => offset >= candidate.offset && offset < candidate.offset + candidate.sizeBytes,
    );
    return region === undefined ? image.source.sizeBytes : region.offset + region.sizeBytes;
  };
  return {
    count: offsets.length,
    page: (first, count) =>
      Array.from(offsets.subarray(first, first + count), offset => {
        const { sizeBytes, text } = textAt(image.source, offset, endOf(offset), rules);
        return [hex(offset), String(sizeBytes), sectionAt(offset), text];
      }),
  };
}

/** Name of the section that a byte of the file belongs to; empty where it belongs to none. */
function createSectionFinder(image: ElfImage): (offset: number) => string {
  const ranges = image
    .firstSections()
    .map(section => ({ section, ...sectionRange(image, section) }))
    .filter(({ sizeBytes }) => sizeBytes > 0)
    .sort((left, right) => left.offset - right.offset);
  const names = new Map<number, string>();
  return offset => {
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle]?.offset ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const range = ranges[low - 1];
    if (range === undefined || offset >= range.offset + range.sizeBytes) return '';
    const known = names.get(low);
    if (known !== undefined) return known;
    const name = image.sectionName(range.section);
    names.set(low, name);
    return name;
  };
}

function tooMany({ image }: ElfFile, count: number): void {
  image.findings.add({
    code: 'elf/many-strings',
    severity: 'information',
    message: `There are more than ${count} texts in this file; the others are not shown. Ask for longer ones, or for those of one section.`,
  });
}
