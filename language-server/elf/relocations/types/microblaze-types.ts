import { relocationTypes } from './relocation-types.ts';

/** Relocation types of MicroBlaze, as GNU readelf names them. */
export const microblazeRelocationTypes = relocationTypes('R_MICROBLAZE_', [
  [
    0,
    `
      NONE 32 32_PCREL 64_PCREL 32_PCREL_LO 64 32_LO SRO32 SRW32 64_NONE 32_SYM_OP_SYM GNU_VTINHERIT GNU_VTENTRY
      GOTPC_64 GOT_64 PLT_64 REL JUMP_SLOT GLOB_DAT GOTOFF_64 GOTOFF_32 COPY TLS TLSGD TLSLD TLSDTPMOD32
      TLSDTPREL32 TLSDTPREL64 TLSGOTTPREL32 TLSTPREL32 TEXTPCREL_64 TEXTREL_64 TEXTREL_32_LO
    `,
  ],
]);
