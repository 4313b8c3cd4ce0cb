import type { Explanation, Explanations, TextSpan } from '../protocol/explain.ts';
import { cleanText } from './clean-text.ts';
import type { Recognised } from './error-kind.ts';
import { errorKinds } from './error-kinds.ts';
import { createPhrases } from './phrases.ts';
import { createWorld, type ExplainOptions } from './world.ts';

export const maximumCharacters = 4 << 20;
const maximumExplanations = 200;
const usualLocaleFolder = '/usr/share/locale';

/**
 * Explains each loader, import and link error in a text, in the order of the text. Reads files; runs and loads nothing.
 * Rejects with what the signal is aborted with, and for no other reason.
 */
export async function explainText(text: string, options: ExplainOptions): Promise<Explanations> {
  const examined = text.length <= maximumCharacters ? text : text.slice(0, maximumCharacters);
  const clean = cleanText(examined);
  const phrases = createPhrases(options.localeFolder ?? usualLocaleFolder);
  const world = createWorld(options);
  const claim = createClaims();
  const found = new Map<string, { readonly first: Recognised; readonly spans: TextSpan[] }>();
  for (const kind of errorKinds) {
    for (const recognised of kind.recognise(clean, phrases)) {
      options.signal.throwIfAborted();
      if (recognised.applies?.(world) === false || !claim(recognised.start, recognised.end)) continue;
      const span = clean.spanOf(recognised.start, recognised.end);
      const known = found.get(recognised.key);
      if (known !== undefined) known.spans.push(span);
      else if (found.size < maximumExplanations) found.set(recognised.key, { first: recognised, spans: [span] });
    }
  }
  const inOrder = [...found.values()].sort((a, b) => a.first.start - b.first.start);
  const explanations: Explanation[] = [];
  for (const { first, spans } of inOrder) {
    const message = clean.plain.slice(first.start, first.end).replace(/\s+/gu, ' ').trim();
    explanations.push({ ...(await first.explain(world)), spans: spans.sort((a, b) => a.start - b.start), message });
    await world.pause();
  }
  return { explanations, examinedCharacters: examined.length };
}

/** Remembers which parts of the text are taken; false for a part that touches one of those. */
function createClaims(): (start: number, end: number) => boolean {
  const taken: { readonly start: number; readonly end: number }[] = [];
  return (start, end) => {
    if (taken.some(part => start < part.end && end > part.start)) return false;
    taken.push({ start, end });
    return true;
  };
}
