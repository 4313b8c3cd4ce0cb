import { displayText } from '../protocol/display-text.ts';
import type { Explanation, Explanations } from '../protocol/explain.ts';
import type { Printer } from './printer.ts';

const stateStyles = { persists: 'red', resolved: 'green', unknown: 'yellow' } as const;
const stateWords = { persists: 'still so', resolved: 'no longer so', unknown: 'not known' } as const;

/** Each explanation: what, why, what was found out, whether it still holds, what to do. */
export function* explanationText(printer: Printer, { explanations }: Explanations): Generator<string> {
  if (explanations.length === 0) {
    yield 'No error of the loader, of an import or of the link editor that is known here.';
    return;
  }
  for (const [index, explanation] of explanations.entries()) {
    if (index > 0) yield '';
    yield* linesOf(printer, explanation);
  }
}

function* linesOf(printer: Printer, explanation: Explanation): Generator<string> {
  const { title, message, spans, summary, facts, state, symbol, provider, remedies, evidence } = explanation;
  const times = spans.length > 1 ? `, ${spans.length} times` : '';
  yield printer.style('bold', displayText(title));
  yield printer.style('gray', `  line ${spans[0]?.line ?? 1}${times}: ${displayText(message)}`);
  yield `  ${displayText(summary)}`;
  if (symbol?.demangled) yield `  Symbol: ${displayText(symbol.demangled)}`;
  if (provider !== null) {
    const how = provider.how === null ? '' : ` (${displayText(provider.how)})`;
    yield `  Provider: ${displayText(provider.path ?? provider.name)}${how}`;
    if (provider.offers.length > 0) yield `    It has ${provider.offers.map(displayText).join(', ')}.`;
  }
  for (const fact of facts) yield `  - ${displayText(fact)}`;
  yield `  ${printer.style(stateStyles[state.kind], stateWords[state.kind])}: ${displayText(state.text)}`;
  for (const [index, { title: remedy, why, command }] of remedies.entries()) {
    yield `  ${index + 1}. ${displayText(remedy)}`;
    if (command !== null) yield `     $ ${printer.style('cyan', displayText(command))}`;
    yield printer.style('gray', `     ${displayText(why)}`);
  }
  for (const { rule, command } of evidence) {
    yield printer.style(
      'gray',
      `  See: ${[rule, command]
        .filter(part => part !== undefined)
        .map(displayText)
        .join(' · ')}`,
    );
  }
}
