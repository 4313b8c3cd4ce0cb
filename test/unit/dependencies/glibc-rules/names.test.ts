import { app, checkRule, lib } from '../../../support/loader-rule.ts';

checkRule('names that are odd: a space, a percent sign, UTF-8, and very long ones', {
  build: [
    app(['lib a%s.so', 'libé日.so', `lib${'x'.repeat(300)}.so`, `lib${'y'.repeat(5000)}.so`], { rpath: '@/f o o' }),
    lib('f o o/lib a%s.so'),
    lib('f o o/libé日.so'),
  ],
  expected: [
    'app lib a%s.so => f o o/lib a%s.so (rpath app)',
    'app libé日.so => f o o/libé日.so (rpath app)',
    `app lib${'x'.repeat(300)}.so ! cannot open shared object file: File name too long`,
    `app lib${'y'.repeat(5000)}.so ! cannot open shared object file: File name too long`,
  ],
});
