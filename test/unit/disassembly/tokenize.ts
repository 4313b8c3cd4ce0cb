import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Rule {
  readonly name?: string;
  readonly match?: string;
  readonly include?: string;
  readonly captures?: Readonly<Record<string, Rule>>;
  readonly patterns?: readonly Rule[];
}

interface Grammar extends Rule {
  readonly scopeName: string;
  readonly repository: Readonly<Record<string, Rule>>;
}

const folder = join(import.meta.dirname, '../../../media/syntaxes');

export const grammar = JSON.parse(readFileSync(join(folder, 'disassembly.tmLanguage.json'), 'utf8')) as Grammar;

/** Every rule of the grammar. */
export function allRules(): readonly Rule[] {
  const below = (rule: Rule): readonly Rule[] => [
    rule,
    ...[...(rule.patterns ?? []), ...Object.values(rule.captures ?? {})].flatMap(below),
  ];
  return [...(grammar.patterns ?? []), ...Object.values(grammar.repository)].flatMap(below);
}

export interface Token {
  readonly text: string;
  /** The innermost scope, without the grammar's own suffix; empty: none. */
  readonly scope: string;
}

/**
 * What the rules make of a line, by the algorithm of TextMate for a grammar that has `match` rules only: the leftmost match
 * wins, of several the first rule; groups are scanned by the rules of their captures.
 */
export function tokenize(line: string): readonly Token[] {
  const scopes = Array.from({ length: line.length }, () => '');
  paint(line, 0, line.length, grammar.patterns ?? [], scopes);
  const tokens: { text: string; scope: string }[] = [];
  for (const [index, scope] of scopes.entries()) {
    const last = tokens.at(-1);
    if (last?.scope === scope) last.text += line[index];
    else tokens.push({ text: line[index] ?? '', scope });
  }
  return tokens.map(({ text, scope }) => ({ text: text.trim(), scope })).filter(({ text }) => text !== '');
}

function paint(line: string, from: number, to: number, patterns: readonly Rule[], scopes: string[]): void {
  const rules = resolved(patterns);
  // A rule sees the line up to the end of its group, as in vscode-textmate.
  const visible = line.slice(0, to);
  let at = from;
  while (at < to) {
    let best: { readonly rule: Rule; readonly match: RegExpExecArray } | undefined;
    for (const rule of rules) {
      const expression = new RegExp(rule.match ?? '', 'dgu');
      expression.lastIndex = at;
      const match = expression.exec(visible);
      if (match !== null && (best === undefined || match.index < best.match.index)) best = { rule, match };
    }
    if (best === undefined) return;
    paintMatch(line, best.rule, best.match, scopes);
    at = Math.max(best.match.index + best.match[0].length, at + 1);
  }
}

function paintMatch(line: string, rule: Rule, match: RegExpExecArray, scopes: string[]): void {
  fill(scopes, match.index, match.index + match[0].length, rule.name);
  for (const [group, capture] of Object.entries(rule.captures ?? {})) {
    const place = match.indices?.[Number(group)];
    if (place === undefined) continue;
    fill(scopes, place[0], place[1], capture.name);
    if (capture.patterns !== undefined) paint(line, place[0], place[1], capture.patterns, scopes);
  }
}

function fill(scopes: string[], from: number, to: number, name: string | undefined): void {
  if (name !== undefined) scopes.fill(name.replace(/\.disassembly$/u, ''), from, to);
}

/** Included rules in their place. Those of other grammars are none of this test. */
function resolved(patterns: readonly Rule[]): readonly Rule[] {
  return patterns.flatMap(rule => {
    if (rule.match !== undefined) return [rule];
    if (rule.include === undefined) return resolved(rule.patterns ?? []);
    const named = grammar.repository[rule.include.slice(1)];
    return named === undefined ? [] : resolved([named]);
  });
}
