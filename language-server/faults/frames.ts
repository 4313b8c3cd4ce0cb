import { basename } from 'node:path';
import { displayText } from '../protocol/display-text.ts';
import type { StackFrame } from '../protocol/faults.ts';

/** Whether a frame is code of the system's, be it inlined from its headers: that is rarely where a bug is. */
export function isSystemFrame({ module, file }: StackFrame): boolean {
  if (file !== null && /^\/usr\/(?:include|lib\/gcc)\//u.test(file)) return true;
  return module === '' || module.startsWith('[') || /^\/(?:usr\/)?lib(?:32|64|x32)?\//u.test(module);
}

/** The innermost frame of the program's own code, with its line where there is one; else the innermost of all. */
export function ownFrame(stack: readonly StackFrame[]): StackFrame | undefined {
  const own = stack.filter(frame => !isSystemFrame(frame));
  return own.find(frame => frame.line !== null) ?? own[0] ?? stack[0];
}

/** Where the person's own code was: "at inventory.c:42 in add_item", "in parse (tool+0x12f)", "at tool+0x1234". */
export function ownPlace(stack: readonly StackFrame[]): string | undefined {
  const frame = ownFrame(stack);
  if (frame === undefined) return undefined;
  const { file, line, offset } = frame;
  const place = `${moduleName(frame)}+${offset}`;
  const named = frame.function === null ? undefined : `in ${frame.function}`;
  if (file !== null && line !== null) return displayText(`at ${basename(file)}:${line}${named ? ` ${named}` : ''}`);
  return displayText(named === undefined ? `at ${place}` : `${named} (${place})`);
}

/** The same, with the function of the system's that it had called: "in strlen (libc.so.6), called at csv.c:12 in split". */
export function placeWithCallee(stack: readonly StackFrame[]): string | undefined {
  const [first] = stack;
  const place = ownPlace(stack);
  if (first === undefined || place === undefined || first === ownFrame(stack) || first.function === null) return place;
  if (!isSystemFrame(first)) return place;
  return `${displayText(`in ${first.function} (${moduleName(first)})`)}, called ${place}`;
}

function moduleName({ module }: StackFrame): string {
  return module === '' ? 'memory without a file' : basename(module);
}
