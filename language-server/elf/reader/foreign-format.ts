import { decodeBytes } from '../../native/byte-text.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteSource } from './byte-source.ts';

export interface ForeignFormat {
  /** Words that go behind "NAME is". */
  readonly description: string;
}

interface Signature {
  /** The first bytes: in hexadecimal, or as ASCII text. */
  readonly start: { readonly hex: string } | { readonly text: string };
  readonly description: string;
}

const hex = (digits: string): Signature['start'] => ({ hex: digits });
const text = (characters: string): Signature['start'] => ({ text: characters });

const archive = 'an archive of object files (ar), which only linkers read: none of them is loaded as it is';
const machO = 'a Mach-O file (macOS), not an ELF file';

/** A new format is a line here. The first that matches counts. */
const signatures: readonly Signature[] = [
  { start: hex('feedface'), description: machO },
  { start: hex('feedfacf'), description: machO },
  { start: hex('cefaedfe'), description: machO },
  { start: hex('cffaedfe'), description: machO },
  // A class file goes on with its version (45 and up), a universal Mach-O file with its number of machines.
  { start: hex('cafebabe0000000'), description: 'a universal Mach-O file (macOS), not an ELF file' },
  { start: hex('cafebabe'), description: 'a Java class file, not an ELF file' },
  { start: text('MZ'), description: 'a Windows program or DLL (PE), not an ELF file' },
  { start: hex('0061736d'), description: 'a WebAssembly module, not an ELF file' },
  {
    start: hex('4243c0de'),
    description: 'LLVM bitcode (from a compiler that optimises while linking), not an ELF file',
  },
  { start: hex('1f8b'), description: 'compressed with gzip; unpack it first (gunzip)' },
  { start: hex('fd377a585a00'), description: 'compressed with xz; unpack it first (unxz)' },
  { start: hex('28b52ffd'), description: 'compressed with Zstandard; unpack it first (unzstd)' },
  { start: text('!<arch>\n'), description: archive },
  { start: text('!<thin>\n'), description: archive },
  { start: text('BZh'), description: 'compressed with bzip2; unpack it first (bunzip2)' },
  { start: hex('504b0304'), description: 'a ZIP archive (a wheel, a jar, …), not an ELF file' },
  {
    start: text('version https://git-lfs.github.com/'),
    description: 'a Git LFS pointer: the file itself has not been fetched ("git lfs pull")',
  },
];

const linkerScript = /^\s*(?:\/\*[\s\S]*?\*\/\s*)*(?:INPUT|GROUP|OUTPUT_FORMAT|AS_NEEDED|SECTIONS|VERSION)\s*[({]/u;

/** What a file is that is not ELF. */
export function foreignFormat(source: ByteSource): ForeignFormat {
  if (source.sizeBytes === 0) return { description: 'empty' };
  const start = source.read(0, 512);
  const known = signatures.find(candidate => startsWith(start, candidate.start));
  return { description: known?.description ?? unknownContents(start) };
}

function startsWith(bytes: Buffer, start: Signature['start']): boolean {
  return 'text' in start
    ? bytes.toString('latin1').startsWith(start.text)
    : bytes.toString('hex').startsWith(start.hex);
}

function unknownContents(start: Buffer): string {
  if (start.every(byte => byte === 0)) return 'not an ELF file: it begins with nothing but zeros';
  const text = start.toString('latin1');
  if (text.startsWith('#!')) return `a script (${firstLine(start)}), not an ELF file`;
  if (linkerScript.test(text)) {
    const command = /^.*(?:INPUT|GROUP)\s*\([^)\n]*\)?.*$/mu.exec(text)?.[0] ?? firstLine(start);
    return `a script for the GNU linker (${displayText(shortened(command.trim()))}), which stands in for a library when linking; inspect the libraries that it names`;
  }
  if (!start.some(isNoText)) return `text ("${firstLine(start)}"), not an ELF file`;
  const magic = start
    .subarray(0, 4)
    .toString('hex')
    .replace(/(..)(?=.)/gu, '$1 ');
  return `not an ELF file: it begins with the bytes ${magic}, not with 7f 45 4c 46`;
}

/** A control character that no text has; tabs, line ends, form feeds and escapes do occur. */
function isNoText(byte: number): boolean {
  return byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1b;
}

function firstLine(start: Buffer): string {
  const line =
    decodeBytes(start)
      .split(/[\r\n]/u)
      .find(candidate => candidate.trim() !== '') ?? '';
  return displayText(shortened(line.trim()));
}

function shortened(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}
