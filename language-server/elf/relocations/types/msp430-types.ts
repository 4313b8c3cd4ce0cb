import { relocationTypes } from './relocation-types.ts';

/** Relocation types of MSP430X, as GNU readelf names them. */
export const msp430RelocationTypes = relocationTypes('R_MSP430', [
  [
    1,
    `
      _ABS32 _ABS16 _ABS8 _PCR16 X_PCR20_EXT_SRC X_PCR20_EXT_DST X_PCR20_EXT_ODST X_ABS20_EXT_SRC X_ABS20_EXT_DST
      X_ABS20_EXT_ODST X_ABS20_ADR_SRC X_ABS20_ADR_DST X_PCR16 X_PCR20_CALL X_ABS16 _ABS_HI16 _PREL31 _EHTYPE
      X_10_PCREL X_2X_PCREL X_SYM_DIFF X_GNU_SET_ULEB128 X_GNU_SUB_ULEB128
    `,
  ],
]);
