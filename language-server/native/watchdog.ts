import { type ChildProcess, spawn } from 'node:child_process';

/**
 * A small shell that outlives the server by an instant: it holds the read end of a pipe whose write end only the server has,
 * so that its `read` ends however the server dies (SIGKILL included), and then kills what the server left running.
 * $1 is the prefix of the environment marker that every child carries.
 */
const script = `
trap '' HUP INT TERM
groups=' '
while IFS=' ' read -r change group; do
  case $change in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -KILL -- "-$group" 2>/dev/null; done
for environment in /proc/[0-9]*/environ; do
  if tr '\\0' '\\n' 2>/dev/null <"$environment" | grep -qF -- "$1"; then
    process=\${environment#/proc/}
    kill -KILL "\${process%/environ}" 2>/dev/null
  fi
done
`;

export interface Watchdog {
  watch(group: number): void;
  release(group: number): void;
  /** Ends the watchdog; it then kills what is still watched. */
  close(): void;
}

/** @param marker Prefix of `NAME=VALUE` in the environment of all children of this server. Started with the first child. */
export function createWatchdog(marker: string): Watchdog {
  let shell: ChildProcess | undefined;
  const say = (line: string): void => {
    shell?.stdin?.write(line);
  };
  return {
    watch(group) {
      shell ??= startShell(marker);
      say(`+ ${group}\n`);
    },
    release(group) {
      say(`- ${group}\n`);
    },
    close() {
      shell?.stdin?.end();
      shell = undefined;
    },
  };
}

function startShell(marker: string): ChildProcess {
  const shell = spawn('/bin/sh', ['-c', script, 'sh', marker], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  // A machine without /bin/sh loses only the guard against its own sudden death.
  shell.on('error', () => undefined);
  shell.stdin?.on('error', () => undefined);
  shell.unref();
  (shell.stdin as (NodeJS.WritableStream & { unref?(): void }) | null)?.unref?.();
  return shell;
}
