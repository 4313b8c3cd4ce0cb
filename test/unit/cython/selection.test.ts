import { expect, test } from 'vitest';
import {
  everything,
  isFixedUnasked,
  isKnownSelector,
  isSelected,
  lintCodes,
  withPreferences,
} from '../../../language-server/cython/diagnostics/selection.ts';
import { narrowAddressCode, objectAddressCode } from '../../../language-server/protocol/cython.ts';
import { lint } from '../../support/cython-lint.ts';

test('the codes are those of the rules, once each', () => {
  expect(lintCodes).toContain(objectAddressCode);
  expect(lintCodes).toContain(narrowAddressCode);
  expect(lintCodes).toEqual([...new Set(lintCodes)].toSorted());
});

test.each([
  ['cython', true],
  [objectAddressCode, true],
  ['cython/object', false],
  ['cython/', false],
  ['cyth', false],
  ['', false],
  ['Cython', false],
  ['E501', false],
])('%j names a code, or what codes begin with: %s', (selector, known) => {
  expect(isKnownSelector(selector)).toBe(known);
});

test.each([
  [null, [], true],
  [null, ['cython'], false],
  [null, [narrowAddressCode], false],
  [null, [objectAddressCode], true],
  [[], [], false],
  [['cython'], [], true],
  [[objectAddressCode], [], false],
  [['cython'], [narrowAddressCode], false],
  [[narrowAddressCode], ['cython'], true],
  [[narrowAddressCode], [narrowAddressCode], false],
  [['cython'], ['cython'], false],
])('select %j and ignore %j take a code: %s', (select, ignore, taken) => {
  expect(isSelected(narrowAddressCode, { select, ignore })).toBe(taken);
});

const text = 'def f(a, ptr):\n    p = <void*>a\n    p = <void*>ptr\n    p = <void*>f\n';
const severities = (set: Readonly<Record<string, 'error' | 'warning' | 'off'>>): readonly string[] =>
  withPreferences(lint(text), { selection: everything, severities: new Map(Object.entries(set)) }).map(
    ({ severity }) => severity,
  );

test.each([
  [{}, ['information', 'warning', 'hint']],
  [{ [objectAddressCode]: 'error' }, ['error', 'error', 'hint']],
  [{ [objectAddressCode]: 'off' }, []],
  [{ [narrowAddressCode]: 'off' }, ['information', 'warning', 'hint']],
] as const)('severities by code %j', (set, expected) => {
  expect(severities(set)).toEqual(expected);
});

test('a hint is fixed only where its code is named, and nothing that is not told', () => {
  const hint = 'def f(a, obj):\n    p = <void*>obj\n';
  const fixed = (select: readonly string[] | null, off = false): readonly boolean[] => {
    const all = new Map(off ? [[objectAddressCode, 'off' as const]] : []);
    return lint(hint).map(each => isFixedUnasked(each, { selection: { select, ignore: [] }, severities: all }));
  };
  expect(lint(hint)).toMatchObject([{ severity: 'hint', fixes: [{ isPreferred: true }, {}, {}] }]);
  expect(fixed(null)).toEqual([false]);
  expect(fixed(['cython'])).toEqual([false]);
  expect(fixed([objectAddressCode])).toEqual([true]);
  expect(fixed([objectAddressCode], true)).toEqual([false]);
  expect(fixed([narrowAddressCode])).toEqual([false]);
});
