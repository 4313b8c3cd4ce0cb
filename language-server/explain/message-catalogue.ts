import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sameQuotes } from './clean-text.ts';

/** For each English message of the C library its translations into all languages that are installed. */
export type Translations = ReadonlyMap<string, readonly string[]>;

const maximumBytes = 8 << 20;
const littleMagic = 0x950412de;
const remembered = new Map<string, Translations>();

/**
 * Looks messages up in the catalogues that glibc itself translates by (`LOCALE/LC_MESSAGES/libc.mo`, GNU gettext manual, "The
 * Format of GNU MO Files"), so that errors in any of these languages are known. Read once.
 *
 * @param folder Of the locales, usually /usr/share/locale. One that is not there has no translations.
 */
export function readTranslations(folder: string, messages: readonly string[]): Translations {
  const known = remembered.get(folder);
  if (known !== undefined) return known;
  const found = new Map<string, Set<string>>(messages.map(message => [message, new Set()]));
  for (const locale of localesIn(folder)) {
    try {
      addCatalogue(readFileSync(join(folder, locale, 'LC_MESSAGES/libc.mo')), found);
    } catch {
      // Most locales have no catalogue of the C library.
    }
  }
  const translations = new Map([...found].map(([message, texts]) => [message, [...texts]] as const));
  remembered.set(folder, translations);
  return translations;
}

function localesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function addCatalogue(bytes: Buffer, found: ReadonlyMap<string, Set<string>>): void {
  if (bytes.length < 28 || bytes.length > maximumBytes) return;
  const isLittle = bytes.readUInt32LE(0) === littleMagic;
  const word = (at: number): number => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const [count, originals, translated] = [word(8), word(12), word(16)];
  const textAt = (table: number, index: number): string => {
    const [length, offset] = [word(table + 8 * index), word(table + 8 * index + 4)];
    return bytes.toString('utf8', offset, offset + length);
  };
  for (let index = 0; index < count; index += 1) {
    const texts = found.get(textAt(originals, index));
    const translation = texts === undefined ? '' : sameQuotes(textAt(translated, index)).trim();
    if (translation !== '') texts?.add(translation);
  }
}
