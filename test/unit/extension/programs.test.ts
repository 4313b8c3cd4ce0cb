import { describe, expect, test } from 'vitest';
import { parsePrograms } from '../../../extension/fault-injection/programs.ts';

const folder = '/work space';
const placeholder = `\${workspaceFolder}`;

describe('programs of the setting', () => {
  test.each<[unknown, string, unknown]>([
    [undefined, 'no setting', []],
    [
      [{ command: ['./app', '-v'] }],
      'a command alone',
      [{ name: './app -v', program: { command: ['./app', '-v'], cwd: folder } }],
    ],
    [
      [
        {
          name: 'app',
          command: [`${placeholder}/app`],
          cwd: 'data',
          env: { LIB: `${placeholder}/lib` },
          build: ['make'],
        },
      ],
      'all of it',
      [
        {
          name: 'app',
          program: {
            command: [`${folder}/app`],
            cwd: `${folder}/data`,
            env: { LIB: `${folder}/lib` },
            build: ['make'],
          },
        },
      ],
    ],
    [
      [{ command: ['a'], cwd: '/elsewhere' }],
      'an absolute folder',
      [{ name: 'a', program: { command: ['a'], cwd: '/elsewhere' } }],
    ],
  ])('%j: %s', (value, _what, programs) => {
    expect(parsePrograms(value, folder)).toEqual({ programs, problems: [] });
  });

  test.each<[unknown, RegExp]>([
    ['make', /not a list/u],
    [['make'], /entry 1: it is not an object/u],
    [[{}], /"command" must be a list/u],
    [[{ command: [] }], /"command" must be a list/u],
    [[{ command: 'make' }], /"command" must be a list/u],
    [[{ command: ['a', 1] }], /"command" must be a list/u],
    [[{ command: ['a'], cwd: 3 }], /"cwd" must be a text/u],
    [[{ command: ['a'], build: 'make' }], /"build" must be a list/u],
    [[{ command: ['a'], env: ['A=1'] }], /"env" must map/u],
    [[{ command: ['a'], env: { A: 1 } }], /"env" must map/u],
    [[{ command: ['a'] }, { command: ['a'] }], /entry 2: the name "a" is there twice/u],
  ])('%j is told of', (value, problem) => {
    expect(parsePrograms(value, folder).problems.join()).toMatch(problem);
  });

  test('those that are well formed are taken beside those that are not', () => {
    const { programs, problems } = parsePrograms([null, { command: ['good'] }], folder);
    expect(programs.map(({ name }) => name)).toEqual(['good']);
    expect(problems.length).toBe(1);
  });
});
