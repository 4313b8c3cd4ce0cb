import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a piece of work read of files, and the memory that it took for it. */
export interface MemoryAccount {
  /** What read(2) brought, all reads together: the bytes that were looked at. */
  readonly bytesRead: number;
  /** Of all buffers and typed arrays that were made meanwhile, also of those that are garbage again. */
  readonly bufferBytes: number;
}

const total = { bytesRead: 0, bufferBytes: 0 };
let isInstalled = false;

/**
 * Counts from now on in the real functions, which go on to do their work: `fs.readSync`, what makes a Buffer, and the
 * constructors of typed arrays. What Node makes inside of itself is not seen; `process.memoryUsage().arrayBuffers` has that too.
 */
export function installMemoryAccount(): void {
  if (isInstalled) return;
  isInstalled = true;
  const { readSync } = fs;
  Object.assign(fs, {
    readSync: (...given: readonly unknown[]): number => {
      const count: unknown = Reflect.apply(readSync, fs, given);
      total.bytesRead += Number(count);
      return Number(count);
    },
  });
  syncBuiltinESMExports();
  for (const name of ['alloc', 'allocUnsafe', 'allocUnsafeSlow', 'concat', 'copyBytesFrom'] as const) {
    const make: unknown = Reflect.get(Buffer, name);
    if (typeof make !== 'function') throw new Error(`There is no Buffer.${name}.`);
    Reflect.set(Buffer, name, (...given: readonly unknown[]): unknown => counted(Reflect.apply(make, Buffer, given)));
  }
  const { from } = Buffer;
  Reflect.set(Buffer, 'from', (...given: readonly unknown[]): unknown => {
    const made: unknown = Reflect.apply(from, Buffer, given);
    return isView(given[0]) ? made : counted(made);
  });
  for (const name of typedArrays) countConstructor(name);
}

/** Does the work; what it read and took. */
export async function accountFor<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly account: MemoryAccount }> {
  if (!isInstalled) throw new Error('The account was not installed.');
  const before = { ...total };
  const value = await work();
  return {
    value,
    account: {
      bytesRead: total.bytesRead - before.bytesRead,
      bufferBytes: total.bufferBytes - before.bufferBytes,
    },
  };
}

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

/** Memory that is still reachable, of the heap and of buffers, in bytes. Collects all garbage first: takes some 20 ms. */
export function reachableBytes(): number {
  if (typeof collect !== 'function') throw new Error('V8 gives no way to collect garbage.');
  Reflect.apply(collect, undefined, []);
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const typedArrays = [
  'Uint8Array',
  'Int8Array',
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'Int32Array',
  'Float64Array',
  'BigUint64Array',
  'BigInt64Array',
] as const;

function countConstructor(name: (typeof typedArrays)[number]): void {
  const original = globalThis[name];
  const counting = new Proxy(original, {
    construct(target, given: unknown[], newTarget): object {
      const made: object = Reflect.construct(target, given, newTarget);
      if (!isView(given[0])) counted(made);
      return made;
    },
  });
  Reflect.set(globalThis, name, counting);
}

/** A view of memory that is there already. */
function isView(source: unknown): boolean {
  return source instanceof ArrayBuffer || source instanceof SharedArrayBuffer;
}

function counted(made: unknown): unknown {
  if (ArrayBuffer.isView(made)) total.bufferBytes += made.byteLength;
  return made;
}
