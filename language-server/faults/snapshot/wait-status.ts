import { constants } from 'node:os';

/** What wait(2) says of a process that ended. */
export function exitOf(status: number): { readonly exitCode: number | null; readonly signal: string | null } {
  const signal = status & 0x7f;
  if (signal === 0) return { exitCode: (status >> 8) & 0xff, signal: null };
  const name = Object.entries(constants.signals).find(([, value]) => value === signal)?.[0];
  return { exitCode: null, signal: name ?? `signal ${signal}` };
}
