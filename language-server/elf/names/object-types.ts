import { hex } from '../reader/fields.ts';

const names: Readonly<Record<number, string>> = { 0: 'ET_NONE', 1: 'ET_REL', 2: 'ET_EXEC', 3: 'ET_DYN', 4: 'ET_CORE' };

/** `ET_DYN`; the number in hexadecimal where it is the system's or the processor's own. */
export function objectTypeName(type: number): string {
  return names[type] ?? hex(type);
}
