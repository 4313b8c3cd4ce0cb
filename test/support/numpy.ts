import { execFileSync } from 'node:child_process';

/** Debian's NumPy, as an independent program: runs a script with `np` and `json`, and reads the JSON that it prints. */
export function numpy<T>(script: string, input: unknown = null): T {
  const output = execFileSync(
    '/usr/bin/python3',
    ['-c', `import json, math, sys\nimport numpy as np\nargs = json.load(sys.stdin)\n${script}`],
    {
      input: JSON.stringify(input),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    },
  );
  return JSON.parse(output) as T;
}
