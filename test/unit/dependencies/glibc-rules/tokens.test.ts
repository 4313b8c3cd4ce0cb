import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { app, checkRule, lib, notFound } from '../../../support/loader-rule.ts';

checkRule('$ORIGIN in RUNPATH is the folder of who has it', {
  build: [
    app(['liba.so'], { runpath: '$ORIGIN/a' }),
    lib('a/liba.so', { needs: ['libb.so'], runpath: '$' + '{ORIGIN}/../b' }),
    lib('b/libb.so'),
  ],
  expected: ['app liba.so => a/liba.so (runpath app)', 'a/liba.so libb.so => a/../b/libb.so (runpath a/liba.so)'],
});

checkRule('$ORIGIN of a library is the folder that it was found in, not the one that a link leads to', {
  build: [
    app(['liba.so'], { runpath: '@/links' }),
    lib('real/liba.so', { needs: ['libb.so'], runpath: '$ORIGIN' }),
    lib('real/libb.so'),
    lib('links/libb.so'),
  ],
  change: folder => symlinkSync('../real/liba.so', join(folder, 'links/liba.so')),
  expected: [
    'app liba.so => links/liba.so (runpath app)',
    'links/liba.so libb.so => links/libb.so (runpath links/liba.so)',
  ],
});

checkRule('$ORIGIN of a program is the folder of the file that a link leads to', {
  build: [{ ...app(['liba.so'], { runpath: '$ORIGIN' }), file: 'real/app' }, lib('real/liba.so'), lib('liba.so')],
  change: folder => symlinkSync('real/app', join(folder, 'app')),
  expected: ['app liba.so => real/liba.so (runpath app)'],
});

checkRule('$ORIGIN of a library that was found at a relative path', {
  build: [
    app(['./a/liba.so'], { runpath: '@' }),
    lib('a/liba.so', { needs: ['libb.so'], runpath: '$ORIGIN' }),
    lib('a/libb.so'),
  ],
  expected: ['app ./a/liba.so => a/liba.so (path app)', 'a/liba.so libb.so => ./a/libb.so (runpath a/liba.so)'],
});

checkRule('$LIB and $PLATFORM', {
  build: [
    app(['liba.so', 'libb.so'], { runpath: '@/$LIB:@/$' + '{PLATFORM}/p' }),
    lib('lib/x86_64-linux-gnu/liba.so'),
    lib('x86_64/p/libb.so'),
  ],
  expected: [
    'app liba.so => lib/x86_64-linux-gnu/liba.so (runpath app)',
    'app libb.so => x86_64/p/libb.so (runpath app)',
  ],
});

checkRule('$ORIGINx, $origin and a $ alone are no tokens', {
  build: [app(['liba.so'], { runpath: '$ORIGINx:$origin:@/$:$' + '{ORIGIN:$ORIGIN/b' }), lib('b/liba.so')],
  expected: ['app liba.so => b/liba.so (runpath app)'],
});

checkRule('$ORIGIN in LD_LIBRARY_PATH is the folder of the program', {
  build: [app(['liba.so'], { runpath: '@/a' }), lib('a/liba.so', { needs: ['libb.so'] }), lib('b/libb.so')],
  libraryPath: '$ORIGIN/b',
  expected: ['app liba.so => a/liba.so (runpath app)', 'a/liba.so libb.so => b/libb.so (library-path LD_LIBRARY_PATH)'],
});

checkRule('a name with a slash is a path, with tokens of who needs it', {
  build: [
    app(['$ORIGIN/a/liba.so', 'w/libb.so'], { runpath: '@/a' }),
    lib('a/liba.so', { needs: ['$ORIGIN/../b/libc1.so'] }),
    lib('b/libc1.so'),
    lib('a/w/libb.so'),
    lib('cwd/w/libb.so'),
  ],
  cwd: 'cwd',
  expected: [
    'app $ORIGIN/a/liba.so => a/liba.so (path app)',
    'app w/libb.so => cwd/w/libb.so (path app)',
    'a/liba.so $ORIGIN/../b/libc1.so => a/../b/libc1.so (path a/liba.so)',
  ],
});

checkRule('a name with a slash that is not there is looked for nowhere else', {
  build: [app(['w/libb.so'], { runpath: '@/a' }), lib('a/w/libb.so')],
  expected: [`app w/libb.so ${notFound}`],
});
