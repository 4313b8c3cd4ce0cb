import { basename } from 'node:path';
import { displayText } from '../protocol/display-text.ts';
import type { StackFrame } from '../protocol/faults.ts';

/** Whether a frame is code of the system's, which is rarely where a bug is. */
export function isSystemFrame({ module }: StackFrame): boolean {
  return module === '' || module.startsWith('[') || /^\/(?:usr\/)?lib(?:32|64|x32)?\//u.test(module);
}

/** The innermost frame of the program's own code, with its line where there is one; undefined for an empty stack. */
export function ownFrame(stack: readonly StackFrame[]): StackFrame | undefined {
  const own = stack.filter(frame => !isSystemFrame(frame));
  return own.find(frame => frame.line !== null) ?? own[0] ?? stack.find(frame => frame.line !== null) ?? stack[0];
}

/** "at inventory.c:42 in add_item", "in strlen (libc.so.6+0x9f2a1)", "at tool+0x1234". */
export function frameText(frame: StackFrame): string {
  const { file, line, offset } = frame;
  const named = frame.function === null ? '' : ` in ${frame.function}`;
  const module = frame.module === '' ? 'memory without a file' : basename(frame.module);
  if (file !== null && line !== null) return displayText(`at ${basename(file)}:${line}${named}`);
  return displayText(frame.function === null ? `at ${module}+${offset}` : `${named.trim()} (${module}+${offset})`);
}

/** Where a stack is, for a sentence: its innermost frame, and the program's own code that led there. */
export function stackText(stack: readonly StackFrame[]): string {
  const [first] = stack;
  const own = ownFrame(stack);
  if (first === undefined || own === undefined) return '';
  return first === own || !isSystemFrame(first) ? frameText(own) : `${frameText(first)}, called ${frameText(own)}`;
}
