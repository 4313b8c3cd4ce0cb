import type { RunOutcome } from '../../native/door.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { fileStamp } from './file-stamp.ts';
import { type Asking, type Owners, type PackageDatabase, unowned } from './package-database.ts';

/** Where rpm(8) has it, the newer place first. */
const places = ['/usr/lib/sysimage/rpm', '/var/lib/rpm'];
/** Of its formats sqlite (with its log), ndb and Berkeley DB. */
const databaseFiles = ['rpmdb.sqlite', 'rpmdb.sqlite-wal', 'Packages.db', 'Packages'];

/** rpm expands macros in the path that it is given, which can run commands: it never sees a name that somebody else has chosen. */
const ownFolder = '/proc/self/cwd';

/** Some 500,000 files take rpm a second or two. */
const deadlineMs = 60_000;

/**
 * The database of rpm, which is binary, of three kinds, and read by rpm itself: a query that changes and runs nothing. Packages
 * are named as dnf(8) names them, NAME.ARCH.
 */
export function openRpmDatabase(sysroot: ByteText): PackageDatabase | null {
  for (const place of places) {
    const folder = sysroot + place;
    const stamps = databaseFiles.flatMap(name => fileStamp(`${folder}/${name}`, 'file') ?? []);
    if (stamps.length === 0) continue;
    const version = stamps.join(' ');
    return { manager: 'rpm', version, ownersOf: (paths, asking) => findOwners(folder, paths, asking) };
  }
  return null;
}

async function findOwners(folder: ByteText, paths: Iterable<ByteText>, { door, signal }: Asking): Promise<Owners> {
  const packages = unowned(paths);
  const outcome = await door.runTool('rpm', {
    cwd: folder,
    args: ['--dbpath', ownFolder, '--query', '--all', '--queryformat', '[%{=NAME}.%{=ARCH}\\t%{FILENAMES}\\n]'],
    env: { LC_ALL: 'C' },
    deadlineMs,
    ...(signal !== undefined && { signal }),
    onLine: line => {
      const tab = line.indexOf('\t');
      const path = line.slice(tab + 1);
      if (packages.has(path)) packages.set(path, line.slice(0, tab));
    },
  });
  signal?.throwIfAborted();
  const problem = problemOf(outcome);
  return problem === null ? { packages } : { packages, problem };
}

function problemOf(outcome: RunOutcome): string | null {
  switch (outcome.kind) {
    case 'exited': {
      if (outcome.exitCode === 0) return null;
      const reason = new TextDecoder().decode(outcome.stderr).trim().split('\n')[0] ?? '';
      return `rpm cannot read its database: ${reason === '' ? `exit status ${outcome.exitCode}` : reason}`;
    }
    case 'timedOut':
      return `rpm did not answer within ${outcome.deadlineMs / 1000} seconds.`;
    case 'cancelled':
      return 'rpm was stopped.';
    case 'missing':
      return `${outcome.message} ${outcome.remedy}`;
    case 'untrusted':
    case 'spawnFailed':
      return outcome.message;
  }
}
