import type { FieldReader } from '../reader/fields.ts';

/** An address in the full width of its class: `0x0000000000401000`. */
export function digits(value: bigint, { wordBytes }: FieldReader): string {
  return `0x${value.toString(16).padStart(2 * wordBytes, '0')}`;
}
