import { relocationTypes } from './relocation-types.ts';

/** Relocation types of BPF; binutils before 2.41 knew others, as GNU readelf names them (Linux Documentation/bpf/llvm_reloc.rst). */
export const bpfRelocationTypes = relocationTypes('R_BPF_', [
  [0, 'NONE 64_64 64_ABS64 64_ABS32 64_NODYLD32'],
  [10, '64_32'],
  [256, 'GNU_64_16'],
]);
