import { withElfFile } from '../elf/open-elf.ts';
import { dynamicTag } from '../elf/reader/dynamic-section.ts';
import { UserError } from '../protocol/errors.ts';
import type { Target } from './target.ts';

/**
 * A program that is linked with AddressSanitizer's library, told not to mind that another library comes before that one: the
 * shim stands in front of its malloc, and hands it all that does not fail. Errors: none; other programs stay as they are.
 */
export async function admitSanitizer(target: Target): Promise<Target> {
  if (!(await needsAsan(target))) return target;
  const given = target.env['ASAN_OPTIONS'] ?? process.env['ASAN_OPTIONS'] ?? '';
  const options = [...(given === '' ? [] : [given]), 'verify_asan_link_order=0'].join(':');
  return { ...target, env: { ...target.env, ASAN_OPTIONS: options } };
}

async function needsAsan({ path }: Target): Promise<boolean> {
  try {
    return await withElfFile(path, ({ dynamic }) =>
      (dynamic()?.names(dynamicTag.needed) ?? []).some(library => /^lib(?:clang_rt\.)?asan\b/u.test(library)),
    );
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}
