import type { Scope } from '../binding/model.ts';
import type { Expression } from '../syntax/syntax.ts';
import type { OperandKind } from './operand-kind.ts';
import type { CastSite, RuleContext, RuleFix, TextEdit } from './rule.ts';
import { castText, quoted } from './sentence.ts';
import { declarationEdit, numpyNameFor } from './typed-array.ts';

/** What may have been meant by a cast that takes an object's address, the likeliest first. */
export function fixesOf(site: CastSite, kind: OperandKind, context: RuleContext): readonly RuleFix[] {
  const { operand, isCall } = site.cast;
  const isPlace = operand.kind === 'name' || operand.kind === 'attribute';
  switch (kind.kind) {
    case 'any':
      return [...numberFixes(site, context), ...declarations(site, context)];
    case 'measured':
      return isCall ? [] : [insertion('<char*>', site, context, true), ...arrayDeclaration(site, context)];
    case 'bytes':
    case 'bytearray':
      return isCall ? [] : [insertion('<char*>', site, context, true)];
    case 'ndarray':
      return isPlace ? [suffix('.data', site, context)] : [];
    case 'array':
      return isPlace ? [suffix('.data.as_voidptr', site, context)] : [];
    case 'none':
      return [{ title: 'Write NULL', edits: [replacing(operand, 'NULL')], isPreferred: true }];
    default:
      return [];
  }
}

/** By way of an integer that holds an address. */
function numberFixes(site: CastSite, context: RuleContext): readonly RuleFix[] {
  const { cast, scope } = site;
  if (cast.isCall) {
    const newText = `cython.cast(cython.size_t, ${context.text.slice(cast.operand.start, cast.operand.end)})`;
    const edits = [replacing(cast.operand, newText)];
    return [{ title: `Write ${quoted({ start: 0, end: newText.length }, newText)}`, edits, isPreferred: true }];
  }
  const byWord = insertion('<size_t>', site, context, true);
  return hasUintptr(scope) ? [byWord, insertion('<uintptr_t>', site, context, false)] : [byWord];
}

function hasUintptr(scope: Scope): boolean {
  const binding = scope.lookup('uintptr_t');
  return binding !== null && binding.meaning !== 'value';
}

/** The parameter's C type instead: a number, or an array whose data is taken. */
function declarations(site: CastSite, context: RuleContext): readonly RuleFix[] {
  const { operand } = site.cast;
  const number = hasNumberDefault(operand, site.scope) ? declarationEdit(operand, site.scope, 'size_t') : null;
  const title = `Declare size_t ${quoted(operand, context.text)}`;
  return [
    ...(number === null ? [] : [{ title, edits: [number], isPreferred: false }]),
    ...arrayDeclaration(site, context),
  ];
}

function arrayDeclaration({ cast: { operand }, scope }: CastSite, context: RuleContext): readonly RuleFix[] {
  const { name, edits } = numpyNameFor(context);
  const array = declarationEdit(operand, scope, `${name}.ndarray`);
  if (array === null) return [];
  const shown = quoted(operand, context.text);
  const data: TextEdit = { start: operand.end, end: operand.end, newText: '.data' };
  const title = `Declare ${name}.ndarray ${shown}, and write ${shown}.data`;
  return [{ title, edits: [...edits, array, data], isPreferred: false }];
}

/** None is no `size_t`, but any C type of Python's own takes it. */
function hasNumberDefault(operand: Expression, scope: Scope): boolean {
  const value = operand.kind === 'name' ? scope.lookup(operand.name)?.parameter?.value : undefined;
  return value === null || (value?.kind === 'literal' && value.literal === 'int');
}

function insertion(conversion: string, { cast }: CastSite, { text }: RuleContext, isPreferred: boolean): RuleFix {
  const { start } = cast.operand;
  return {
    title: `Write ${castText(cast, text)}${conversion}${quoted(cast.operand, text)}`,
    edits: [{ start, end: start, newText: conversion }],
    isPreferred,
  };
}

function suffix(attribute: string, { cast }: CastSite, { text }: RuleContext): RuleFix {
  const { end } = cast.operand;
  return {
    title: `Write ${castText(cast, text)}${quoted(cast.operand, text)}${attribute}`,
    edits: [{ start: end, end, newText: attribute }],
    isPreferred: true,
  };
}

function replacing({ start, end }: Expression, newText: string): TextEdit {
  return { start, end, newText };
}
