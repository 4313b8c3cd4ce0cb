/** One thing that a row must have, or with `isNegated` must not have. Texts are in lower case. */
export type FilterTerm = { readonly isNegated: boolean } & FilterCondition;

export type FilterCondition =
  /** Occurs in any column. */
  | { readonly kind: 'word'; readonly text: string }
  /** The column is this text. */
  | { readonly kind: 'equals'; readonly column: number; readonly text: string }
  /** The text occurs in the column. */
  | { readonly kind: 'contains'; readonly column: number; readonly text: string }
  /** The number in the column lies between these two, both included; null: no limit. */
  | { readonly kind: 'between'; readonly column: number; readonly low: bigint | null; readonly high: bigint | null };

/** What a filter of words alone is; they must all occur. */
export function wordTerms(words: readonly string[]): readonly FilterTerm[] {
  return words.map(text => ({ isNegated: false, kind: 'word', text: text.toLowerCase() }));
}
