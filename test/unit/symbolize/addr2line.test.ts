import { expect, test } from 'vitest';
import { crc32 } from '../../../language-server/elf/debug-file/crc32.ts';
import { addr2lineArguments, parseAnswers } from '../../../language-server/symbolize/addr2line.ts';

test('what addr2line says', () => {
  const told = [
    '0x0000000000001234\nstore(char*, int)\n/a b/in:line.c:7 (discriminator 3)\nmain\n/src/../main.c:12\n',
    '0x0000000000005678\n??\n??:0\n',
    '0x0000000000009abc\nfrom_assembly\n/src/x.s:?\n',
  ].join('');
  expect([...parseAnswers(Buffer.from(told))]).toEqual([
    [
      0x1234n,
      [
        { function: 'store(char*, int)', file: '/a b/in:line.c', line: 7, inlined: true },
        { function: 'main', file: '/main.c', line: 12, inlined: false },
      ],
    ],
    [0x5678n, [{ function: null, file: null, line: null, inlined: false }]],
    [0x9abcn, [{ function: 'from_assembly', file: '/src/x.s', line: null, inlined: false }]],
  ]);
});

test('a file that looks like an option is none', () => {
  const args = addr2lineArguments({ file: '--help', addresses: [16n], section: '.text.a' });
  expect(args.slice(4)).toEqual(['-j', '.text.a', '-e', '--help', '--', '0x10']);
});

test('the CRC is that of zlib, also in pieces', () => {
  // The check value of CRC-32/ISO-HDLC.
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
  expect(crc32(Buffer.from('6789'), crc32(Buffer.from('12345')))).toBe(0xcbf43926);
  expect(crc32(Buffer.alloc(0))).toBe(0);
});
