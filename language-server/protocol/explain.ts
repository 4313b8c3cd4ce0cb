import type { ByteText } from './elf.ts';
import type { Evidence } from './finding.ts';
import { requestMethod } from './method.ts';

export interface ExplainParams {
  /** Whole lines of a build log, a traceback, a terminal: with escape sequences, several errors, and anything around them. */
  readonly text: string;
  /** `file:` URI of the folder that relative names in the text count from; absent: the server's working directory. */
  readonly folder?: string;
  /** `file:` URIs of folders in which files that the text names without a path are looked for as well. */
  readonly searchFolders?: readonly string[];
  /** What if: `LD_LIBRARY_PATH`; absent: the setting `binaryDetective.dependencies.libraryPath`. */
  readonly libraryPath?: string;
  /** What if: the files below this folder instead of `/`. */
  readonly sysroot?: string;
}

/** What went wrong, by the words that the loader, Python, the kernel or the link editor has for it. */
export const errorKinds = [
  'missing-library',
  'undefined-symbol',
  'missing-version',
  'missing-symbol-version',
  'no-version-information',
  'wrong-class',
  'unloadable-file',
  'static-tls',
  'executable-stack',
  'text-relocations',
  'mapping-failed',
  'program-as-library',
  'preload-ignored',
  'newer-processor',
  'python-no-init-function',
  'python-missing-module',
  'musl-relocation',
  'missing-interpreter',
  'wrong-machine',
  'link-missing-library',
  'link-undefined-reference',
  'link-missing-from-command-line',
] as const;

export type LoaderErrorKind = (typeof errorKinds)[number];

/** A part of the text, in UTF-16 units from its beginning. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
  /** Line of `start`, from 1. */
  readonly line: number;
}

/** A file that the error is about. */
export interface NamedFile {
  /** As the text has it. */
  readonly name: ByteText;
  /** Absolute; null where it was not found on this machine. */
  readonly path: ByteText | null;
}

export interface NamedSymbol {
  readonly name: ByteText;
  /** Readable; null where it is not mangled, or could not be demangled. */
  readonly demangled: ByteText | null;
  /** "GLIBC_2.34" */
  readonly version: ByteText | null;
}

/** The file that the loader takes for a name, and what it has of what was asked. */
export interface Provider extends NamedFile {
  /** The rule by which the loader finds it: "RUNPATH entry 1 of /opt/app/bin/app". */
  readonly how: string | null;
  /** What it has instead: versions, or symbols of like names, the nearest first. A few of them. */
  readonly offers: readonly ByteText[];
}

export interface Remedy {
  readonly id: string;
  readonly title: string;
  /** Why it helps, and what it costs. */
  readonly why: string;
  /** For a POSIX shell, quoted; null where there is nothing to type. It is never run by us. */
  readonly command: string | null;
}

/** What the files on disk say about it now. */
export interface PresentState {
  /** `persists`: the same would happen again; `resolved`: it would not; `unknown`: the files are not here. */
  readonly kind: 'persists' | 'resolved' | 'unknown';
  readonly text: string;
}

export interface Explanation {
  readonly kind: LoaderErrorKind;
  /** Each place in the text that says it. */
  readonly spans: readonly TextSpan[];
  /** The words of the error, on one line, without escape sequences. */
  readonly message: string;
  readonly title: string;
  /** What it means and how it comes about. */
  readonly summary: string;
  /** What was found out about the files at hand, a sentence each. */
  readonly facts: readonly string[];
  /** The file that could not be loaded, or that asks for what is not there. */
  readonly object: NamedFile | null;
  /** The program that was started. */
  readonly program: NamedFile | null;
  /** Who needs the object. */
  readonly requiredBy: NamedFile | null;
  readonly symbol: NamedSymbol | null;
  readonly provider: Provider | null;
  readonly state: PresentState;
  /** What to try first stands first. */
  readonly remedies: readonly Remedy[];
  readonly evidence: readonly Evidence[];
}

export interface Explanations {
  readonly explanations: readonly Explanation[];
  /** Characters of the text that were looked at; fewer than it has where it is larger than any log. */
  readonly examinedCharacters: number;
}

/**
 * Client → server: what each loader, import and link error in a text means, whether it still holds for the files on disk, and
 * what to do. Nothing is run or loaded. Cancellable. No error is no failure: the list is empty.
 */
export const explainText = requestMethod<ExplainParams, Explanations>('binaryDetective/explain/text');

/**
 * A quick test whether a line may hold such an error, for links in a terminal, which shows thousands of lines. What it lets
 * through is asked about with {@link explainText}.
 */
export function mayBeLoaderError(line: string): boolean {
  return line.length <= 8000 && hints.test(line);
}

const hints = new RegExp(
  [
    'error while loading shared libraries',
    'symbol lookup error',
    'undefined symbol: ',
    'not found \\(required by ',
    'cannot open shared object file',
    'wrong ELF class',
    'static TLS block',
    'invalid ELF header',
    'file too short',
    'executable stack',
    'segment prot after reloc',
    'make segment writable',
    'failed to map segment',
    'ELF load command',
    'no version information available',
    'Inconsistency detected by ld\\.so: ',
    'cannot be preloaded',
    'link time reference',
    'dynamic module does not define',
    '^ModuleNotFoundError: No module named',
    'Error relocating ',
    'Error loading shared library',
    'required file not found',
    'bad interpreter',
    '^exec /\\S+: no such file or directory',
    ', needed by .*, not found',
    'cannot execute binary file',
    '[Ee]xec format error',
    'library not found: ',
    "_[\\d.]+['\u2019\u00BB\u00AB\u201D] [^(]*\\(.*[./]",
    '(?:cannot|unable to) find (?:library )?-l',
    'undefined reference to ',
    'skipping incompatible ',
    'DSO missing from command line',
    'CPU ISA level is lower',
    '(?:ImportError|OSError|UnsatisfiedLinkError): .*\\.so\\b',
  ].join('|'),
  'u',
);
