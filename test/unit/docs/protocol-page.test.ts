import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { dependencyTree } from '../../../language-server/protocol/dependencies.ts';
import { disassemble } from '../../../language-server/protocol/disassembly.ts';
import { elfOverview, elfRows } from '../../../language-server/protocol/elf.ts';
import { elfBytes, elfRowRange } from '../../../language-server/protocol/elf-bytes.ts';
import { faultSweep } from '../../../language-server/protocol/faults.ts';
import { elfSourceLocation } from '../../../language-server/protocol/source-location.ts';
import { doctor } from '../../../language-server/protocol/tools.ts';
import { trustGranted } from '../../../language-server/protocol/workspace.ts';
import { protocolPage, protocolPagePath } from '../../docs/protocol-page.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

test('docs/protocol.md is made from the contract as it is (npm run docs)', () => {
  expect(readFileSync(protocolPagePath(root), 'utf8')).toBe(protocolPage(root));
});

test.each([
  elfOverview,
  elfRows,
  elfBytes,
  elfRowRange,
  elfSourceLocation,
  disassemble,
  dependencyTree,
  faultSweep,
  doctor,
  trustGranted,
])('the page has $method with its comment', ({ method }) => {
  expect(protocolPage(root)).toMatch(
    new RegExp(`### \`${method}\`\\n\\n\\*\\w+\\* \`[^\`]+\`\\n\\nClient → server`, 'u'),
  );
});
