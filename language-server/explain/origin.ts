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
  const requester = libraryIn(parts.slice(0, -1).reverse());
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

/** The nearest library that is named before: by its path, or in quotes as Perl and PostgreSQL do. */
function libraryIn(parts: readonly string[]): string | null {
  for (const part of parts) {
    const quoted = /'(?<path>[^'\n]*\.so[^'\n]*)'[^']*$/u.exec(part)?.groups?.['path'];
    const found = quoted ?? lastFile(part);
    if (/\.so\b|^\.{0,2}\//u.test(found)) return found;
  }
  return null;
}

/** The last word, or all from the last word on that begins like a path: folders may have blanks in their names. */
function lastWords(text: string): string {
  const words = text.split(/\s+/u);
  const last = words.at(-1) ?? '';
  if (/^\.{0,2}\//u.test(last) || !last.includes('/')) return unquoted(last);
  const start = words.findLastIndex(word => /^\.{0,2}\//u.test(word));
  return unquoted(start < 0 ? last : words.slice(start).join(' '));
}

/** What follows the last bracket or quote that stands open: PHP tells of each file that it tried in brackets. */
function lastFile(given: string): string {
  const open = Math.max(given.lastIndexOf(' ('), given.lastIndexOf(" '"));
  const text = open < 0 || /[)']/u.test(given.slice(open + 2)) ? given : given.slice(open + 2);
  return unquoted(lastWords(text.replace(/[')\]]+$/u, '')).replace(/^[('[]+/u, ''));
}

function unquoted(text: string): string {
  return text.replace(/^[('[\s]+/u, '').replace(/[')\]\s]+$/u, '');
}
