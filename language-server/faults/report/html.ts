import { shellCommand } from '../../native/shell-quote.ts';
import {
  type FaultGroup,
  type FaultRun,
  type FaultSweep,
  type FaultVerdict,
  isBugVerdict,
  type StackFrame,
} from '../../protocol/faults.ts';
import { ownPlace } from '../frames.ts';
import { escapeMarkup as text } from './markup.ts';
import { cleanText, groupTitle, ranges, runsText, verdictWords } from './words.ts';

/** Longer tables are for a program to read (JSON). */
const mostRuns = 5000;

const style = `
:root { color-scheme: light dark; --line: #8886; --bug: #b3261e; --fine: #1b6e35; --known: #5f6368; --quiet: #8881; }
@media (prefers-color-scheme: dark) { :root { --bug: #ff8a80; --fine: #81c995; --known: #b0b4b9; } }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin-top: 2rem; }
h3 { font-size: 1rem; margin-bottom: .2rem; }
code, pre, td.code { font-family: ui-monospace, monospace; font-size: .9em; }
pre { background: var(--quiet); border: 1px solid var(--line); overflow-x: auto; padding: .5rem; white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .2rem .6rem .2rem 0; text-align: start; vertical-align: top; overflow-wrap: anywhere; }
td.number { font-variant-numeric: tabular-nums; }
article { border-inline-start: .3rem solid var(--bug); margin: 1rem 0; padding: .1rem 1rem; }
article.known { border-color: var(--known); }
.bug { color: var(--bug); font-weight: 600; } .fine { color: var(--fine); } .known { color: var(--known); }
summary { cursor: pointer; }
@media print { details:not([open]) > * { display: block; } }
`;

/** One page that needs nothing else: no script, no picture, nothing from the network. */
export function sweepAsHtml(sweep: FaultSweep): string {
  const { command, groups, notes, skipped, runs, clean } = sweep;
  const title = `Malloc faults: ${shellCommand(command)}`;
  const said = [...notes, ...skipped.map(({ message }) => message)];
  const fresh = groups.filter(({ known }) => !known).length;
  const known = groups.length - fresh;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="generator" content="Binary Detective">
<title>${text(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${text(title)}</h1>
<p>${text(cleanText(sweep))}; exit status ${clean.exitCode ?? 'none'}. ${text(runsText(sweep))}.</p>
<p>${fresh === 0 ? '<span class="fine">No new bug.</span>' : `<span class="bug">${fresh} new ${fresh === 1 ? 'bug' : 'bugs'}.</span>`}${known === 0 ? '' : ` <span class="known">${known} known by the baseline.</span>`}</p>
${said.length === 0 ? '' : `<ul>\n${said.map(line => `<li>${text(line)}</li>`).join('\n')}\n</ul>`}
<h2>Verdicts</h2>
${verdictTable(sweep)}
<h2 id="bugs">Bugs</h2>
${groups.length === 0 ? '<p>None was found.</p>' : groups.map(groupHtml).join('\n')}
<h2 id="runs">Runs</h2>
${runsTable(runs)}
</main>
</body>
</html>
`;
}

function verdictTable({ verdicts }: FaultSweep): string {
  const rows = Object.entries(verdicts)
    .filter(([, count]) => count > 0)
    .map(
      ([verdict, count]) => `<tr><td>${verdictHtml(verdict as FaultVerdict)}</td><td class="number">${count}</td></tr>`,
    );
  return `<table>\n<thead><tr><th scope="col">Verdict</th><th scope="col">Runs</th></tr></thead>\n<tbody>\n${rows.join('\n')}\n</tbody>\n</table>`;
}

function groupHtml(group: FaultGroup, index: number): string {
  const { message, known, ns, crashStack, injectedStack, reproduce } = group;
  const id = `bug-${index + 1}`;
  return `<article${known ? ' class="known"' : ''} aria-labelledby="${id}">
<h3 id="${id}"><span class="${known ? 'known' : 'bug'}">${text(groupTitle(group))}</span>${known ? ' (known)' : ''}</h3>
<p>${text(message)}</p>
<p>n = ${ranges(ns)}</p>
${stackHtml('Where it ends', crashStack)}
${stackHtml('The allocation that fails', injectedStack)}
<p>To see it again:</p>
<pre><code>${text(shellCommand(reproduce))}</code></pre>
</article>`;
}

function stackHtml(title: string, stack: readonly StackFrame[]): string {
  if (stack.length === 0) return '';
  const rows = stack.map(frame => {
    const place =
      frame.file === null
        ? `${frame.module}+${frame.offset}`
        : `${frame.file}${frame.line === null ? '' : `:${frame.line}`}`;
    const cells = [`${frame.function ?? '??'}${frame.inlined ? ' (inlined)' : ''}`, place, frame.source?.trim() ?? ''];
    return `<tr>${cells.map(cell => `<td class="code">${text(cell)}</td>`).join('')}</tr>`;
  });
  const at = ownPlace(stack);
  return `<details open>
<summary>${text(title)}${at === undefined ? '' : `: ${text(at)}`}</summary>
<table>
<thead><tr><th scope="col">Function</th><th scope="col">Place</th><th scope="col">Source</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</details>`;
}

function runsTable(runs: readonly FaultRun[]): string {
  const rows = runs.slice(0, mostRuns).map(({ n, verdict, exitCode, signal, injectedStack, message }) => {
    const end = signal ?? (exitCode === null ? '' : String(exitCode));
    const cells = [verdictHtml(verdict), text(end), text(ownPlace(injectedStack) ?? ''), text(message)];
    return `<tr><td class="number">${n}</td>${cells.map(cell => `<td>${cell}</td>`).join('')}</tr>`;
  });
  const more = runs.length > mostRuns ? `<p>${runs.length - mostRuns} more are not shown.</p>` : '';
  const heads = ['n', 'Verdict', 'Ended with', 'Allocation', 'What happened'];
  return `<details>
<summary>All ${runs.length} runs</summary>
<table>
<thead><tr>${heads.map(head => `<th scope="col">${head}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
${more}
</details>`;
}

function verdictHtml(verdict: FaultVerdict): string {
  return `<span class="${isBugVerdict(verdict) ? 'bug' : 'fine'}">${verdictWords[verdict]}</span>`;
}
