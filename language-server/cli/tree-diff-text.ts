import type { TreeProblem } from '../protocol/dependencies.ts';
import { displayText } from '../protocol/display-text.ts';
import type { DiffObject, TreeDiff } from '../protocol/tree-diff.ts';
import { type Printer, severityText } from './printer.ts';

/** What is different, one line a change: `-` is gone, `+` is new, `~` is another. */
export function* treeDiffLines(printer: Printer, diff: TreeDiff): Generator<string> {
  if (diff.identical) {
    yield `The same: ${diff.before.objects} objects, in the same order, for the same reasons.`;
    return;
  }
  yield* loaderLines(diff);
  for (const object of diff.removed) yield printer.style('red', `- ${pathText(object)}`);
  for (const object of diff.added) yield printer.style('green', `+ ${pathText(object)}`);
  for (const { name, before, after, sameFile } of diff.moved) {
    const same = sameFile ? ' (the same file)' : '';
    yield printer.style('yellow', `~ ${displayText(name)}: ${pathText(before)} -> ${pathText(after)}${same}`);
  }
  for (const { before, after } of diff.reordered) {
    yield printer.style(
      'yellow',
      `~ order: ${pathText(after)}: was number ${before.place + 1}, is number ${after.place + 1}`,
    );
  }
  for (const { requester, name, change, reason } of diff.edges) {
    yield `  ${displayText(requester.after)} needs ${displayText(name)} (${change})`;
    yield printer.style('gray', `      ${displayText(reason)}`);
  }
  for (const problem of diff.goneProblems) yield `- ${problemText(printer, problem)}`;
  for (const problem of diff.newProblems) yield `+ ${problemText(printer, problem)}`;
}

function* loaderLines({ before, after }: TreeDiff): Generator<string> {
  const [was, is] = [before, after].map(({ loader }) => `${loader.kind} ${loader.version ?? 'of unknown version'}`);
  if (was !== is) yield `~ loader: ${was} -> ${is}`;
}

function pathText({ path }: DiffObject): string {
  return displayText(path);
}

function problemText(printer: Printer, { severity, message, code }: TreeProblem): string {
  return `${severityText(printer, severity)}: ${displayText(message)} [${code}]`;
}
