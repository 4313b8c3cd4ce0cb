import { isAbsolute, normalize } from 'node:path';
import { displayText } from '../../protocol/display-text.ts';
import { expandVariables, type VariableScope } from './variables.ts';

/** A value that a person typed is not what it has to be. The sentence says which and why; whoever reads the entry adds where. */
export class FieldProblem extends Error {}

export type Entry = Readonly<Record<string, unknown>>;

export function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads the fields of one entry: checked, with their variables replaced. Absent and null are undefined. Throws FieldProblem. */
export interface FieldReader {
  text(name: string): string | undefined;
  texts(name: string): readonly string[] | undefined;
  /** An object of texts. */
  map(name: string): Readonly<Record<string, string>> | undefined;
  number(name: string): number | undefined;
  expand(text: string, name: string): string;
}

export function fieldReader(entry: Entry, scope: VariableScope): FieldReader {
  const given = (name: string): unknown => (Object.hasOwn(entry, name) ? (entry[name] ?? undefined) : undefined);
  const expand = (text: string, name: string): string => {
    const expanded = expandVariables(text, scope);
    if ('problem' in expanded) throw new FieldProblem(`"${name}": ${displayText(expanded.problem)}`);
    return expanded.text;
  };
  return {
    expand,
    text(name) {
      const value = given(name);
      if (value === undefined) return undefined;
      if (typeof value !== 'string') throw new FieldProblem(`"${name}" must be a text.`);
      return expand(value, name);
    },
    texts(name) {
      const value = given(name);
      if (value === undefined) return undefined;
      if (!Array.isArray(value) || !value.every(element => typeof element === 'string')) {
        throw new FieldProblem(`"${name}" must be a list of texts.`);
      }
      return value.map(element => expand(element, name));
    },
    map(name) {
      const value = given(name);
      if (value === undefined) return undefined;
      if (!isEntry(value)) throw new FieldProblem(`"${name}" must map names to texts.`);
      return Object.fromEntries(
        Object.entries(value).map(([key, text]) => {
          if (typeof text !== 'string') throw new FieldProblem(`"${name}" must map names to texts; ${key} has none.`);
          return [key, expand(text, name)];
        }),
      );
    },
    number(name) {
      const value = given(name);
      if (value === undefined) return undefined;
      if (typeof value !== 'number' || !Number.isFinite(value)) throw new FieldProblem(`"${name}" must be a number.`);
      return value;
    },
  };
}

/** A path that a person typed, from the folder that it is relative to. */
export function absolutePath(path: string, base: string): string {
  return isAbsolute(path) ? path : normalize(`${base}/${path}`);
}
