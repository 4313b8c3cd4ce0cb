import type { TemplateResult } from 'lit';
import { copyableCommand } from '../copyable-command.ts';
import { host } from './host.ts';
import { text } from './texts.ts';

/** A shell command that shows the same as the page does, with a button that copies it. */
export function commandLine(command: string): TemplateResult {
  return copyableCommand(command, { copyCommand: text('copyCommand'), copied: text('copied') }, host.copy);
}
