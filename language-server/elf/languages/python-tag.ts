import { domainToUnicode } from 'node:url';
import type { ByteText } from '../../protocol/elf.ts';

/** The tag between the name of a module and `.so` (PEP 3149; importlib.machinery.EXTENSION_SUFFIXES). */
export interface PythonTag {
  readonly implementation: 'CPython' | 'PyPy' | 'GraalPy';
  /** As it stands there: "cpython-311-x86_64-linux-gnu". */
  readonly text: string;
  /** "3.11"; null: any version from the one on that it was built for (the stable ABI, `abi3`). */
  readonly version: string | null;
  readonly isStableAbi: boolean;
  /** Built for Python without the global interpreter lock (PEP 703). */
  readonly isFreeThreaded: boolean;
  readonly isDebug: boolean;
  /** "x86_64-linux-gnu"; null: it does not say. */
  readonly platform: string | null;
}

const cpython = /^cpython-(\d)(\d+)([a-z]*)(?:-(.+))?$/u;
const stable = /^abi3(t?)(?:-(.+))?$/u;
const pypy = /^pypy(\d)(\d+)-pp\d+(?:-(.+))?$/u;
const graalpy = /^graalpy(?:\d+)?-(\d)(\d+)-native(?:-(.+))?$/u;

export function pythonTag(fileName: ByteText): PythonTag | null {
  const text = /^[^.]+\.(.+)\.so$/u.exec(fileName)?.[1];
  if (text === undefined) return null;
  const plain = { text, isStableAbi: false, isFreeThreaded: false, isDebug: false } as const;
  let match = cpython.exec(text);
  if (match !== null) {
    const flags = match[3] ?? '';
    return {
      ...plain,
      implementation: 'CPython',
      version: `${match[1]}.${match[2]}`,
      isFreeThreaded: flags.includes('t'),
      isDebug: flags.includes('d'),
      platform: match[4] ?? null,
    };
  }
  match = stable.exec(text);
  if (match !== null) {
    const isFreeThreaded = match[1] === 't';
    return {
      ...plain,
      implementation: 'CPython',
      version: null,
      isStableAbi: true,
      isFreeThreaded,
      platform: match[2] ?? null,
    };
  }
  match = pypy.exec(text);
  if (match !== null) {
    return { ...plain, implementation: 'PyPy', version: `${match[1]}.${match[2]}`, platform: match[3] ?? null };
  }
  match = graalpy.exec(text);
  if (match === null) return null;
  return { ...plain, implementation: 'GraalPy', version: `${match[1]}.${match[2]}`, platform: match[3] ?? null };
}

/** The module that a function is for: `PyInit_name`; `PyInitU_…` is punycode with `_` for `-` (PEP 489); `initname`. */
export function pythonModuleName(init: ByteText): ByteText {
  if (init.startsWith('PyInitU_')) {
    const encoded = init.slice('PyInitU_'.length);
    const last = encoded.lastIndexOf('_');
    const punycode = last < 0 ? encoded : `${encoded.slice(0, last)}-${encoded.slice(last + 1)}`;
    return domainToUnicode(`xn--${punycode}`) || encoded;
  }
  return init.replace(/^(?:PyInit_|init)/u, '');
}
