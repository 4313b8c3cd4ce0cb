import { app, checkRule, lib, notFound } from '../../../support/loader-rule.ts';

checkRule('LD_PRELOAD: by path, by name as the program would look for it, and one that is not there', {
  build: [
    app(['liba.so', 'libp2.so'], { runpath: '@' }),
    lib('liba.so'),
    lib('p/libp1.so', { needs: ['liba.so'] }),
    lib('libp2.so'),
  ],
  preload: '@/p/libp1.so:libp2.so libp3.so  @/none.so',
  expected: [
    'app p/libp1.so => p/libp1.so (preload LD_PRELOAD)',
    'app libp2.so => libp2.so (preload LD_PRELOAD)',
    `app libp3.so ${notFound}`,
    `app none.so ${notFound}`,
    'app liba.so => liba.so (runpath app)',
    'app libp2.so => libp2.so (already-loaded app)',
    'p/libp1.so liba.so => liba.so (already-loaded app)',
  ],
});

checkRule('an auxiliary filtee is loaded before its filter', {
  build: [
    app(['liba.so', 'libb.so'], { rpath: '@' }),
    lib('liba.so', { flags: ['-f', 'libfiltee.so'], needs: ['libc1.so'] }),
    lib('libb.so'),
    lib('libfiltee.so', { needs: ['libd.so'] }),
    lib('libc1.so'),
    lib('libd.so'),
  ],
  expected: [
    'app liba.so => liba.so (rpath app)',
    'app libb.so => libb.so (rpath app)',
    'libfiltee.so libd.so => libd.so (rpath app)',
    'liba.so libc1.so => libc1.so (rpath app)',
    'liba.so libfiltee.so => libfiltee.so (rpath app)',
  ],
});

checkRule('a filtee of the library that is asked for', {
  build: [
    lib('liba.so', { rpath: '@', flags: ['-F', 'libfiltee.so'], needs: ['libb.so'] }),
    lib('libfiltee.so'),
    lib('libb.so'),
  ],
  file: 'liba.so',
  expected: ['liba.so libb.so => libb.so (rpath liba.so)', 'liba.so libfiltee.so => libfiltee.so (rpath liba.so)'],
});

checkRule('a filtee that is loaded already further down moves up', {
  build: [
    app(['liba.so', 'libb.so', 'libfiltee.so'], { rpath: '@' }),
    lib('liba.so'),
    lib('libb.so', { flags: ['-F', 'libfiltee.so'] }),
    lib('libfiltee.so'),
  ],
  expected: [
    'app liba.so => liba.so (rpath app)',
    'app libb.so => libb.so (rpath app)',
    'app libfiltee.so => libfiltee.so (rpath app)',
    'libb.so libfiltee.so => libfiltee.so (already-loaded app)',
  ],
});

checkRule('an auxiliary filtee that is not there is no loss', {
  build: [app(['liba.so'], { rpath: '@' }), lib('liba.so', { flags: ['-f', 'libfiltee.so'] })],
  expected: ['app liba.so => liba.so (rpath app)', `liba.so libfiltee.so ${notFound}`],
});

checkRule('a filtee that is not there', {
  build: [app(['liba.so'], { rpath: '@' }), lib('liba.so', { flags: ['-F', 'libfiltee.so'] })],
  expected: ['app liba.so => liba.so (rpath app)', `liba.so libfiltee.so ${notFound}`],
});

checkRule('filters in a circle, on which the loader runs out of stack', {
  build: [
    app(['liba.so', 'libb.so'], { rpath: '@' }),
    lib('liba.so', { flags: ['-F', 'libb.so'] }),
    lib('libb.so', { flags: ['-F', 'liba.so'] }),
  ],
  expected: [
    'app liba.so => liba.so (rpath app)',
    'app libb.so => libb.so (rpath app)',
    'liba.so libb.so => libb.so (already-loaded app)',
    'libb.so liba.so => liba.so (already-loaded app)',
  ],
});
