import { displayText } from '../protocol/display-text.ts';
import type {
  InterposedSymbols,
  LoaderSymbols,
  ProviderCandidate,
  SymbolDefinition,
  SymbolProvider,
} from '../protocol/loader-symbols.ts';
import type { Printer } from './printer.ts';

/** `undefined symbol: f, version V1	(/path/of/object)`, as `ldd -r` prints it. */
export function* undefinedLines({
  undefined: symbols,
  undefinedTotal,
  references,
  objects,
}: LoaderSymbols): Generator<string> {
  for (const { message, object } of symbols) yield `${displayText(message)}\t(${displayText(object)})`;
  if (undefinedTotal > symbols.length) yield `and ${undefinedTotal - symbols.length} more`;
  if (undefinedTotal === 0) yield `All ${references} references of ${objects} objects are defined.`;
}

/** As `ldd -u` prints it. */
export function* unusedLines({ unused }: LoaderSymbols): Generator<string> {
  yield unused.length === 0 ? 'No unused direct dependencies.' : 'Unused direct dependencies:';
  for (const { object } of unused) yield `\t${displayText(object)}`;
}

const outcomeTexts: Readonly<Record<ProviderCandidate['outcome'], string>> = {
  chosen: 'chosen',
  later: 'stands behind the chosen one',
  version: 'has another version',
  'hidden-version': 'has a version that is not the default',
  local: 'is hidden in its object',
};

export function* providerLines(printer: Printer, answer: SymbolProvider): Generator<string> {
  const name = displayText(answer.version === null ? answer.name : `${answer.name}@${answer.version}`);
  yield `${printer.style('bold', name)} => ${answer.provider === null ? printer.style('red', 'not defined') : displayText(answer.provider)}`;
  for (const candidate of answer.candidates)
    yield `    ${definitionText(candidate)}: ${outcomeTexts[candidate.outcome]}`;
  for (const { object, kind, isWeak, provider } of answer.references) {
    const bound = provider === null ? (isWeak ? 'null' : 'nothing') : displayText(provider);
    yield printer.style('gray', `    ${isWeak ? 'weak ' : ''}${kind} reference of ${displayText(object)} => ${bound}`);
  }
  const more = answer.referencesTotal - answer.references.length;
  if (more > 0) yield `    and ${more} more references`;
}

export function* interposedLines(printer: Printer, { symbols, total }: InterposedSymbols): Generator<string> {
  for (const { name, version, winner, shadowed, reason, rebound } of symbols) {
    const title = displayText(version === null ? name : `${name}@${version}`);
    yield `${printer.style('bold', title)} (${reason}) => ${displayText(winner.object)}`;
    for (const definition of shadowed) {
      const own = rebound.includes(definition.object) ? ', whose own references go there' : '';
      yield printer.style('gray', `    instead of ${definitionText(definition)}${own}`);
    }
  }
  const counts = Object.entries(total).map(([reason, count]) => `${count} ${reason}`);
  yield `${counts.join(', ')}`;
}

function definitionText({ object, version, isDefault, type, binding, sizeBytes }: SymbolDefinition): string {
  const suffix = version === null ? '' : ` ${isDefault ? '@@' : '@'}${displayText(version)}`;
  return `${displayText(object)}${suffix} (${binding === 'global' ? '' : `${binding} `}${type}, ${sizeBytes} bytes)`;
}
