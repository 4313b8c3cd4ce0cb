import type { ByteText, ElfKind, FileParams, FileVersion, Hardening } from './elf.ts';
import type { Finding } from './finding.ts';
import { requestMethod } from './method.ts';

export interface HardeningReport {
  readonly path: ByteText;
  readonly version: FileVersion;
  readonly kind: ElfKind;
  readonly hardening: Hardening;
  /** What weakens the process that the file becomes part of; the same as in the overview. */
  readonly findings: readonly Finding[];
  /** Shell commands that show what the verdicts rest on. */
  readonly commands: readonly string[];
}

/**
 * Client → server: which protections the file has, each verdict with what shows it. Reads the names of the symbols and, for
 * one of the verdicts, up to 64 MiB of code.
 * Errors: as `elf/overview`.
 */
export const elfHardening = requestMethod<FileParams, HardeningReport>('binaryDetective/elf/hardening');
