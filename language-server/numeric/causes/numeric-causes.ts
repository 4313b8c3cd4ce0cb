import { createPause } from '../../dependencies/pause.ts';
import { resolveTree, type TreeOptions } from '../../dependencies/tree/tree.ts';
import { flushToZeroOf } from '../../elf/floating-point/flush-to-zero.ts';
import { withElfFile } from '../../elf/open-elf.ts';
import { shellCommand } from '../../native/shell-quote.ts';
import type { DependencyTree, ObjectId } from '../../protocol/dependencies.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { Finding } from '../../protocol/finding.ts';
import type { NumericCauses, NumericRuntime } from '../../protocol/numeric.ts';
import { pathsTo } from '../../protocol/tree-paths.ts';
import { type MathRuntime, mathRuntimesOf } from './math-runtimes.ts';

/**
 * What in a program, a library or an extension module, and in all that is loaded with it, changes numbers behind the back of
 * whoever calls it. Nothing is run. Throws UserError as `resolveTree`; rejects when cancelled.
 */
export async function numericCauses(path: ByteText, options: TreeOptions, signal: AbortSignal): Promise<NumericCauses> {
  const tree = await resolveTree(path, options, signal);
  const pause = createPause(signal);
  const runtimes: NumericRuntime[] = [];
  const findings: Finding[] = [];
  for (const id of tree.loadOrder) {
    await pause();
    const object = tree.objects[id];
    if (object === undefined) continue;
    const seen = await lookAt(object.path);
    if (seen === null) continue;
    const way = wayTo(tree, id);
    for (const { runtime, implementation, symbol } of seen.runtimes)
      runtimes.push({ runtime, implementation, symbol, path: object.path, way });
    if (seen.flush !== null) findings.push(flushFinding(object.path, way, seen.flush));
  }
  return {
    path,
    runtimes,
    findings: [...findings, ...severalFindings(runtimes)],
    evidence: { command: tree.command },
  };
}

type Seen = Awaited<ReturnType<typeof looked>>;

/** Null for what went away, or is no ELF file: the tree has told of it. */
async function lookAt(path: ByteText): Promise<Seen | null> {
  try {
    return await looked(path);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

function looked(path: ByteText): Promise<{
  readonly runtimes: ReturnType<typeof mathRuntimesOf>;
  readonly flush: ReturnType<typeof flushToZeroOf>;
}> {
  return withElfFile(path, file => ({ runtimes: mathRuntimesOf(file), flush: flushToZeroOf(file) }));
}

/** Paths from the root down to an object, by the shortest way; what is preloaded stands alone. */
function wayTo(tree: DependencyTree, id: ObjectId): readonly ByteText[] {
  const [path = []] = pathsTo(tree, { object: id }, 1).paths;
  return [...path.map(({ requester }) => requester), id].map(object => tree.objects[object]?.path ?? object);
}

function flushFinding(
  path: ByteText,
  way: readonly ByteText[],
  flush: NonNullable<ReturnType<typeof flushToZeroOf>>,
): Finding {
  const what =
    flush.flushesResults && flush.flushesOperands
      ? 'subnormal operands and results'
      : flush.flushesResults
        ? 'subnormal results'
        : 'subnormal operands';
  const by =
    flush.symbol === ''
      ? `a constructor at 0x${flush.address.toString(16)}`
      : `${displayText(flush.symbol)} at 0x${flush.address.toString(16)}`;
  return {
    code: 'numeric/flush-to-zero',
    severity: 'warning',
    message: `${displayText(path)} has the processor take ${what} for zero as soon as it is loaded (${by}: ${flush.instruction}), in all code of the thread that loads it and of threads that this starts: x - y can be 0 where x and y differ, and results change with the order of imports. It was linked with -ffast-math, -Ofast or -funsafe-math-optimizations; link it without (compile with it if need be), or with -mno-daz-ftz (GCC 13). ${wayText(way)}`,
    evidence: {
      rule: 'GCC libgcc/config/i386/crtfastmath.c, set_fast_math',
      command: shellCommand([
        'objdump',
        '-d',
        `--start-address=0x${flush.address.toString(16)}`,
        `--stop-address=0x${(flush.address + 64n).toString(16)}`,
        path,
      ]),
    },
  };
}

function wayText(way: readonly ByteText[]): string {
  return way.length === 1
    ? 'It is the file itself.'
    : `It is loaded by way of ${way.map(step => displayText(step)).join(' → ')}.`;
}

const harms: Readonly<Record<MathRuntime, string>> = {
  blas: 'Which of them a call reaches depends on the order in which they are loaded, and so do results; each has threads of its own.',
  lapack:
    'Which of them a call reaches depends on the order in which they are loaded; results and interfaces (32- or 64-bit integers) can differ.',
  openmp:
    'Each has a pool of threads of its own: more threads than processors, crashes or hangs after a fork, and settings (OMP_NUM_THREADS, omp_set_num_threads) that one of them does not see. libiomp5 ends the process with "OMP: Error #15".',
};

const names: Readonly<Record<MathRuntime, string>> = { blas: 'BLAS', lapack: 'LAPACK', openmp: 'OpenMP' };

/** One library and the one that it hands calls on to are two files, and one runtime: libcblas and libblas of one package. */
function severalFindings(runtimes: readonly NumericRuntime[]): readonly Finding[] {
  return (['blas', 'lapack', 'openmp'] as const).flatMap(runtime => {
    const found = runtimes.filter(candidate => candidate.runtime === runtime);
    const symbols = new Set(found.map(({ symbol }) => symbol));
    const isSeveral =
      found.length > 1 &&
      (symbols.size < found.length || new Set(found.map(({ implementation }) => implementation)).size > 1);
    if (!isSeveral) return [];
    return [
      {
        code: `numeric/several-${runtime}`,
        severity: 'warning' as const,
        message: `${found.length} libraries of this process are ${names[runtime]} runtimes: ${found
          .map(
            ({ path, implementation, way }) =>
              `${displayText(path)} (${implementation}; by ${
                way
                  .slice(0, -1)
                  .map(step => displayText(step))
                  .join(' → ') || 'the file itself'
              })`,
          )
          .join(', ')}. ${harms[runtime]}`,
        evidence: { rule: `both define ${[...symbols].join(', ')}` },
      },
    ];
  });
}
