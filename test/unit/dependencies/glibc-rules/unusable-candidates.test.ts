import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build32 } from '../../../support/loader-build.ts';
import { app, checkRule, lib, notFound } from '../../../support/loader-rule.ts';

const twoFolders = [app(['liba.so'], { runpath: '@/bad:@/good' }), lib('good/liba.so')];
const passedOver = ['app liba.so => good/liba.so (runpath app)'];

function bad(content: (bytes: Buffer) => Buffer): (folder: string) => void {
  return folder => {
    mkdirSync(join(folder, 'bad'));
    writeFileSync(join(folder, 'bad/liba.so'), content(readFileSync(join(folder, 'good/liba.so'))));
  };
}

function patched(at: number, value: number): (folder: string) => void {
  return bad(bytes => {
    bytes.writeUInt8(value, at);
    return bytes;
  });
}

checkRule('another class is passed over', {
  build: twoFolders,
  change: folder => build32(folder, 'bad/liba.so'),
  expected: passedOver,
});

checkRule('another class alone', {
  build: [app(['liba.so'], { runpath: '@/bad' })],
  change: folder => build32(folder, 'bad/liba.so'),
  expected: ['app liba.so ! wrong ELF class: ELFCLASS32'],
});

checkRule('an unknown class is passed over', { build: twoFolders, change: patched(4, 7), expected: passedOver });
checkRule('another machine is passed over', { build: twoFolders, change: patched(18, 183), expected: passedOver });
checkRule('another machine alone', {
  build: [app(['liba.so'], { runpath: '@/bad' }), lib('good/liba.so')],
  change: patched(18, 183),
  expected: [`app liba.so ${notFound}`],
});

checkRule('text ends the search', {
  build: twoFolders,
  change: bad(() => Buffer.from('This is text, and long enough for a header of an ELF file, which it is not.\n')),
  expected: ['app liba.so ! invalid ELF header'],
});

checkRule('a script of the link editor ends the search', {
  build: twoFolders,
  change: bad(() =>
    Buffer.from(
      '/* GNU ld script\n*/\nOUTPUT_FORMAT(elf64-x86-64)\nGROUP ( /lib/libm.so.6  AS_NEEDED ( /lib/libmvec.so.1 ) )\n',
    ),
  ),
  expected: [
    'app liba.so ! invalid ELF header (a GNU ld script, which only the link editor reads; it names /lib/libm.so.6, /lib/libmvec.so.1)',
  ],
});

checkRule('an empty file ends the search', {
  build: twoFolders,
  change: bad(() => Buffer.alloc(0)),
  expected: ['app liba.so ! file too short'],
});
checkRule('half a header ends the search', {
  build: twoFolders,
  change: bad(bytes => bytes.subarray(0, 40)),
  expected: ['app liba.so ! file too short'],
});
checkRule('a header alone ends the search', {
  build: twoFolders,
  change: bad(bytes => bytes.subarray(0, 64)),
  expected: ['app liba.so ! cannot read file data'],
});

checkRule('a folder ends the search', {
  build: twoFolders,
  change: folder => void mkdirSync(join(folder, 'bad/liba.so'), { recursive: true }),
  expected: ['app liba.so ! cannot read file data: Is a directory'],
});

checkRule('a dangling link is passed over', {
  build: twoFolders,
  change: folder => {
    mkdirSync(join(folder, 'bad'));
    symlinkSync('nowhere', join(folder, 'bad/liba.so'));
  },
  expected: passedOver,
});

checkRule('a link to itself ends the list of folders, not the search', {
  build: [app(['liba.so'], { runpath: '@/bad:@/good' }), lib('good/liba.so'), lib('rest/liba.so')],
  change: folder => {
    mkdirSync(join(folder, 'bad'));
    symlinkSync('liba.so', join(folder, 'bad/liba.so'));
  },
  expected: ['app liba.so ! cannot open shared object file: No such file or directory'],
});

checkRule('a file among the folders is no folder', {
  build: [app(['liba.so'], { runpath: '@/file:@/good' }), lib('good/liba.so')],
  change: folder => writeFileSync(join(folder, 'file'), 'x'),
  expected: passedOver,
});

for (const [what, at, value, words] of [
  ['byte order', 5, 2, 'ELF file data encoding not little-endian'],
  ['version of the identification', 6, 7, 'ELF file version ident does not match current one'],
  ['OS ABI', 7, 9, 'ELF file OS ABI invalid'],
  ['ABI version', 8, 1, 'ELF file ABI version invalid'],
  ['padding of the identification', 12, 1, 'nonzero padding in e_ident'],
  ['version', 20, 2, 'ELF file version does not match current one'],
  ['type', 16, 1, 'only ET_DYN and ET_EXEC can be loaded'],
  ['type of a program', 16, 2, 'cannot dynamically load executable'],
  ['size of program headers', 54, 55, "ELF file's phentsize not the expected size"],
] as const) {
  checkRule(`a wrong ${what} ends the search`, {
    build: twoFolders,
    change: patched(at, value),
    expected: [`app liba.so ! ${words}`],
  });
}

checkRule('GNU as OS ABI is taken', {
  build: twoFolders,
  change: patched(7, 3),
  expected: ['app liba.so => bad/liba.so (runpath app)'],
});

checkRule('a position-independent program is no library', {
  build: [app(['liba.so'], { runpath: '@/bad:@/good' }), { ...app([]), file: 'bad/liba.so' }, lib('good/liba.so')],
  expected: ['app liba.so ! cannot dynamically load position-independent executable'],
});

checkRule('debug information alone is no library', {
  build: twoFolders,
  change: bad(bytes => {
    const count = bytes.readUInt16LE(56);
    for (let index = 0; index < count; index += 1) {
      const at = Number(bytes.readBigUInt64LE(32)) + index * 56;
      if (bytes.readUInt32LE(at) === 2) bytes.writeBigUInt64LE(0n, at + 32);
    }
    return bytes;
  }),
  expected: ['app liba.so ! object file has no dynamic section'],
});

checkRule('a library whose end is missing is mapped', {
  build: twoFolders,
  change: folder => {
    mkdirSync(join(folder, 'bad'));
    const file = join(folder, 'bad/liba.so');
    copyFileSync(join(folder, 'good/liba.so'), file);
    truncateSync(file, readFileSync(file).length - 8);
    chmodSync(file, 0o644);
  },
  expected: ['app liba.so => bad/liba.so (runpath app)'],
});
