/** Who a message is from, by what stands before it on its line. */
export interface Origin {
  /** What was started: "./app". */
  readonly program: string | null;
  /** What the message is about: the text before its last colon. */
  readonly object: string;
  /** A library that is named before it, which needs it: Java's `/tmp/libjni.so: libfoo.so: cannot open …`. */
  readonly requester: string | null;
  /** Who tells: the loader at the start of a program, or who called dlopen. */
  readonly teller: 'loader' | 'python' | 'other';
  /** How many characters of the line are part of it, counted from its end. */
  readonly length: number;
}

/** `DL_DEBUG`'s and rtld's "occasion" (glibc elf/dl-catch.c fatal_error). */
const occasions =
  /(?:^|\s)(?<program>\S[^\n]*?): (?:error while loading shared libraries|symbol lookup error|relocation error|version lookup error|error): (?<object>[^\n]*)$/u;
/** Exceptions of languages: a word that ends in Error or Exception, with what stands before it in a log. */
const exceptions = /(?:^|[\s.(['])(?<name>[A-Za-z_][\w.]*(?:Error|Exception)): (?<object>[^\n]*)$/u;

/** @param before The line up to the message, without the colon and blank before that. */
export function originOf(before: string): Origin {
  const start = occasions.exec(before);
  if (start?.groups !== undefined) {
    const { program = '', object = '' } = start.groups;
    const words = lastWords(program);
    const from = start.index + start[0].indexOf(program) + program.lastIndexOf(words);
    return { program: words, object: object.trim(), requester: null, teller: 'loader', length: before.length - from };
  }
  const thrown = exceptions.exec(before);
  const told = thrown?.groups?.['object'] ?? before;
  const parts = told.split(/: (?=\S)/u).map(part => part.trim());
  const last = parts.at(-1) ?? '';
  const object = thrown !== null && parts.length === 1 ? unquoted(last) : lastFile(last);
  const before_ = parts.at(-2);
  const requester = before_ !== undefined && /\.so\b|\//u.test(before_) ? lastFile(before_) : null;
  const name = thrown?.groups?.['name'] ?? '';
  const objectAt = before.lastIndexOf(object);
  const requesterAt = requester === null ? -1 : before.lastIndexOf(requester, objectAt - 1);
  const from = thrown !== null ? before.indexOf(name) : Math.max(0, requesterAt < 0 ? objectAt : requesterAt);
  return {
    program: null,
    object,
    requester: requester === object ? null : requester,
    teller: /^(?:ImportError|OSError)$/u.test(name) ? 'python' : 'other',
    length: before.length - from,
  };
}

/** The last word, or all from the last word on that begins like a path: folders may have blanks in their names. */
function lastWords(text: string): string {
  const words = text.split(/\s+/u);
  const last = words.at(-1) ?? '';
  if (/^\.{0,2}\//u.test(last) || !last.includes('/')) return unquoted(last);
  const start = words.findLastIndex(word => /^\.{0,2}\//u.test(word));
  return unquoted(start < 0 ? last : words.slice(start).join(' '));
}

function lastFile(text: string): string {
  return unquoted(lastWords(text.replace(/[')\]]+$/u, '')).replace(/^[('[]+/u, ''));
}

function unquoted(text: string): string {
  return text.replace(/^[('[\s]+/u, '').replace(/[')\]\s]+$/u, '');
}
