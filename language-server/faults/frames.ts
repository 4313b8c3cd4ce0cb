import { basename } from 'node:path';
import { displayText } from '../protocol/display-text.ts';
import { isSystemFrame, ownFrame } from '../protocol/fault-frames.ts';
import type { StackFrame } from '../protocol/faults.ts';

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
