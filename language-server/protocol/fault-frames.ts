import type { StackFrame } from './faults.ts';

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
