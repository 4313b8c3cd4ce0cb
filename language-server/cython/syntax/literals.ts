import type { Literal } from './syntax.ts';

/** What a number is, as written. */
export function numberLiteral(text: string): Literal {
  if (/[jJ]$/u.test(text)) return 'complex';
  if (/^0[xXoObB]/u.test(text)) return isLong(text) ? 'longInt' : 'int';
  if (/[.eE]/u.test(text)) return 'float';
  return isLong(text) ? 'longInt' : 'int';
}

/** A number that fits no C long becomes a Python object (Cython.Utils.long_literal). */
function isLong(text: string): boolean {
  if (text.length > 24) return true;
  const digits = text.replace(/[uUlL]+$/u, '').replaceAll('_', '');
  try {
    const value = BigInt(/^0[0-7]+$/u.test(digits) ? `0o${digits.slice(1) || '0'}` : digits);
    return value >= 1n << 31n;
  } catch {
    return false;
  }
}

/** What a string is, by its prefix: `b""`, `u""`, `f""`, `c""`. */
export function stringLiteral(text: string): Literal {
  const prefix = /^[a-zA-Z]*/u.exec(text)?.[0].toLowerCase() ?? '';
  if (prefix.includes('c')) return 'char';
  if (prefix.includes('b')) return 'bytes';
  return prefix.includes('u') || prefix.includes('f') ? 'unicode' : 'str';
}
