import { machine } from '../names/machines.ts';
import type { ElfImage } from '../reader/elf-image.ts';

/** A thread of the process (NT_PRSTATUS, `struct elf_prstatus`). */
export interface CoreThread {
  /** The kernel's number of the thread; that of the first thread of a process is the process's. */
  readonly id: number;
  /** The signal that it got; 0: none. */
  readonly signalNumber: number;
  readonly parentId: number;
  /** Null: where the registers are is not known of this machine. */
  readonly instructionPointer: bigint | null;
  readonly stackPointer: bigint | null;
  /** Where its note stands in the file. */
  readonly noteOffset: number;
}

/** Numbers of registers in `pr_reg`. */
interface Registers {
  readonly instruction: number;
  readonly stack: number;
  /** Bytes of one, where they are not words of the file's class. */
  readonly bytes?: 4 | 8;
}

/** From `arch/…/include/uapi/asm/ptrace.h`, and for MIPS `asm/reg.h`. */
function registersOf(machineCode: number, elfClass: 32 | 64): Registers | null {
  switch (machineCode) {
    case machine.x86_64:
      return { instruction: 16, stack: 19, bytes: 8 };
    case machine.i386:
      return { instruction: 12, stack: 15 };
    case machine.aarch64:
      return { instruction: 32, stack: 31, bytes: 8 };
    case machine.arm:
      return { instruction: 15, stack: 13 };
    case machine.riscv:
      return { instruction: 0, stack: 2 };
    case machine.ppc:
    case machine.ppc64:
      return { instruction: 32, stack: 1 };
    case machine.s390:
      return elfClass === 64 ? { instruction: 1, stack: 17 } : null;
    case machine.mips:
    case machine.mipsLittleEndian:
      return elfClass === 64 ? { instruction: 34, stack: 29 } : { instruction: 40, stack: 35 };
    case machine.loongArch:
      return { instruction: 33, stack: 3 };
    default:
      return null;
  }
}

/** Null: the note is too short. */
export function decodeThread({ fields, header }: ElfImage, bytes: Buffer, noteOffset: number): CoreThread | null {
  const { wordBytes } = fields;
  // Three integers and a half word, then words where the machine wants them: m68k at even addresses already.
  const pending = header.machine === machine.m68k ? 14 : 16;
  const ids = pending + 2 * wordBytes;
  const registersAt = ids + 16 + 8 * wordBytes;
  if (bytes.length < ids + 16) return null;
  const registers = registersOf(header.machine, fields.class);
  const register = (index: number): bigint | null => {
    const size = registers?.bytes ?? wordBytes;
    const at = registersAt + index * size;
    if (at + size > bytes.length) return null;
    if (size === wordBytes) return fields.bigWord(bytes, at);
    return fields.byteOrder === 'little' ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at);
  };
  return {
    id: fields.u32(bytes, ids),
    signalNumber: fields.u16(bytes, 12),
    parentId: fields.u32(bytes, ids + 4),
    instructionPointer: registers === null ? null : register(registers.instruction),
    stackPointer: registers === null ? null : register(registers.stack),
    noteOffset,
  };
}
