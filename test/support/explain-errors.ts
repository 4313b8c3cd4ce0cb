import { execFile } from 'node:child_process';
import { createDemangler } from '../../language-server/demangle/demangler.ts';
import { explainText } from '../../language-server/explain/explain-text.ts';
import { createNativeDoor } from '../../language-server/native/create-door.ts';
import type { Explanation, Explanations, LoaderErrorKind } from '../../language-server/protocol/explain.ts';

export interface Ran {
  /** Standard output and standard error, as they came. */
  readonly text: string;
  /** -1 where a signal ended it. */
  readonly exitCode: number;
}

/** Runs a script with nothing of the loader's in the environment, in plain English unless it says otherwise. */
export function runIn(folder: string, script: string, env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  return new Promise(resolve => {
    const options = {
      cwd: folder,
      env: { PATH: '/usr/bin:/bin', HOME: folder, LC_ALL: 'C.UTF-8', ...env },
      maxBuffer: 1 << 24,
    };
    execFile('/bin/sh', ['-c', `exec 2>&1; ${script}`], options, (error, stdout) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ text: stdout, exitCode });
    });
  });
}

/** As {@link runIn}, for what must succeed. */
export async function buildIn(folder: string, script: string): Promise<void> {
  const { text, exitCode } = await runIn(folder, `set -e; ${script}`);
  if (exitCode !== 0) throw new Error(`${script}\n${text}`);
}

const door = createNativeDoor({ toolPath: () => undefined, isTrusted: () => false, log: () => undefined });
const demangler = createDemangler(request => door.runTool('cxxfilt', request));

export interface ExplainSettings {
  readonly localeFolder?: string;
  readonly searchFolders?: readonly string[];
  readonly libraryPath?: string;
  readonly sysroot?: string;
}

export function explainIn(folder: string, text: string, settings: ExplainSettings = {}): Promise<Explanations> {
  const signal = new AbortController().signal;
  const { libraryPath, searchFolders = [], localeFolder, sysroot } = settings;
  return explainText(text, {
    tree: {
      environment: { cwd: folder, ...(libraryPath !== undefined && { libraryPath }) },
      ...(sysroot !== undefined && { sysroot }),
    },
    searchFolders,
    demangle: async names => (await demangler.demangle(names, signal)).names,
    signal,
    path: '/usr/bin:/bin',
    ...(localeFolder !== undefined && { localeFolder }),
  });
}

/** The one explanation of a kind. */
export async function explanationOf(
  folder: string,
  text: string,
  kind: LoaderErrorKind,
  settings: ExplainSettings = {},
): Promise<Explanation> {
  const { explanations } = await explainIn(folder, text, settings);
  const found = explanations.filter(explanation => explanation.kind === kind);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    throw new Error(`${found.length} explanations of ${kind} in:\n${text}\n${JSON.stringify(explanations, null, 1)}`);
  }
  return first;
}

/** The command of a remedy, as it would be pasted; `COMMAND` is what was run. */
export function commandOf({ remedies }: Explanation, id: string, command = 'COMMAND'): string {
  const remedy = remedies.find(candidate => candidate.id === id);
  if (remedy?.command == null) {
    throw new Error(`No command "${id}" among ${remedies.map(candidate => candidate.id).join(', ')}`);
  }
  return remedy.command.replace(/^sudo /u, '').replace(/\bCOMMAND\b/u, command);
}
