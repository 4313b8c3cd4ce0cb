import { cwd, env } from 'node:process';
import type { ByteText } from '../../protocol/elf.ts';

/** What beside the files decides how the loader resolves: every member can be set to ask "what if". */
export interface LoaderEnvironment {
  /** Relative names and empty elements of search paths count from here. */
  readonly cwd: ByteText;
  /** `LD_LIBRARY_PATH`. Empty is as good as unset, as for the loader. */
  readonly libraryPath?: ByteText;
  /** `LD_PRELOAD`. */
  readonly preload?: ByteText;
  /** Resolve below this folder instead of `/`. */
  readonly sysroot?: ByteText;
  /** Best `glibc-hwcaps` folder that may be used ("x86-64-v2"; "none"); absent: what this machine's processor has. */
  readonly hwcapsLevel?: string;
  /** The n of glibc 2.n whose rules hold, instead of those of the loader that is there. */
  readonly glibcMinorVersion?: number;
  /** The program has more rights than its caller (setuid, file capabilities): AT_SECURE. */
  readonly secure?: boolean;
}

/** The environment in which this process would start a program. */
export function environmentFromProcess(): LoaderEnvironment {
  const libraryPath = env['LD_LIBRARY_PATH'];
  const preload = env['LD_PRELOAD'];
  return {
    cwd: cwd(),
    ...(libraryPath ? { libraryPath } : {}),
    ...(preload ? { preload } : {}),
  };
}
