import { statSync } from 'node:fs';
import type { RunOutcome } from './door.ts';
import { type ToolId, toolDefinition } from './tools.ts';

const deadlineMs = 5000;

/** The version of a tool as it says it itself; null where it says none. */
export type VersionReader = (tool: ToolId, path: string) => Promise<string | null>;

/** Asks each program once, and again after it was replaced (an upgrade while the server runs). */
export function createVersionReader(
  run: (command: string, args: readonly string[], deadlineMs: number) => Promise<RunOutcome>,
): VersionReader {
  const known = new Map<string, Promise<string | null>>();

  return (tool, path) => {
    const key = `${tool} ${path} ${fileIdentity(path)}`;
    const answered = known.get(key);
    if (answered !== undefined) return answered;
    const { versionArgs, versionPattern } = toolDefinition(tool);
    const asked = run(path, versionArgs, deadlineMs).then(outcome => {
      if (outcome.kind === 'exited') return versionIn(versionPattern, outcome.stdout, outcome.stderr);
      // Not an answer (cancelled, too slow this time): the next one asks again.
      known.delete(key);
      return null;
    });
    known.set(key, asked);
    return asked;
  };
}

function versionIn(pattern: RegExp, stdout: Uint8Array, stderr: Uint8Array): string | null {
  return pattern.exec(Buffer.concat([stdout, stderr]).toString('utf8'))?.[1] ?? null;
}

function fileIdentity(path: string): string {
  const { dev, ino, size, mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return [dev, ino, size, mtimeMs].join(' ');
}
