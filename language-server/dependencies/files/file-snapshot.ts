import type { ByteText } from '../../protocol/elf.ts';
import { type HostFiles, hostFiles } from './loader-files.ts';

/** Some 300 bytes each: the room stays below 100 MB, and whoever resolves a million files begins anew now and then. */
const maximumPaths = 200_000;

/**
 * The files of this machine as they were when each was first asked for: what resolves many files in one go asks for the same
 * paths over and over. It is for one go; what changes meanwhile is not seen.
 */
export function createFileSnapshot(): HostFiles {
  return {
    status: remembered(hostFiles.status),
    link: remembered(hostFiles.link),
    real: remembered(hostFiles.real),
    rights: remembered(hostFiles.rights),
  };
}

function remembered<Answer>(ask: (path: ByteText) => Answer): (path: ByteText) => Answer {
  const known = new Map<ByteText, { readonly answer: Answer }>();
  return path => {
    const found = known.get(path);
    if (found !== undefined) return found.answer;
    if (known.size >= maximumPaths) known.clear();
    const answer = ask(path);
    known.set(path, { answer });
    return answer;
  };
}
