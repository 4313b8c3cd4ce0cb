import yauzl from 'yauzl';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import { partOf, type RangedFile, spool } from './ranged-file.ts';

/** A member of an .npz file, which is a zip archive of .npy files (numpy.savez). */
export interface NpzMember {
  /** As `numpy.load(…)[name]` has it: without ".npy". */
  readonly name: string;
  readonly sizeBytes: number;
  readonly storedBytes: number;
  readonly isCompressed: boolean;
  /** The member as a file. Closing it leaves the archive open. */
  open(signal: AbortSignal): Promise<RangedFile>;
}

/** More members than any archive of arrays has are not listed. */
const maximumMembers = 100_000;
/** What one member may unpack to. A zip bomb ends here, in a file on disk that has no name. */
const maximumUnpackedBytes = 64 * 2 ** 30;
/** Deflate gains a factor of 1032 at most: a member that claims more lies. */
const maximumDeflateFactor = 1032;

/** The members of an archive, in its order. Throws UserError notSupported for what is no zip archive that can be read. */
export async function readNpz(
  path: ByteText,
  file: RangedFile & { readonly fd: number },
): Promise<readonly NpzMember[]> {
  const refuse = (error: unknown): UserError =>
    new UserError('notSupported', `${displayText(path)} is no .npz file that can be read: ${messageOf(error)}.`);
  let archive: yauzl.ZipFile;
  try {
    archive = await yauzl.fromFdPromise(file.fd, { lazyEntries: true, autoClose: false, strictFileNames: false });
  } catch (error) {
    throw refuse(error);
  }
  const members: NpzMember[] = [];
  try {
    for await (const entry of archive.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      if (members.length >= maximumMembers) throw new Error(`it has more than ${maximumMembers} members`);
      members.push(memberOf(path, file, archive, entry));
    }
  } catch (error) {
    throw refuse(error);
  }
  return members;
}

function memberOf(path: ByteText, file: RangedFile, archive: yauzl.ZipFile, entry: yauzl.Entry): NpzMember {
  const { fileName, uncompressedSize: sizeBytes, compressedSize: storedBytes, compressionMethod } = entry;
  const shown = `${displayText(path)}[${displayText(fileName)}]`;
  return {
    name: fileName.replace(/\.npy$/u, ''),
    sizeBytes,
    storedBytes,
    isCompressed: compressionMethod !== 0,
    open: async signal => {
      if (entry.isEncrypted()) throw new UserError('notSupported', `${shown} is encrypted.`);
      try {
        if (compressionMethod === 0) {
          const { fileDataStart } = await archive.readLocalFileHeaderPromise(entry);
          return { ...partOf(file, fileDataStart, storedBytes), close: () => undefined };
        }
        if (sizeBytes > storedBytes * maximumDeflateFactor + 1024)
          throw new UserError(
            'notSupported',
            `${shown} claims to unpack to ${sizeBytes} bytes from ${storedBytes}, which is more than deflate can do.`,
          );
        const stream = await archive.openReadStreamPromise(entry);
        const tooLarge = (): UserError =>
          new UserError(
            'notSupported',
            `${shown} unpacks to more than ${maximumUnpackedBytes} bytes.`,
            'numpy.savez, which does not compress',
          );
        return await spool(stream, maximumUnpackedBytes, tooLarge, signal);
      } catch (error) {
        if (error instanceof UserError || signal.aborted) throw error;
        throw new UserError('notSupported', `${shown} cannot be unpacked: ${messageOf(error)}.`);
      }
    },
  };
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/u, '');
}
