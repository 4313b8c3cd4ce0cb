import type { WhatIf } from '../../protocol/dependencies.ts';
import { UserError } from '../../protocol/errors.ts';
import { absolutePath } from '../files/loader-files.ts';
import { environmentFromProcess, type LoaderEnvironment } from '../loader/environment.ts';

/**
 * The environment with what is asked for in place. What is set for programs of this machine does not hold below a sysroot: only
 * what is asked for does.
 *
 * @throws UserError invalidParams for a version that is none.
 */
export function effectiveEnvironment(asked: WhatIf & { readonly environment?: LoaderEnvironment }): LoaderEnvironment {
  const { libraryPath, preload, hwcaps, glibcVersion, setuid, sysroot } = asked;
  const given = asked.environment ?? environmentFromProcess();
  const cwd = asked.cwd === undefined ? given.cwd : absolutePath(asked.cwd, given.cwd);
  const wanted = {
    cwd,
    ...(libraryPath !== undefined && { libraryPath }),
    ...(preload !== undefined && { preload }),
    ...(hwcaps !== undefined && { hwcapsLevel: hwcaps }),
    ...(glibcVersion !== undefined && { glibcMinorVersion: minorVersionOf(glibcVersion) }),
    ...(setuid !== undefined && { secure: setuid }),
  };
  if (sysroot === undefined) return { ...given, ...wanted };
  const { preload: _preload, libraryPath: _libraryPath, ...rest } = given;
  return { ...rest, ...wanted, sysroot: absolutePath(sysroot, cwd) };
}

function minorVersionOf(version: string): number {
  const minor = /^2\.(\d{1,3})(?:\.\d+)*$/u.exec(version)?.[1];
  if (minor !== undefined) return Number(minor);
  throw new UserError('invalidParams', `"${version}" is no version of glibc. Name one such as "2.31".`);
}
