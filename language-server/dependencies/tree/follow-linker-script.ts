import { closeSync, constants, openSync, readSync } from 'node:fs';
import { decodeBytes, osPath } from '../../native/byte-text.ts';
import type { LinkerInput, LinkerScript } from '../../protocol/dependencies.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { RegularFile } from '../files/loader-files.ts';
import { type Edge, folderOf } from '../loader/link-map.ts';
import { inputsOfScript, isScriptForLinkEditor, type ScriptInput } from '../objects/linker-script.ts';
import type { ResolvedFile } from '../resolve-file.ts';

/** Scripts are some hundred bytes. */
const maximumScriptBytes = 64 << 10;
const maximumInputs = 100;

/** The script at which the search for a need ended; null where it did not end at one. */
export function linkerScriptOf(resolved: ResolvedFile, { refused, tried }: Edge): LinkerScript | null {
  const last = tried.at(-1);
  if (!refused || last === undefined || !/^(?:invalid ELF header|file too short|Exec format error)/u.test(last.outcome))
    return null;
  return followLinkerScript(last.path, resolved);
}

/**
 * What a GNU ld script leads to: its inputs, and those of scripts among them. The link editor reads it when it links with the
 * library; the loader cannot (GNU ld, "Implicit Linker Scripts").
 *
 * @param path of this machine. Folders are the loader's own, which the link editor searches too.
 * @returns Null where the file is no script.
 */
function followLinkerScript(path: ByteText, resolved: ResolvedFile): LinkerScript | null {
  const file = resolved.system.status(path);
  const text = file.kind === 'file' ? readScript(file) : null;
  if (text === null) return null;
  const inputs: LinkerInput[] = [];
  const texts = new Map<ByteText, string>([[path, text]]);
  // A map is walked in the order of its additions, those made meanwhile included.
  for (const [script, contents] of texts) {
    for (const input of inputsOfScript(contents)) {
      if (inputs.length >= maximumInputs) return { path, inputs };
      const found = findInput(input, script, resolved);
      const inner = found === null ? null : readScript(found.file);
      if (found !== null && inner !== null && !texts.has(found.path)) texts.set(found.path, inner);
      const what = inner === null ? kindOf(found?.path) : 'script';
      inputs.push({ script, name: input.name, path: found?.path ?? null, what, asNeeded: input.asNeeded });
    }
  }
  return { path, inputs };
}

function kindOf(path: ByteText | undefined): LinkerInput['what'] {
  if (path === undefined) return 'missing';
  return path.endsWith('.a') ? 'archive' : 'library';
}

function findInput(
  { name }: ScriptInput,
  script: ByteText,
  { files, system, loader }: ResolvedFile,
): { readonly path: ByteText; readonly file: RegularFile } | null {
  const below = (path: ByteText) => ({ path: files.shown(path), file: files.status(path) });
  const beside = (file: ByteText) => {
    const path = `${folderOf(script)}/${file}`;
    return { path, file: system.status(path) };
  };
  const named = name.startsWith('-l') ? [`lib${name.slice(2)}.so`, `lib${name.slice(2)}.a`] : [name];
  const candidates = name.startsWith('/')
    ? [below(name)]
    : named.flatMap(file => [beside(file), ...loader.systemFolders.map(folder => below(folder + file))]);
  const found = candidates.find(({ file }) => file.kind === 'file');
  return found?.file.kind === 'file' ? { path: found.path, file: found.file } : null;
}

/** Null for what is no script, or cannot be read. */
function readScript({ hostPath, sizeBytes }: RegularFile): string | null {
  if (sizeBytes > maximumScriptBytes) return null;
  let fd: number;
  try {
    fd = openSync(osPath(hostPath), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const bytes = Buffer.alloc(sizeBytes);
    const text = decodeBytes(bytes.subarray(0, readSync(fd, bytes, 0, sizeBytes, 0)));
    return isScriptForLinkEditor(text.slice(0, 512)) ? text : null;
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}
