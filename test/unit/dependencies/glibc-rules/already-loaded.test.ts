import { linkSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { app, checkRule, lib, notFound } from '../../../support/loader-rule.ts';

checkRule('a diamond is loaded once, breadth first', {
  build: [
    app(['liba.so', 'libb.so'], { rpath: '@' }),
    lib('liba.so', { needs: ['libd.so'] }),
    lib('libb.so', { needs: ['libe.so', 'libd.so'] }),
    lib('libd.so'),
    lib('libe.so'),
  ],
  expected: [
    'app liba.so => liba.so (rpath app)',
    'app libb.so => libb.so (rpath app)',
    'liba.so libd.so => libd.so (rpath app)',
    'libb.so libe.so => libe.so (rpath app)',
    'libb.so libd.so => libd.so (already-loaded liba.so)',
  ],
});

checkRule('a cycle, and a library that needs itself', {
  build: [
    app(['liba.so'], { rpath: '@' }),
    lib('liba.so', { needs: ['libb.so', 'liba.so'] }),
    lib('libb.so', { needs: ['liba.so'] }),
  ],
  expected: [
    'app liba.so => liba.so (rpath app)',
    'liba.so libb.so => libb.so (rpath app)',
    'liba.so liba.so => liba.so (already-loaded app)',
    'libb.so liba.so => liba.so (already-loaded app)',
  ],
});

checkRule('a name is found by the SONAME of what another object loaded', {
  build: [
    app(['liba.so', 'libb.so'], { runpath: '@' }),
    lib('liba.so', { soname: 'libother.so' }),
    lib('libb.so', { needs: ['libother.so'] }),
  ],
  expected: [
    'app liba.so => liba.so (runpath app)',
    'app libb.so => libb.so (runpath app)',
    'libb.so libother.so => liba.so (already-loaded app)',
  ],
});

checkRule('the SONAME does not keep the same file name from being found', {
  build: [
    app(['liba.so', 'libb.so'], { rpath: '@' }),
    lib('liba.so', { soname: 'libother.so' }),
    lib('libb.so', { needs: ['liba.so', 'x/../liba.so'] }),
  ],
  change: folder => mkdirSync(join(folder, 'x')),
  expected: [
    'app liba.so => liba.so (rpath app)',
    'app libb.so => libb.so (rpath app)',
    'libb.so liba.so => liba.so (already-loaded app)',
    'libb.so x/../liba.so => liba.so (path libb.so)',
  ],
});

checkRule('one file under two names is one object: a symbolic and a hard link', {
  build: [app(['liba.so', 'libb.so', 'libc1.so'], { rpath: '@' }), lib('liba.so')],
  change: folder => {
    symlinkSync('liba.so', join(folder, 'libb.so'));
    linkSync(join(folder, 'liba.so'), join(folder, 'libc1.so'));
  },
  expected: [
    'app liba.so => liba.so (rpath app)',
    'app libb.so => liba.so (rpath app)',
    'app libc1.so => liba.so (rpath app)',
  ],
});

checkRule('two files with one SONAME are two objects when both are asked for by file name', {
  build: [
    app(['liba.so', 'libb.so'], { rpath: '@' }),
    lib('liba.so', { soname: 'libs.so' }),
    lib('libb.so', { soname: 'libs.so' }),
  ],
  expected: ['app liba.so => liba.so (rpath app)', 'app libb.so => libb.so (rpath app)'],
});

checkRule('a miss for one requester is none for a later one that looks elsewhere', {
  build: [
    app(['liba.so', 'libb.so'], { runpath: '@' }),
    lib('liba.so', { needs: ['libx.so'], runpath: '@/none' }),
    lib('libb.so', { needs: ['libx.so'], runpath: '@/x' }),
    lib('x/libx.so'),
  ],
  expected: [
    'app liba.so => liba.so (runpath app)',
    'app libb.so => libb.so (runpath app)',
    `liba.so libx.so ${notFound}`,
    'libb.so libx.so => x/libx.so (runpath libb.so)',
  ],
});

checkRule('the same name twice', {
  build: [app(['liba.so', 'libx.so', 'liba.so', 'libx.so'], { rpath: '@' }), lib('liba.so')],
  expected: ['app liba.so => liba.so (rpath app)', `app libx.so ${notFound}`],
});

checkRule('a library that is needed by the library that is asked for', {
  build: [
    lib('liba.so', { needs: ['libb.so'], runpath: '@', soname: 'liba.so' }),
    lib('libb.so', { needs: ['liba.so'] }),
  ],
  file: 'liba.so',
  expected: ['liba.so libb.so => libb.so (runpath liba.so)', 'libb.so liba.so => liba.so (already-loaded liba.so)'],
});

checkRule('the file that is asked for is not known by its file, so that a need of it by another name maps it again', {
  build: [lib('liba.so', { needs: ['libb.so'], rpath: '@' }), lib('libb.so', { needs: ['liba.so'] })],
  file: 'liba.so',
  expected: [
    'liba.so libb.so => libb.so (rpath liba.so)',
    'libb.so liba.so => liba.so (rpath liba.so)',
    'liba.so libb.so => libb.so (already-loaded liba.so)',
  ],
});
