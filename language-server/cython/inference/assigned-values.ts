import type { Binding } from '../binding/model.ts';
import type { Expression } from '../syntax/syntax.ts';

/** A name that is given more values than this says nothing by them. */
const maximumValues = 40;

const known = new WeakMap<Binding, readonly Expression[]>();

/** The expressions that a name is given, in order, once all is bound; the first ones of very many. */
export function assignedValues(binding: Binding): readonly Expression[] {
  const found = known.get(binding);
  if (found !== undefined) return found;
  const values: Expression[] = [];
  for (const assignment of binding.assignments) {
    if (values.length >= maximumValues) break;
    if (assignment.kind === 'value') values.push(assignment.value);
  }
  known.set(binding, values);
  return values;
}

/** Whether every value that the name is given is an expression of its own, and few enough to look at each. */
export function hasPlainValues(binding: Binding): boolean {
  return binding.assignments.length === assignedValues(binding).length;
}
