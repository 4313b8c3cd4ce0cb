import { relocationTypes } from './relocation-types.ts';

/** Relocation types of AVR, as GNU readelf names them. */
export const avrRelocationTypes = relocationTypes('R_AVR_', [
  [
    0,
    `
      NONE 32 7_PCREL 13_PCREL 16 16_PM LO8_LDI HI8_LDI HH8_LDI LO8_LDI_NEG HI8_LDI_NEG HH8_LDI_NEG LO8_LDI_PM
      HI8_LDI_PM HH8_LDI_PM LO8_LDI_PM_NEG HI8_LDI_PM_NEG HH8_LDI_PM_NEG CALL LDI 6 6_ADIW MS8_LDI MS8_LDI_NEG
      LO8_LDI_GS HI8_LDI_GS 8 8_LO8 8_HI8 8_HLO8 DIFF8 DIFF16 DIFF32 LDS_STS_16 PORT6 PORT5 32_PCREL
    `,
  ],
]);
