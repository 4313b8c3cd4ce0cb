import { dirname, resolve } from 'node:path';
import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { ElfFile } from '../elf-file.ts';
import { withElfFile } from '../open-elf.ts';
import { type ElfImage, sectionRange } from '../reader/elf-image.ts';
import { buildIdOf } from '../reader/note-description.ts';

interface AlternateLink {
  readonly path: ByteText;
  /** Hexadecimal. */
  readonly buildId: string;
}

const maximumLinkBytes = 4096 + 64;

/** `.gnu_debugaltlink`: a path, NUL, and the build ID of the file there, which dwz put what several files share into. */
function alternateLink(image: ElfImage): AlternateLink | null {
  const section = image.sectionNamed('.gnu_debugaltlink');
  if (section === undefined) return null;
  const { offset, sizeBytes } = sectionRange(image, section);
  const bytes = image.source.read(offset, Math.min(sizeBytes, maximumLinkBytes));
  const end = bytes.indexOf(0);
  if (end <= 0) return null;
  return { path: decodeBytes(bytes.subarray(0, end)), buildId: bytes.subarray(end + 1).toString('hex') };
}

/** Opens the file that the debug information of another one leads to; null where there is none, or one of another build. */
export async function withAlternateFile<T>(debug: ElfFile, use: (alternate: ElfFile | null) => Promise<T>): Promise<T> {
  const link = alternateLink(debug.image);
  if (link === null) return await use(null);
  const opened: { result?: { readonly value: T } } = {};
  try {
    await withElfFile(resolve(dirname(debug.path), link.path), async file => {
      const isOfBuild = buildIdOf(file.image, file.notes()) === link.buildId;
      opened.result = { value: await use(isOfBuild ? file : null) };
    });
  } catch (error) {
    // Not there, or not to be read: without it.
    if (!(error instanceof UserError) || opened.result !== undefined) throw error;
    return await use(null);
  }
  return opened.result === undefined ? await use(null) : opened.result.value;
}
