import type { LanguageReport } from '../../language-server/elf/languages/language-detector.ts';
import { fullLanguageLimits, readLanguages } from '../../language-server/elf/languages/read-languages.ts';
import { withElfFile } from '../../language-server/elf/open-elf.ts';

/** All that can be told of a file on disk. */
export function languagesOf(path: string): Promise<LanguageReport> {
  return withElfFile(path, file => readLanguages(file, fullLanguageLimits));
}

/** "C++ Rust?": certain ones, and likely ones with a question mark. */
export function briefly({ languages }: LanguageReport): string {
  return languages.map(({ language, certainty }) => (certainty === 'certain' ? language : `${language}?`)).join(' ');
}
