import { app, checkRule, lib, notFound } from '../../../support/loader-rule.ts';

checkRule('RUNPATH of the requester', {
  build: [app(['liba.so'], { runpath: '@/x:@/lib' }), lib('lib/liba.so')],
  expected: ['app liba.so => lib/liba.so (runpath app)'],
});

checkRule('RUNPATH is not inherited', {
  build: [app(['liba.so'], { runpath: '@/lib' }), lib('lib/liba.so', { needs: ['libb.so'] }), lib('lib/libb.so')],
  expected: ['app liba.so => lib/liba.so (runpath app)', `lib/liba.so libb.so ${notFound}`],
});

checkRule('RPATH is inherited down the chain of first loaders', {
  build: [
    app(['liba.so'], { rpath: '@/a' }),
    lib('a/liba.so', { needs: ['libb.so'], rpath: '@/b' }),
    lib('b/libb.so', { needs: ['libc1.so', 'libd1.so'] }),
    lib('a/libc1.so'),
    lib('b/libc1.so'),
    lib('a/libd1.so'),
  ],
  expected: [
    'app liba.so => a/liba.so (rpath app)',
    'a/liba.so libb.so => b/libb.so (rpath a/liba.so)',
    'b/libb.so libc1.so => b/libc1.so (rpath a/liba.so)',
    'b/libb.so libd1.so => a/libd1.so (rpath app)',
  ],
});

checkRule('RPATH of any ancestor is ignored for a requester that has RUNPATH', {
  build: [
    app(['liba.so'], { rpath: '@/a' }),
    lib('a/liba.so', { needs: ['libb.so'], runpath: '@/none' }),
    lib('a/libb.so'),
  ],
  expected: ['app liba.so => a/liba.so (rpath app)', `a/liba.so libb.so ${notFound}`],
});

checkRule('an object with both loses its RPATH, also for what it loads', {
  build: [
    app(['liba.so'], { runpath: '@/a' }),
    lib('a/liba.so', { needs: ['libb.so'], rpath: '@/r', runpath: '@/b' }),
    lib('b/libb.so', { needs: ['libc1.so'] }),
    lib('r/libb.so'),
    lib('r/libc1.so'),
  ],
  expected: [
    'app liba.so => a/liba.so (runpath app)',
    'a/liba.so libb.so => b/libb.so (runpath a/liba.so)',
    `b/libb.so libc1.so ${notFound}`,
  ],
});

checkRule('RPATH of an ancestor is used past one that has RUNPATH', {
  build: [
    app(['liba.so'], { rpath: '@/a:@/c' }),
    lib('a/liba.so', { needs: ['libb.so'], runpath: '@/b' }),
    lib('b/libb.so', { needs: ['libc1.so'] }),
    lib('c/libc1.so'),
  ],
  expected: [
    'app liba.so => a/liba.so (rpath app)',
    'a/liba.so libb.so => b/libb.so (runpath a/liba.so)',
    'b/libb.so libc1.so => c/libc1.so (rpath app)',
  ],
});

checkRule('RPATH comes before LD_LIBRARY_PATH, RUNPATH behind it', {
  build: [
    app(['liba.so', 'libb.so'], { rpath: '@/r' }),
    lib('r/liba.so', { needs: ['libc1.so'], runpath: '@/u' }),
    lib('l/liba.so'),
    lib('l/libb.so'),
    lib('u/libc1.so'),
    lib('l/libc1.so'),
  ],
  libraryPath: '@/l',
  expected: [
    'app liba.so => r/liba.so (rpath app)',
    'app libb.so => l/libb.so (library-path LD_LIBRARY_PATH)',
    'r/liba.so libc1.so => l/libc1.so (library-path LD_LIBRARY_PATH)',
  ],
});

checkRule('LD_LIBRARY_PATH may be separated by semicolons, and goes to every object', {
  build: [app(['liba.so'], { runpath: '@/none' }), lib('l/liba.so', { needs: ['libb.so'] }), lib('m/libb.so')],
  libraryPath: '@/l/;@/m//',
  expected: [
    'app liba.so => l/liba.so (library-path LD_LIBRARY_PATH)',
    'l/liba.so libb.so => m/libb.so (library-path LD_LIBRARY_PATH)',
  ],
});

checkRule('a semicolon in RUNPATH separates nothing', {
  build: [app(['liba.so'], { runpath: '@/x;@/l' }), lib('l/liba.so')],
  expected: [`app liba.so ${notFound}`],
});

checkRule('an empty element is the working directory', {
  build: [app(['liba.so'], { runpath: '@/none::@/x' }), lib('w/liba.so'), lib('x/liba.so')],
  cwd: 'w',
  expected: ['app liba.so => w/liba.so (runpath app)'],
});

checkRule('an empty element of LD_LIBRARY_PATH too, also a last one', {
  build: [app(['liba.so']), lib('w/liba.so')],
  cwd: 'w',
  libraryPath: '@/x:',
  expected: ['app liba.so => w/liba.so (library-path LD_LIBRARY_PATH)'],
});

checkRule('an empty LD_LIBRARY_PATH is none', {
  build: [app(['liba.so']), lib('w/liba.so')],
  cwd: 'w',
  libraryPath: '',
  expected: [`app liba.so ${notFound}`],
});

checkRule('a relative RUNPATH counts from the working directory', {
  build: [app(['liba.so'], { runpath: 'lib' }), lib('w/lib/liba.so')],
  cwd: 'w',
  expected: ['app liba.so => w/lib/liba.so (runpath app)'],
});

checkRule('the cache, then the system folders', {
  build: [app(['libm.so.6'], { runpath: '@/x' })],
  expected: [
    'app libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (cache /etc/ld.so.cache)',
    '/lib/x86_64-linux-gnu/libm.so.6 libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (cache /etc/ld.so.cache)',
    '/lib/x86_64-linux-gnu/libm.so.6 ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2 (interpreter /lib64/ld-linux-x86-64.so.2)',
    '/lib/x86_64-linux-gnu/libc.so.6 ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2 (interpreter /lib64/ld-linux-x86-64.so.2)',
  ],
});

checkRule('DF_1_NODEFLIB keeps out of the system folders, also in the cache', {
  build: [app(['libm.so.6'], { flags: ['-z', 'nodefaultlib'] })],
  expected: [`app libm.so.6 ${notFound}`],
});

checkRule('the interpreter is found by its SONAME without a search', {
  build: [app(['ld-linux-x86-64.so.2'], { runpath: '@/lib' }), lib('lib/ld-linux-x86-64.so.2')],
  expected: ['app ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2 (interpreter /lib64/ld-linux-x86-64.so.2)'],
});

checkRule('glibc-hwcaps folders come first, those that the processor has', {
  build: [
    app(['liba.so', 'libb.so'], { runpath: '@/lib' }),
    lib('lib/liba.so'),
    lib('lib/glibc-hwcaps/x86-64-v2/liba.so'),
    lib('lib/glibc-hwcaps/x86-64-v9/libb.so'),
    lib('lib/libb.so'),
  ],
  expected: [
    'app liba.so => lib/glibc-hwcaps/x86-64-v2/liba.so (runpath app)',
    'app libb.so => lib/libb.so (runpath app)',
  ],
});
