import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

/**
 * A small shell that outlives the server by an instant: it holds the read end of a pipe whose write end only the server has,
 * so that its `read` ends however the server dies (SIGKILL included), and then kills what the server left running. It runs in
 * the background of a shell that exits at once: language clients end a server by killing its tree of children from the leaves
 * up, and would kill the guard first if it were one of them. $1 is the prefix of the environment marker that every child
 * carries; the last sweep, after a pause, is for one that was between fork and exec when its server died.
 */
const script = `
guard() {
  trap '' HUP INT TERM
  groups=' '
  folders=
  while IFS=' ' read -r change group; do
    case $change in
      +) groups="$groups$group " ;;
      -) groups="\${groups%% $group *} \${groups#* $group }" ;;
      d) folders="$folders$group
" ;;
    esac
  done
  for group in $groups; do kill -KILL -- "-$group"; done
  sweeps "$1"
  remove_folders
  sleep 1
  sweeps "$1"
  remove_folders
}
remove_folders() {
  printf '%s' "$folders" | while IFS= read -r folder; do
    case $folder in
      */binary-detective-*) chmod -R u+rwX "$folder"; rm -rf -- "$folder" ;;
    esac
  done
}
sweeps() {
  left=20
  while [ "$left" -gt 0 ] && sweep "$1"; do left=$((left - 1)); done
}
sweep() {
  found=1
  for environment in /proc/[0-9]*/environ; do
    if tr '\\0' '\\n' <"$environment" | grep -qF -- "$1"; then
      process=\${environment#/proc/}
      kill -KILL "\${process%/environ}" && found=0
    fi
  done
  return $found
}
guard "$1" <&3 3<&- &
`;

export interface Watchdog {
  /** Starts the guard where none is running. To be called before a child is started, so that none is ever unguarded. */
  arm(): void;
  watch(group: number): void;
  release(group: number): void;
  /** A folder of ours, to be removed where we die before it is released. */
  watchFolder(path: string): void;
  releaseFolder(path: string): void;
  /** Ends the guard; it then kills what is still watched. */
  close(): void;
}

/** @param marker Prefix of `NAME=VALUE` in the environment of all children of this server. */
export function createWatchdog(marker: string): Watchdog {
  const groups = new Set<number>();
  const folders = new Set<string>();
  let guard: Socket | undefined;
  let losses = 0;

  const arm = (): void => {
    if (guard !== undefined) return;
    const started = startGuard(marker);
    guard = started;
    for (const group of groups) started?.write(`+ ${group}\n`);
    for (const path of folders) started?.write(`d ${path}\n`);
    started?.on('close', () => {
      if (guard !== started) return;
      // Somebody killed it, or /bin/sh cannot run: it is replaced for those that run now, but not for ever.
      guard = undefined;
      losses += 1;
      if (groups.size + folders.size > 0 && losses < 10) arm();
    });
  };

  return {
    arm,
    watch(group) {
      groups.add(group);
      guard?.write(`+ ${group}\n`);
    },
    release(group) {
      if (groups.delete(group)) guard?.write(`- ${group}\n`);
    },
    watchFolder(path) {
      folders.add(path);
      guard?.write(`d ${path}\n`);
    },
    // The guard may try to remove what is gone: nothing else ever has that name.
    releaseFolder: path => void folders.delete(path),
    close() {
      guard?.end();
      guard = undefined;
    },
  };
}

/** The pipe to a new guard. A machine without /bin/sh loses only the protection against the server's own sudden death. */
function startGuard(marker: string): Socket | undefined {
  // Not standard input: Node closes that one as soon as the first shell has exited.
  const shell = spawn('/bin/sh', ['-c', script, 'sh', marker], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    cwd: '/',
  });
  shell.on('error', () => undefined);
  shell.unref();
  const pipe = shell.stdio[3];
  if (!(pipe instanceof Socket)) return undefined;
  pipe.on('error', () => undefined);
  // Nothing is ever written to us; reading is how the end of the guard is seen.
  pipe.resume();
  // Waiting for the guard must not keep the server alive: the guard waits for the server.
  pipe.unref();
  return pipe;
}
