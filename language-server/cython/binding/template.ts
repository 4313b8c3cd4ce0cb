import type { Type } from './model.ts';

/** Deeper types than this are written by nobody. */
const maximumDepth = 20;

/** The type with others in the place of some of its parts, from the inside out; `replace` gives null for what stays. */
export function mapType(type: Type, replace: (part: Type) => Type | null, depth = 0): Type {
  const replaced = replace(type);
  if (replaced !== null || depth > maximumDepth) return replaced ?? type;
  const inner = (part: Type): Type => mapType(part, replace, depth + 1);
  switch (type.kind) {
    case 'pointer': {
      const to = inner(type.to);
      return to === type.to ? type : { ...type, to };
    }
    case 'array': {
      const of = inner(type.of);
      return of === type.of ? type : { ...type, of };
    }
    case 'function': {
      const result = inner(type.result);
      return result === type.result ? type : { ...type, result };
    }
    case 'memoryview':
    case 'buffer': {
      const element = inner(type.element);
      return element === type.element ? type : { ...type, element };
    }
    case 'record': {
      const given = type.arguments;
      if (given === undefined) return type;
      const changed = given.map(inner);
      return changed.every((each, index) => each === given[index]) ? type : { ...type, arguments: changed };
    }
    default:
      return type;
  }
}

/** What a member of a template is where the template's parameters are given: `T` of `vector[int]` is `int`. */
export function withArguments(member: Type, { templates = [], arguments: given = [] }: TemplateUse): Type {
  if (templates.length === 0) return member;
  return mapType(member, part => {
    if (part.kind !== 'template') return null;
    const index = templates.indexOf(part.name);
    return index < 0 ? null : (given[index] ?? { kind: 'unknown' });
  });
}

interface TemplateUse {
  readonly templates?: readonly string[];
  readonly arguments?: readonly Type[];
}
