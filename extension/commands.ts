import * as vscode from 'vscode';
import { showFailure } from './failure.ts';
import type { Services } from './services.ts';

/** Every command of package.json (a test holds the two equal). */
export const commandIds = {
  inspect: 'binaryDetective.inspect',
  disassemble: 'binaryDetective.disassemble',
  showDependencyTree: 'binaryDetective.showDependencyTree',
  refreshDependencies: 'binaryDetective.dependencies.refresh',
  closeDependencyRoot: 'binaryDetective.dependencies.close',
  inspectDependency: 'binaryDetective.dependencies.inspect',
  revealDependency: 'binaryDetective.dependencies.reveal',
  copyDependencyPath: 'binaryDetective.dependencies.copyPath',
  copyDependenciesAsText: 'binaryDetective.dependencies.copyAsText',
  runFaultInjection: 'binaryDetective.faults.runOnProgram',
  configureFaultPrograms: 'binaryDetective.faults.configurePrograms',
  diagnoseTools: 'binaryDetective.diagnoseTools',
  restartServer: 'binaryDetective.restartServer',
  showLog: 'binaryDetective.showLog',
} as const;

export type CommandId = (typeof commandIds)[keyof typeof commandIds];

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
