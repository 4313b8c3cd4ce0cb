import { relocationTypes } from './relocation-types.ts';

/** Relocation types of Alpha, as GNU readelf names them. */
export const alphaRelocationTypes = relocationTypes('R_ALPHA_', [
  [0, 'NONE REFLONG REFQUAD GPREL32 LITERAL LITUSE GPDISP BRADDR HINT SREL16 SREL32 SREL64'],
  [17, 'GPRELHIGH GPRELLOW GPREL16'],
  [
    24,
    `
      COPY GLOB_DAT JMP_SLOT RELATIVE BRSGP TLSGD TLSLDM DTPMOD64 GOTDTPREL DTPREL64 DTPRELHI DTPRELLO DTPREL16
      GOTTPREL TPREL64 TPRELHI TPRELLO TPREL16
    `,
  ],
]);
