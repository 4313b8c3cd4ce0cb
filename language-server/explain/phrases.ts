import { readTranslations, type Translations } from './message-catalogue.ts';

/** What glibc's elf/dl-load.c says of what is in a file that it does not take (`open_verify`, `_dl_map_object_from_fd`). */
export const fileContentMessages = [
  'cannot read file data',
  'file too short',
  'invalid ELF header',
  'ELF file data encoding not little-endian',
  'ELF file data encoding not big-endian',
  'ELF file version ident does not match current one',
  'ELF file OS ABI invalid',
  'ELF file ABI version invalid',
  'nonzero padding in e_ident',
  'ELF file version does not match current one',
  'only ET_DYN and ET_EXEC can be loaded',
  "ELF file's phentsize not the expected size",
  'object file has no loadable segments',
  'object file has no dynamic section',
  'ELF load command alignment not page-aligned',
  'ELF load command address/offset not properly aligned',
  'ELF load command address/offset not page-aligned',
  'ELF load command past end of file',
] as const;

/** The loader's messages that glibc has translated (elf/dl-load.c, dl-reloc.c, dl-open.c), and errors of the system in them. */
const loaderMessages = [
  'cannot open shared object file',
  'cannot stat shared object',
  'internal error',
  ...fileContentMessages,
  'cannot dynamically load executable',
  'cannot dynamically load position-independent executable',
  'shared object cannot be dlopen()ed',
  'failed to map segment from shared object',
  'cannot map zero-fill pages',
  'cannot change memory protections',
  'cannot allocate memory in static TLS block',
  'cannot enable executable stack as shared object requires',
  'cannot restore segment prot after reloc',
  'cannot make segment writable for relocation',
  'cannot apply additional memory protection after relocation',
] as const;

const systemErrors = [
  'No such file or directory',
  'Permission denied',
  'Operation not permitted',
  'Cannot allocate memory',
  'Not a directory',
  'Is a directory',
  'Too many open files',
  'Too many open files in system',
  'Too many levels of symbolic links',
  'File name too long',
  'Input/output error',
  'Invalid argument',
  'Exec format error',
  'Stale file handle',
  'Transport endpoint is not connected',
  'No such device',
  'Error 24',
] as const;

export type LoaderMessage = (typeof loaderMessages)[number];
export type SystemError = (typeof systemErrors)[number];

export interface Phrases {
  /** Matches the message in every language that is known; words may stand on two lines. Source of a regular expression. */
  readonly pattern: (...messages: readonly LoaderMessage[]) => string;
  /** The English message that a text is a translation of; null: none of those. */
  readonly message: (text: string) => LoaderMessage | null;
  readonly systemError: (text: string) => SystemError | null;
}

/** @param localeFolder /usr/share/locale */
export function createPhrases(localeFolder: string): Phrases {
  const translations = readTranslations(localeFolder, [...loaderMessages, ...systemErrors]);
  const english = new Map<string, string>();
  for (const [message, texts] of translations) {
    for (const text of [message, ...texts]) english.set(folded(text), message);
  }
  return {
    pattern: (...messages) => `(?:${messages.flatMap(message => patternsOf(message, translations)).join('|')})`,
    message: text => (english.get(folded(text)) as LoaderMessage | undefined) ?? null,
    systemError: text => longestBeginning(text, translations),
  };
}

function patternsOf(message: string, translations: Translations): readonly string[] {
  return [message, ...(translations.get(message) ?? [])].map(text =>
    text
      .split(/\s+/u)
      .map(word => word.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&'))
      // A terminal breaks lines, and a paste keeps that.
      .join('\\s+'),
  );
}

/** Text may follow: a quote, a bracket, what a program says behind the loader's message. */
function longestBeginning(text: string, translations: Translations): SystemError | null {
  const given = folded(text);
  let best: SystemError | null = null;
  let length = 0;
  for (const error of systemErrors) {
    for (const candidate of [error, ...(translations.get(error) ?? [])]) {
      if (candidate.length > length && given.startsWith(folded(candidate))) {
        best = error;
        length = candidate.length;
      }
    }
  }
  return best;
}

function folded(text: string): string {
  return text.trim().replace(/\s+/gu, ' ').toLowerCase();
}
