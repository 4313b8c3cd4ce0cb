import * as vscode from 'vscode';
import { displayText } from '../../language-server/protocol/display-text.ts';
import type { FaultRun, FaultVerdict, StackFrame } from '../../language-server/protocol/faults.ts';
import { sourceFrame } from './allocation-sites.ts';

/** What the Testing view shows for a verdict: a program that reports its failure properly has passed. */
export type TestOutcome = 'passed' | 'failed' | 'skipped';

export function testOutcome(verdict: FaultVerdict): TestOutcome {
  switch (verdict) {
    case 'unaffected':
    case 'cleanError':
      return 'passed';
    case 'notReached':
      return 'skipped';
    case 'silentError':
    case 'wrongOutput':
    case 'crash':
    case 'abort':
    case 'hang':
    case 'leak':
    case 'sanitizer':
      return 'failed';
  }
}

export function verdictText(verdict: FaultVerdict): string {
  switch (verdict) {
    case 'unaffected':
      return vscode.l10n.t('unaffected');
    case 'cleanError':
      return vscode.l10n.t('clean error');
    case 'silentError':
      return vscode.l10n.t('silent error');
    case 'wrongOutput':
      return vscode.l10n.t('wrong output');
    case 'crash':
      return vscode.l10n.t('crash');
    case 'abort':
      return vscode.l10n.t('abort');
    case 'hang':
      return vscode.l10n.t('hang');
    case 'leak':
      return vscode.l10n.t('leak');
    case 'sanitizer':
      return vscode.l10n.t('sanitizer report');
    case 'notReached':
      return vscode.l10n.t('not reached');
  }
}

/** What a failure is about: a run, or the group of a bug. */
export type Failure = Pick<FaultRun, 'verdict' | 'message' | 'crashStack' | 'injectedStack'>;

/** Marks messages that commands can be offered for (`testMessage` in package.json). */
export const failureContext = 'binaryDetective.faultFailure';

/** The failure at its source line: where the program died, else where the allocation failed that it did not check. */
export function failureMessage(failure: Failure): vscode.TestMessage {
  const { crashStack, injectedStack } = failure;
  const message = new vscode.TestMessage(displayText(failure.message));
  const frame = sourceFrame(crashStack) ?? sourceFrame(injectedStack);
  const location =
    frame === undefined
      ? [...crashStack, ...injectedStack].map(frameLocation).find(place => place !== undefined)
      : frameLocation(frame);
  if (location !== undefined) message.location = location;
  message.contextValue = failureContext;
  const divider = new vscode.TestMessageStackFrame(`— ${vscode.l10n.t('The allocation that failed first:')}`);
  message.stackTrace = [
    ...crashStack.map(traceFrame),
    ...(crashStack.length > 0 && injectedStack.length > 0 ? [divider] : []),
    ...injectedStack.map(traceFrame),
  ];
  return message;
}

/** A stack as text, for the test's output. */
export function stackAsText(title: string, stack: readonly StackFrame[]): string {
  if (stack.length === 0) return '';
  return [title, ...stack.map((frame, index) => `  #${index} ${frameLabel(frame)}`)].join('\n');
}

function traceFrame(frame: StackFrame): vscode.TestMessageStackFrame {
  const location = frameLocation(frame);
  return new vscode.TestMessageStackFrame(frameLabel(frame), location?.uri, location?.range.start);
}

export function frameLabel(frame: StackFrame): string {
  const name = frame.function ?? `${frame.module.slice(frame.module.lastIndexOf('/') + 1)}+${frame.offset}`;
  const place = frame.file === null ? '' : ` ${frame.file}${frame.line === null ? '' : `:${frame.line}`}`;
  return displayText(`${name}${place}`);
}

export function frameLocation(frame: StackFrame): vscode.Location | undefined {
  if (frame.file === null || !frame.file.startsWith('/') || frame.line === null || frame.line < 1) return undefined;
  return new vscode.Location(vscode.Uri.file(frame.file), new vscode.Position(frame.line - 1, 0));
}
