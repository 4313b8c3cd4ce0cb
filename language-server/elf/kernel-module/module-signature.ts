import type { ElfImage } from '../reader/elf-image.ts';

/** The signature behind the ELF file (Linux `include/linux/module_signature.h`, `scripts/sign-file.c`). */
export interface ModuleSignature {
  /** "PKCS#7" is what all kernels since 4.3 take. */
  readonly kind: 'PGP' | 'X.509' | 'PKCS#7' | 'unknown';
  /** Where the signature itself begins. */
  readonly offset: number;
  readonly sizeBytes: number;
}

const magic = '~Module signature appended~\n';
/** `struct module_signature`: five single bytes, three of padding, and the length, big-endian. */
const trailerBytes = 12;
const kinds = ['PGP', 'X.509', 'PKCS#7'] as const;

/** Null: the file ends with no signature. */
export function readModuleSignature({ source, findings }: ElfImage): ModuleSignature | null {
  const tail = trailerBytes + magic.length;
  const bytes = source.read(source.sizeBytes - tail, tail);
  if (bytes.length < tail || bytes.toString('latin1', trailerBytes) !== magic) return null;
  const sizeBytes = bytes.readUInt32BE(8);
  const end = source.sizeBytes - tail;
  if (sizeBytes > end) {
    findings.add({
      code: 'elf/module-signature',
      severity: 'warning',
      message: 'The signature of the kernel module is said to be longer than the file.',
      offset: end,
      expected: `at most ${end} bytes`,
      actual: `${sizeBytes}`,
      evidence: { rule: 'Linux include/linux/module_signature.h' },
    });
    return null;
  }
  return { kind: kinds[bytes.readUInt8(2)] ?? 'unknown', offset: end - sizeBytes, sizeBytes };
}
