import { machine } from '../names/machines.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import { signalCodeName, signalName } from './signal-names.ts';

export interface CoreSignal {
  readonly number: number;
  /** "SIGSEGV". */
  readonly name: string;
  /** `si_code`; null: only the number is known. */
  readonly code: number | null;
  /** "SEGV_MAPERR (no mapping at the address)"; null: unknown. */
  readonly codeName: string | null;
  /** The address that was accessed, or the instruction that failed; null: the signal has none. */
  readonly address: bigint | null;
  /** Who sent it (kill, tgkill, abort); null: the kernel did, or it is not known. */
  readonly senderId: number | null;
}

/** Signals of failed instructions and accesses, which have an address: ILL, TRAP, BUS, FPE, SEGV. */
const faults: ReadonlySet<string> = new Set(['SIGILL', 'SIGTRAP', 'SIGBUS', 'SIGFPE', 'SIGSEGV']);

/** NT_SIGINFO: `siginfo_t`. Null: the note is too short, or there was no signal. */
export function decodeSignal({ fields, header }: ElfImage, bytes: Buffer): CoreSignal | null {
  if (bytes.length < 12) return null;
  const number = signed(fields.u32(bytes, 0));
  if (number === 0) return null;
  // MIPS has the code before the error (arch/mips/include/uapi/asm/siginfo.h).
  const isMips = header.machine === machine.mips || header.machine === machine.mipsLittleEndian;
  const code = signed(fields.u32(bytes, isMips ? 4 : 8));
  const name = signalName(header.machine, number);
  // The union behind them is aligned as its pointers are.
  const union = fields.wordBytes === 8 ? 16 : 12;
  const hasUnion = bytes.length >= union + fields.wordBytes;
  const isFault = faults.has(name) && code > 0 && code !== kernelCode;
  return {
    number,
    name,
    code,
    codeName: signalCodeName(name, code),
    address: isFault && hasUnion ? fields.bigWord(bytes, union) : null,
    senderId: code <= 0 && hasUnion ? fields.u32(bytes, union) : null,
  };
}

/** SI_KERNEL: sent by the kernel itself, without an address. */
const kernelCode = 0x80;

/** What is known where there is no NT_SIGINFO. Null: no signal. */
export function signalOf({ header }: ElfImage, number: number): CoreSignal | null {
  if (number === 0) return null;
  const name = signalName(header.machine, number);
  return { number, name, code: null, codeName: null, address: null, senderId: null };
}

function signed(value: number): number {
  return value | 0;
}
