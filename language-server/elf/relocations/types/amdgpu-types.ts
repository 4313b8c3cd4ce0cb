import { relocationTypes } from './relocation-types.ts';

/** Relocation types of AMD GPUs, as GNU readelf names them. */
export const amdgpuRelocationTypes = relocationTypes('R_AMDGPU_', [
  [0, 'NONE ABS32_LO ABS32_HI ABS64 REL32 REL64 ABS32 GOTPCREL GOTPCREL32_LO GOTPCREL32_HI REL32_LO REL32_HI'],
  [13, 'RELATIVE64'],
  [16, 'REL16'],
]);
