import { execFile } from 'node:child_process';
import { decodeBytes } from '../../language-server/native/byte-text.ts';

/** An object as the loader lists it; `path` is null where it says "not found". */
export interface ListedObject {
  readonly name: string;
  readonly path: string | null;
}

/** What the real loader says about a file. */
export interface LoaderAnswer {
  /** In its order, without the file itself and the vDSO. */
  readonly objects: readonly ListedObject[];
  /** The fatal error it ended with; "crash" where a signal ended it, also the one that ends what takes a minute. */
  readonly error: string | null;
  /** `version … not found (required by …)`, sorted. */
  readonly versionErrors: readonly string[];
  /** Every search for a file, in order; empty unless LD_DEBUG=libs is set. */
  readonly searches: readonly Search[];
}

/** A name that was searched for, and each path that was tried, the one that was taken included. */
export interface Search {
  readonly name: string;
  readonly tried: readonly string[];
}

export interface LoaderRun {
  readonly files: readonly string[];
  readonly cwd?: string;
  /** LD_* variables; nothing else is in the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Who maps the file: the loader, as for ldd(1), or the kernel, when it is started as a program. Both go on after a miss
   * (LD_TRACE_LOADED_OBJECTS); the loader's option `--list` does so in musl only.
   */
  readonly mode?: 'loader' | 'start' | 'list';
}

export const glibcLoader = '/lib64/ld-linux-x86-64.so.2';
export const muslLoader = '/lib/ld-musl-x86_64.so.1';

const endOfAnswer = '\n==end of answer==\n';

/**
 * Asks the loader about each file. One shell runs it for all of them, which is faster than starting each from here. The
 * shell itself must not meet the variables, so `env` sets them.
 */
export async function askLoader(loader: string, run: LoaderRun): Promise<readonly LoaderAnswer[]> {
  const { files, cwd = '/', env = {}, mode = 'loader' } = run;
  const variables = Object.entries({ ...env, ...(mode !== 'list' && { LD_TRACE_LOADED_OBJECTS: '1' }) });
  const command = { start: '"$f"', loader: `${loader} "$f"`, list: `${loader} --list "$f"` }[mode];
  const script = `loop=$1; shift; for f; do eval "$loop" 2>&1; printf '\\nstatus=%s' $?; printf '\\n%s' '${endOfAnswer.trimStart()}'; done`;
  // `env VAR=x program`: the program is started with them by execve(2), and env itself without.
  const set = variables.map(([name, value]) => `${name}='${value.replaceAll("'", "'\\''")}'`).join(' ');
  const output = await runShell(
    ['-c', script, 'sh', `timeout -s KILL 60 env -i LC_ALL=C ${set} ${command}`, ...files],
    cwd,
  );
  const answers = output.split(endOfAnswer).slice(0, -1);
  if (answers.length !== files.length)
    throw new Error(`${answers.length} answers for ${files.length} files: ${output}`);
  return answers.map(parseAnswer);
}

function runShell(args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('/bin/sh', [...args], { cwd, encoding: 'buffer', maxBuffer: 1 << 30 }, (error, stdout) => {
      if (error === null) resolve(decodeBytes(stdout));
      else reject(error);
    });
  });
}

/** What the loader printed about one file, with `status=NUMBER` on a line of its own. */
export function parseAnswer(text: string): LoaderAnswer {
  const objects: ListedObject[] = [];
  const versionErrors: string[] = [];
  const searches: { readonly name: string; readonly tried: string[] }[] = [];
  let error: string | null = null;
  const status = Number(/^status=(\d+)$/mu.exec(text)?.[1]);
  if (status > 128) error = 'crash';
  for (const line of text.split('\n')) {
    const searched = /^ *\d+:\tfind library=(.*) \[0\]; searching$/u.exec(line)?.[1];
    const tried = /^ *\d+:\t {2}trying file=(.*)$/u.exec(line)?.[1];
    if (searched !== undefined) searches.push({ name: searched, tried: [] });
    if (tried !== undefined) searches.at(-1)?.tried.push(tried);
    const fatal = /: error while loading shared libraries: (.*)$/u.exec(line)?.[1];
    const version = /(version `.*' not found \(required by .*\))$/u.exec(line)?.[1];
    if (fatal !== undefined) error ??= fatal;
    else if (version !== undefined) versionErrors.push(version);
    else {
      const object = parseObject(line);
      if (object !== null && !/^linux-(?:vdso|gate)\.so\.1$/u.test(object.name)) objects.push(object);
    }
  }
  return { objects, error, versionErrors: versionErrors.sort(), searches };
}

/** `\tNAME => PATH (0xADDRESS)`, `\tNAME => not found`, musl's "Error loading …", or `\tPATH (0xADDRESS)` where the two are the same. */
function parseObject(line: string): ListedObject | null {
  const missing =
    /^\t(.*) => not found$/u.exec(line)?.[1] ??
    /^Error loading shared library (.*): [^:]* \(needed by .*\)$/u.exec(line)?.[1];
  if (missing !== undefined) return { name: missing, path: null };
  const [, name, path] = /^\t(.*?)(?: => (.*))? \(0x[0-9a-f]+\)$/u.exec(line) ?? [];
  return name === undefined ? null : { name, path: path ?? name };
}
