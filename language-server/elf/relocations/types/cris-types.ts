import { relocationTypes } from './relocation-types.ts';

/** Relocation types of CRIS, as GNU readelf names them. */
export const crisRelocationTypes = relocationTypes('R_CRIS_', [
  [
    0,
    `
      NONE 8 16 32 8_PCREL 16_PCREL 32_PCREL GNU_VTINHERIT GNU_VTENTRY COPY GLOB_DAT JUMP_SLOT RELATIVE 16_GOT
      32_GOT 16_GOTPLT 32_GOTPLT 32_GOTREL 32_PLT_GOTREL 32_PLT_PCREL 32_GOT_GD 16_GOT_GD 32_GD DTP 32_DTPREL
      16_DTPREL 32_GOT_TPREL 16_GOT_TPREL 32_TPREL 16_TPREL DTPMOD 32_IE
    `,
  ],
]);
