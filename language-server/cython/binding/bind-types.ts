import type { ClassStatement, Statement } from '../syntax/syntax.ts';
import { typeSyntaxOf } from '../syntax/type-expression.ts';
import { rememberClass } from './bind-functions.ts';
import {
  type Binding,
  type ExtensionType,
  type FusedType,
  type RecordType,
  Scope,
  type Type,
  type TypeReference,
} from './model.ts';
import { resolveType, typeOfDeclaration } from './resolve-type.ts';
import { unknown } from './types.ts';

/** One scope a class, shared by its `.pxd` and `.pyx`. */
export function extensionScope({ name, bases }: ClassStatement, scope: Scope): Scope {
  const binding = scope.bind(name);
  const existing = binding.meaning === 'type' ? typeOfDeclaration(binding) : unknown;
  if (existing.kind === 'extension' && existing.members !== null && existing.members.parent === scope) {
    return existing.members;
  }
  const members = new Scope('extension', scope);
  const [base] = bases;
  const type: ExtensionType = {
    kind: 'extension',
    name,
    members,
    base: () => (base === undefined ? null : resolveType({ syntax: typeSyntaxOf(base), scope })),
  };
  rememberClass(members, type);
  binding.meaning = 'type';
  binding.declared = () => type;
  return members;
}

/** The members of a struct, union or C++ class; the parameters of a template are types in it. */
export function recordScope(statement: Statement & { readonly kind: 'record' }, scope: Scope): Scope {
  const { record, name, templates } = statement;
  const binding = scope.bind(name);
  const existing = binding.meaning === 'type' ? typeOfDeclaration(binding) : unknown;
  const members =
    existing.kind === 'record' && existing.members !== null ? existing.members : new Scope('record', scope);
  const type: RecordType = existing.kind === 'record' ? existing : { kind: 'record', record, name, members, templates };
  binding.meaning = 'type';
  binding.declared = () => type;
  for (const template of templates) {
    const parameter = members.bind(template);
    parameter.meaning = 'type';
    parameter.declared = () => ({ kind: 'template', name: template });
  }
  return members;
}

/** `ctypedef fused number:`. */
export function bindFused({ name, types }: Statement & { readonly kind: 'fused' }, scope: Scope): void {
  const binding = scope.bind(name);
  binding.meaning = 'type';
  binding.declared = () => {
    const members = types.flatMap((syntax): FusedType['members'] => {
      const type = resolveType({ syntax, scope });
      // A fused type may have another among its own.
      return type.kind === 'fused' ? type.members : [{ name: syntax.name + '*'.repeat(syntax.wrappers.length), type }];
    });
    return members.length === 0 ? unknown : { kind: 'fused', name, members };
  };
}

/** The type of a name that two branches declare, of which one is compiled: where they agree, it is that. */
export function commonType(first: NonNullable<Binding['declared']>, second: TypeReference): Type {
  const one = typeof first === 'function' ? first() : resolveType(first);
  const other = resolveType(second);
  return isAlike(one, other) ? one : unknown;
}

function isAlike(first: Type, second: Type): boolean {
  if (first.kind !== second.kind) return false;
  if (first.kind === 'pointer' && second.kind === 'pointer') return isAlike(first.to, second.to);
  if (first.kind === 'object' && second.kind === 'object') return first.of === second.of;
  return ['integer', 'float', 'void', 'other'].includes(first.kind) || first === second;
}
