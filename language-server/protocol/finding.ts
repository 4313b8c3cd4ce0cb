export type Severity = 'error' | 'warning' | 'information' | 'hint';

/** Where an answer came from, so that a person can check it by hand. */
export interface Evidence {
  /** The rule, in the words of its source ("gABI: Program Header", "glibc elf/dl-load.c _dl_map_object"). */
  readonly rule?: string;
  /** A shell command that shows the same; file names are quoted for POSIX sh. */
  readonly command?: string;
}

/**
 * Something worth telling about a file. A finding never stops a reader: what could be read is still returned beside it.
 * `code` is stable and kebab-case (`elf/executable-stack`, `dependencies/missing-library`).
 */
export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  /** Offset in the file, in bytes, where the broken or remarkable part begins. */
  readonly offset?: number;
  readonly expected?: string;
  readonly actual?: string;
  readonly evidence?: Evidence;
}
