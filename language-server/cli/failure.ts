import { displayText } from '../protocol/display-text.ts';
import type { UserError } from '../protocol/errors.ts';

/** A failure for a terminal, with what to do on a line of its own. */
export function failureText({ message, remedy }: UserError): string {
  const told = `binary-detective: ${displayText(message)}`;
  return remedy === undefined ? told : `${told}\n  ${displayText(remedy)}`;
}
