import { relocationTypes } from './relocation-types.ts';

/** Relocation types of m68k, as GNU readelf names them (System V ABI, 68000 supplement). */
export const m68kRelocationTypes = relocationTypes('R_68K_', [
  [
    0,
    `
      NONE 32 16 8 PC32 PC16 PC8 GOT32 GOT16 GOT8 GOT32O GOT16O GOT8O PLT32 PLT16 PLT8 PLT32O PLT16O PLT8O COPY
      GLOB_DAT JMP_SLOT RELATIVE GNU_VTINHERIT GNU_VTENTRY TLS_GD32 TLS_GD16 TLS_GD8 TLS_LDM32 TLS_LDM16 TLS_LDM8
      TLS_LDO32 TLS_LDO16 TLS_LDO8 TLS_IE32 TLS_IE16 TLS_IE8 TLS_LE32 TLS_LE16 TLS_LE8 TLS_DTPMOD32 TLS_DTPREL32
      TLS_TPREL32
    `,
  ],
]);
