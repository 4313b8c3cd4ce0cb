import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A cast as the Cython compiler saw it; line from 0, column in characters from 0. */
export interface CompiledCast {
  readonly line: number;
  readonly character: number;
  readonly target: string;
  readonly operand: string;
  /** The compiler put the PyObject's address into a pointer of C, without converting it. */
  readonly takesAddress: boolean;
  /** The C that it emitted for the cast; empty where it emitted none. */
  readonly c: string;
}

export interface Compilation {
  /** Lines (from 0) with an error, and what the compiler said there. */
  readonly errors: ReadonlyMap<number, string>;
  readonly casts: readonly CompiledCast[];
}

/**
 * Runs the whole Cython compiler and notes each cast when its C is written. `takesAddress` is what the emitted C does: the
 * operand that stands in the C cast is a PyObject, and the C type is a pointer that is none.
 */
const script = `
import json, os, sys
source, output = sys.argv[1:3]
from Cython.Compiler import Errors, ExprNodes
from Cython.Compiler.Main import CompilationOptions, compile_single, default_options

def is_own(position):
    # Cython's own utility sources are compiled along, and report into the same list.
    return os.path.abspath(position[0].filename or "") == os.path.abspath(source)

casts = {}
emit = ExprNodes.TypecastNode.calculate_result_code

def noting(self, operand_result=None):
    result = emit(self, operand_result)
    if operand_result is None and self.operand is not None and is_own(self.pos):
        operand, target = self.operand.type, self.type
        key = self.pos[1], self.pos[2], str(target)
        # A fused function is written once for each type: one that takes the address is enough.
        if not casts.get(key, {}).get("takesAddress"):
            casts[key] = {
                "line": self.pos[1] - 1, "character": self.pos[2], "target": str(target), "operand": str(operand),
                "takesAddress": bool(operand.is_pyobject and target.is_ptr), "c": result}
    return result

ExprNodes.TypecastNode.calculate_result_code = noting
errors = {}
report = Errors.report_error

def reporting(err, *args, **kwargs):
    if getattr(err, "position", None) and is_own(err.position):
        errors.setdefault(err.position[1] - 1, str(err.message_only))
    return report(err, *args, **kwargs)

Errors.report_error = reporting
for module in list(sys.modules.values()):
    if getattr(module, "report_error", None) is report:
        module.report_error = reporting
options = CompilationOptions(default_options, output_file=output, language_level=3)
compile_single(source, options, None)
print(json.dumps({"errors": errors, "casts": list(casts.values())}))
`;

const run = promisify(execFile);

/** Compiles a source that is written to the folder as `name`. */
export async function compileCython(folder: string, name: string, source: string): Promise<Compilation> {
  const path = join(folder, name);
  writeFileSync(path, source);
  const { stdout } = await run('/usr/bin/python3', ['-c', script, path, join(folder, `${name}.c`)], {
    cwd: folder,
    maxBuffer: 64 << 20,
  });
  const answer = JSON.parse(stdout) as { errors: Record<string, string>; casts: readonly CompiledCast[] };
  return {
    errors: new Map(Object.entries(answer.errors).map(([line, message]) => [Number(line), message])),
    casts: answer.casts,
  };
}

/** One function or class with the casts of a case; its name must be free of the others'. */
export interface CompiledCase {
  readonly source: string;
  /** Lines of the source (from 0) that the compiler refuses. */
  readonly errors: ReadonlyMap<number, string>;
  /** Casts, with lines of the source. */
  readonly casts: readonly CompiledCast[];
}

/**
 * Compiles many cases in one run of the compiler, then once more without those that it refused: it writes no C for a file
 * with an error.
 */
export async function compileCases(
  folder: string,
  preamble: string,
  sources: readonly string[],
): Promise<readonly CompiledCase[]> {
  const refused = new Map<number, ReadonlyMap<number, string>>();
  const casts = new Map<number, readonly CompiledCast[]>();
  for (let round = 0; ; round += 1) {
    const kept = sources.map((_, index) => index).filter(index => !refused.has(index));
    const starts = new Map<number, number>();
    let text = preamble;
    for (const index of kept) {
      starts.set(index, text.split('\n').length - 1);
      text += sources[index];
    }
    const compiled = await compileCython(folder, `cases${round}.pyx`, text);
    const linesOf = (index: number): readonly [number, number] => {
      const start = starts.get(index) ?? 0;
      return [start, start + (sources[index] ?? '').split('\n').length - 1];
    };
    let failures = 0;
    for (const index of kept) {
      const [from, to] = linesOf(index);
      const own = [...compiled.errors].filter(([line]) => line >= from && line < to);
      if (own.length > 0) {
        failures += 1;
        refused.set(index, new Map(own.map(([line, message]) => [line - from, message])));
      }
      casts.set(
        index,
        compiled.casts
          .filter(({ line }) => line >= from && line < to)
          .map(cast => ({ ...cast, line: cast.line - from })),
      );
    }
    if (failures === 0) {
      if (compiled.errors.size > 0) throw new Error(`Outside all cases: ${[...compiled.errors].join('; ')}`);
      return sources.map((source, index) => ({
        source,
        errors: refused.get(index) ?? new Map(),
        casts: refused.has(index) ? [] : (casts.get(index) ?? []),
      }));
    }
    if (round > 10) throw new Error('The compiler refuses a case more in each round.');
  }
}
