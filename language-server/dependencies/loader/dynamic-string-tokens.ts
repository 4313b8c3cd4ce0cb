import type { ByteText } from '../../protocol/elf.ts';

/** What `$ORIGIN`, `$LIB` and `$PLATFORM` stand for in names of one object; null: the loader has no value for it. */
export interface TokenValues {
  readonly origin: ByteText | null;
  readonly lib: string;
  readonly platform: string | null;
}

/** `$ORIGIN` but not `$ORIGINx`, `${LIB}`, and `${LIB}x` but not `${LIBx}` (gABI; glibc `is_dst`). */
const token = /\$(?:\{(ORIGIN|PLATFORM|LIB)\}|(ORIGIN|PLATFORM|LIB)(?![A-Za-z0-9_]))/gu;

export function hasTokens(text: ByteText): boolean {
  return text.includes('$') && text.search(token) >= 0;
}

/** Null where a token has no value: glibc then drops the whole path (`_dl_dst_substitute`). */
export function substituteTokens(text: ByteText, values: TokenValues): ByteText | null {
  if (!text.includes('$')) return text;
  let unknown = false;
  const result = text.replace(token, (_whole, braced: string | undefined, plain: string | undefined) => {
    const value = tokenValue(braced ?? plain ?? '', values);
    unknown ||= value === null;
    return value ?? '';
  });
  return unknown ? null : result;
}

function tokenValue(name: string, values: TokenValues): ByteText | null {
  if (name === 'ORIGIN') return values.origin;
  return name === 'LIB' ? values.lib : values.platform;
}

/**
 * The same for a program with more rights than its caller (setuid): `$ORIGIN` only as the whole first element, and for the
 * main program only if what comes out is below a trusted folder (glibc `_dl_dst_substitute`, `is_trusted_path_normalize`).
 */
export function substituteTokensSecurely(
  text: ByteText,
  values: TokenValues,
  isMainProgram: boolean,
  trustedFolders: readonly ByteText[],
): ByteText | null {
  const tokens = [...text.matchAll(token)];
  const origins = tokens.filter(match => (match[1] ?? match[2]) === 'ORIGIN');
  const misplaced = origins.some(match => {
    const after = text[match.index + match[0].length];
    return match.index !== 0 || (after !== undefined && after !== '/');
  });
  if (misplaced) return null;
  const result = substituteTokens(text, values);
  if (result === null || origins.length === 0 || !isMainProgram) return result;
  const normal = `${normalised(result)}/`;
  return trustedFolders.some(folder => normal.startsWith(folder)) ? result : null;
}

/** `/a/./b//../c` is `/a/c`: lexically, as glibc does it here. */
function normalised(path: ByteText): ByteText {
  const kept: ByteText[] = [];
  for (const name of path.split('/')) {
    if (name === '..') kept.pop();
    else if (name !== '' && name !== '.') kept.push(name);
  }
  return `/${kept.join('/')}`;
}
