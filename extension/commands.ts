import * as vscode from 'vscode';
import type { CommandId } from './command-ids.ts';
import { showFailure } from './failure.ts';
import type { Services } from './services.ts';

/** Registers a command whose failures are shown to the person who called it: this is the outermost handler. */
export function registerCommand(
  { context, log }: Services,
  id: CommandId,
  run: (...args: readonly unknown[]) => unknown,
): void {
  const guarded = async (...args: readonly unknown[]): Promise<unknown> => {
    try {
      return await run(...args);
    } catch (error) {
      showFailure(log, error);
      return undefined;
    }
  };
  context.subscriptions.push(vscode.commands.registerCommand(id, guarded));
}
