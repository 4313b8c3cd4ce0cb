import { execFile } from 'node:child_process';
import { bundle } from './language-client.ts';

export interface Ended {
  /** -1 where a signal ended it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Every answer in JSON says what it is. */
export interface Versioned {
  readonly schema: string;
}

export interface CommandLine {
  run(...args: readonly string[]): Promise<Ended>;
  /** With `--format json`. The answer is taken for what docs/cli.md says that it is; the tests look whether it is. */
  json<Answer>(...args: readonly string[]): Promise<{ readonly exitCode: number; readonly answer: Answer & Versioned }>;
}

/** The bundled command line, as a person would run it in this folder. */
export function commandLineIn(folder: string, env: NodeJS.ProcessEnv = process.env): CommandLine {
  const run = (...args: readonly string[]): Promise<Ended> =>
    new Promise(resolve => {
      const options = { cwd: folder, env, maxBuffer: 1 << 28 };
      execFile(process.execPath, [bundle, ...args], options, (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ exitCode, stdout, stderr });
      });
    });
  return {
    run,
    json: async <Answer>(verb: string, ...args: readonly string[]) => {
      const { exitCode, stdout } = await run(verb, '--format', 'json', ...args);
      return { exitCode, answer: JSON.parse(stdout) as Answer & Versioned };
    },
  };
}
