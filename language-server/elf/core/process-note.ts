import type { ByteText } from '../../protocol/elf.ts';
import type { FieldReader } from '../reader/fields.ts';
import { fixedText } from './fixed-text.ts';

/** The process (NT_PRPSINFO, `struct elf_prpsinfo`). */
export interface CoreProcess {
  readonly id: number;
  readonly parentId: number;
  readonly userId: number;
  readonly groupId: number;
  /** A letter, as ps(1) has it: R, S, D, T, Z, …; empty where it is not known. */
  readonly state: string;
  /** Name of the program, 15 bytes of it. */
  readonly program: ByteText;
  /** The command line with spaces between, 79 bytes of it. */
  readonly command: ByteText;
}

interface Layout {
  readonly bytes: number;
  readonly userId: number;
  readonly idBytes: 2 | 4;
  readonly processId: number;
}

/** By the size: where the numbers of users and groups have 16 bits (i386, Arm, …), it is smaller. */
const layouts: Readonly<Record<32 | 64, readonly Layout[]>> = {
  32: [
    { bytes: 128, userId: 8, idBytes: 4, processId: 16 },
    { bytes: 124, userId: 8, idBytes: 2, processId: 12 },
  ],
  64: [{ bytes: 136, userId: 16, idBytes: 4, processId: 24 }],
};

const programBytes = 16;
const commandBytes = 80;

/** Null: the note is too short. */
export function decodeProcess(fields: FieldReader, bytes: Buffer): CoreProcess | null {
  const layout = layouts[fields.class].find(candidate => bytes.length >= candidate.bytes);
  if (layout === undefined) return null;
  const { userId, idBytes, processId } = layout;
  const id = (at: number): number => (idBytes === 2 ? fields.u16(bytes, at) : fields.u32(bytes, at));
  const program = processId + 16;
  const letter = bytes.readUInt8(1);
  return {
    id: fields.u32(bytes, processId),
    parentId: fields.u32(bytes, processId + 4),
    userId: id(userId),
    groupId: id(userId + idBytes),
    state: letter > 0x20 && letter < 0x7f ? String.fromCharCode(letter) : '',
    program: fixedText(bytes, program, programBytes),
    command: fixedText(bytes, program + programBytes, commandBytes).trimEnd(),
  };
}
