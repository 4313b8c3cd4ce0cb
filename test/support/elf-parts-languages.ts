import { basename } from 'node:path';
import { dynamicTag } from '../../language-server/elf/dynamic-section.ts';
import type { ElfFile } from '../../language-server/elf/elf-file.ts';
import { compilersOf } from '../../language-server/elf/identity.ts';
import { createLanguageDetector, type LanguageReport } from '../../language-server/elf/languages/language-detector.ts';
import { withElfFile } from '../../language-server/elf/open-elf.ts';
import { type SymbolTable, sectionIndex } from '../../language-server/elf/symbol-table.ts';

/** What the detector says of a file on disk, its symbols given in pages. */
export function languagesOf(path: string): Promise<LanguageReport> {
  return withElfFile(path, file => {
    const detector = createLanguageDetector();
    for (const table of [file.dynamicSymbols(), file.staticSymbols()]) {
      if (table === null) continue;
      for (let first = 0; first < table.count; first += 4096) {
        const { defined, undefined: others } = namesOf(file, table, first, 4096);
        detector.addDefined(defined);
        detector.addUndefined(others);
      }
    }
    return detector.report({
      fileName: basename(path),
      comments: compilersOf(file.image),
      sectionNames: [...file.image.sections].map(section => file.image.sectionName(section)),
      needed: file.dynamic()?.names(dynamicTag.needed) ?? [],
    });
  });
}

function namesOf({ image }: ElfFile, table: SymbolTable, first: number, count: number) {
  const names: { defined: string[]; undefined: string[] } = { defined: [], undefined: [] };
  const { layout, strings } = table;
  const bytes = table.block(first, count);
  for (let at = 0; at + layout.bytes <= bytes.length; at += layout.bytes) {
    const section = image.fields.u16(bytes, at + layout.sectionIndex);
    const list = section === sectionIndex.undefined ? names.undefined : names.defined;
    list.push(strings.at(image.fields.u32(bytes, at)));
  }
  return names;
}

export function briefly({ languages }: LanguageReport): string {
  return languages.map(({ language, certainty }) => (certainty === 'certain' ? language : `${language}?`)).join(' ');
}
