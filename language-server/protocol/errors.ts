/**
 * The failures that a person can act on. The number travels as the `code` of an LSP `ResponseError` (outside the ranges that
 * JSON-RPC and LSP reserve), the name as `data.kind`.
 */
export const errorCodes = {
  /** The file is not there, or went away while it was read. */
  notFound: 1001,
  /** The file is there, but may not be read. */
  unreadable: 1002,
  /** A directory, fifo, socket or device where a regular file was expected. Never opened. */
  notRegularFile: 1003,
  /** A regular file that does not begin with the ELF magic (text, an empty file, an archive, a script of the linker). */
  notElf: 1004,
  /** Something that is not supported yet and says so. */
  notSupported: 1005,
  /** A program that the request needs is not on this machine; `data.remedy` says how to get it. */
  toolMissing: 1010,
  /** A program ran and failed; its own words are in the message. */
  toolFailed: 1011,
  /** A program ran past its deadline and was killed with its whole process group. */
  toolTimedOut: 1012,
  /** The request would execute code, and the workspace is not trusted. */
  untrusted: 1020,
  /** Parameters that do not fit the contract. */
  invalidParams: 1030,
} as const;

export type ErrorKind = keyof typeof errorCodes;

/**
 * An error whose message is a sentence for a person: what failed, where the value came from, what to do. Low layers throw it,
 * only the outermost handler (an LSP response, the command line's last line) shows it.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly kind: ErrorKind;
  /** What to do, as a shell command or the name of a setting, where there is such a thing. */
  readonly remedy: string | undefined;

  constructor(kind: ErrorKind, message: string, remedy?: string) {
    super(message);
    this.kind = kind;
    this.remedy = remedy;
  }

  get code(): number {
    return errorCodes[this.kind];
  }
}

/** The `data` member of the `ResponseError` that a {@link UserError} becomes on the wire. */
export interface ErrorData {
  readonly kind: ErrorKind;
  readonly remedy?: string;
}
