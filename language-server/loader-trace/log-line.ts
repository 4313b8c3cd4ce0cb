import type { ByteText } from '../protocol/elf.ts';

/**
 * What one line of LD_DEBUG says. The formats are those of glibc's `_dl_debug_printf` calls in elf/dl-load.c, dl-lookup.c,
 * dl-version.c, dl-reloc.c, dl-init.c, dl-fini.c, dl-open.c, dl-close.c, dl-error-skeleton.c, rtld.c and csu/libc-start.c;
 * versions from 2.3 on differ in wording only where a pattern below has an optional part.
 */
export type LogEvent =
  | {
      readonly kind: 'asked';
      readonly name: ByteText;
      readonly namespace: number;
      readonly by: ByteText;
      readonly dynamic: boolean;
    }
  | { readonly kind: 'search'; readonly name: ByteText; readonly namespace: number }
  | { readonly kind: 'place'; readonly what: string; readonly from: ByteText | null }
  | { readonly kind: 'try'; readonly path: ByteText }
  | { readonly kind: 'remark'; readonly text: string }
  | { readonly kind: 'mapping'; readonly name: ByteText; readonly namespace: number }
  | { readonly kind: 'version' }
  | { readonly kind: 'relocation'; readonly object: ByteText; readonly lazy: boolean }
  | Binding
  | { readonly kind: 'init' | 'preinit' | 'fini' | 'opened' | 'unmapped'; readonly object: ByteText }
  | { readonly kind: 'initProgram' | 'control'; readonly program: ByteText }
  | {
      readonly kind: 'error';
      readonly object: ByteText;
      readonly occasion: string;
      readonly message: string;
      readonly fatal: boolean;
    }
  | { readonly kind: 'statistics' }
  | { readonly kind: 'statistic'; readonly label: string; readonly value: number }
  | { readonly kind: 'other' };

export interface Binding {
  readonly kind: 'binding';
  readonly from: ByteText;
  readonly fromNamespace: number;
  readonly to: ByteText;
  readonly toNamespace: number;
  readonly symbol: ByteText;
  readonly version: ByteText | null;
}

const other: LogEvent = { kind: 'other' };

/** @param text the line behind the tag with the process id. */
export function parseLogLine(text: ByteText): LogEvent {
  switch (text[0]) {
    case 'b':
      return parseBinding(text) ?? parseError(text);
    case ' ':
      return parseIndented(text);
    case 'f':
      return parseFile(text) ?? parseError(text);
    case 'c':
      return parseCall(text) ?? parseError(text);
    case undefined:
      return other;
    default:
      return parsePlain(text) ?? parseError(text);
  }
}

/** The namespace is left out by glibc up to 2.3. */
const bindingPattern =
  /^binding file (.*?) \[(\d+)\] to (.*?) \[(\d+)\]: (?:normal|protected) symbol `(.*)'(?: \[(.*)\])?$/su;

export function parseBinding(text: ByteText): Binding | null {
  const match = bindingPattern.exec(text);
  if (match === null) return null;
  const [, from = '', fromNamespace, to = '', toNamespace, symbol = '', version] = match;
  return {
    kind: 'binding',
    from,
    fromNamespace: Number(fromNamespace),
    to,
    toNamespace: Number(toNamespace),
    symbol,
    version: version ?? null,
  };
}

function parseIndented(text: ByteText): LogEvent {
  if (text.startsWith('  trying file=')) return { kind: 'try', path: text.slice('  trying file='.length) };
  if (text.startsWith(' search cache='))
    return { kind: 'place', what: 'cache', from: text.slice(' search cache='.length) };
  const path = /^ search path=.*\t\t\((.*?)(?: from file (.*))?\)$/su.exec(text);
  if (path !== null) return { kind: 'place', what: path[1] ?? '', from: path[2] ?? null };
  const remark = /^ {4}\((.*)\)$/u.exec(text) ?? /^ {2}(refusing to load file=.*)$/su.exec(text);
  if (remark !== null) return { kind: 'remark', text: remark[1] ?? '' };
  return parseStatistic(text) ?? other;
}

function parseStatistic(text: ByteText): LogEvent | null {
  const match = /^ *([a-z][a-z ]+): (\d+)(?: cycles(?: \([\d.]+%\))?)?$/su.exec(text);
  return match === null ? null : { kind: 'statistic', label: match[1] ?? '', value: Number(match[2]) };
}

function parseFile(text: ByteText): LogEvent | null {
  const asked =
    /^file=(.*?) \[(\d+)\]; {2}(needed by|dynamically loaded by) (.*) \[\d+\]( \(relocation dependency\))?$/su.exec(
      text,
    );
  if (asked !== null) {
    const [, name = '', namespace, verb, by = '', dependency] = asked;
    if (dependency !== undefined) return other;
    return { kind: 'asked', name, namespace: Number(namespace), by, dynamic: verb !== 'needed by' };
  }
  const mapping = /^file=(.*) \[(\d+)\]; {2}(generating|destroying) link map$/su.exec(text);
  if (mapping !== null) {
    const [, name = '', namespace, verb] = mapping;
    return verb === 'generating'
      ? { kind: 'mapping', name, namespace: Number(namespace) }
      : { kind: 'unmapped', object: name };
  }
  const search = /^find library=(.*?) \[(\d+)\]; searching$/su.exec(text);
  if (search !== null) return { kind: 'search', name: search[1] ?? '', namespace: Number(search[2]) };
  return parseStatistic(text);
}

function parseCall(text: ByteText): LogEvent | null {
  const call = /^calling (init|preinit|fini): (.*?)(?: \[\d+\])?$/su.exec(text);
  if (call !== null) return { kind: call[1] as 'init' | 'preinit' | 'fini', object: call[2] ?? '' };
  return text.startsWith('checking for version ') ? { kind: 'version' } : null;
}

function parsePlain(text: ByteText): LogEvent | null {
  const relocation = /^relocation processing: (.*?)( \(lazy\))?$/su.exec(text);
  if (relocation !== null)
    return { kind: 'relocation', object: relocation[1] ?? '', lazy: relocation[2] !== undefined };
  const control = /^(initialize program|transferring control): (.*)$/su.exec(text);
  if (control !== null) {
    return { kind: control[1] === 'transferring control' ? 'control' : 'initProgram', program: control[2] ?? '' };
  }
  const opened = /^opening file=(.*) \[\d+\]; direct_opencount=\d+$/su.exec(text);
  if (opened !== null) return { kind: 'opened', object: opened[1] ?? '' };
  return text === 'runtime linker statistics:' ? { kind: 'statistics' } : null;
}

/** `OBJECT: error: OCCASION: MESSAGE (fatal)` */
function parseError(text: ByteText): LogEvent {
  const match = /^(.*?): error: ([a-z ]+): (.*) \((fatal|continued)\)$/su.exec(text);
  if (match === null) return other;
  const [, object = '', occasion = '', message = '', severity] = match;
  return { kind: 'error', object, occasion, message, fatal: severity === 'fatal' };
}
