import { type DynamicSymbols, openDynamicSymbols } from '../../dependencies/symbols/dynamic-symbols.ts';
import { definitionsIn } from '../../dependencies/symbols/provider.ts';
import { type SymbolName, symbolName } from '../../dependencies/symbols/symbol-name.ts';
import type { ElfFile } from '../../elf/elf-file.ts';

/** What a library does for others that a process should have once. */
export type MathRuntime = 'blas' | 'lapack' | 'openmp';

/** Which of the implementations, where its symbols tell. */
export interface MathRuntimeFound {
  readonly runtime: MathRuntime;
  readonly implementation: string;
  /** A symbol by which it was told. */
  readonly symbol: string;
}

/** Names of one function of each, with the suffixes and prefixes under which it is built (64-bit integers, the wheels of SciPy). */
const functions: Readonly<Record<MathRuntime, readonly SymbolName[]>> = {
  blas: variants(['dgemm', 'cblas_dgemm']),
  lapack: variants(['dgetrf', 'LAPACKE_dgetrf']),
  openmp: ['omp_get_num_threads', 'GOMP_parallel', '__kmpc_fork_call'].map(symbolName),
};

function variants(names: readonly string[]): readonly SymbolName[] {
  return names.flatMap(name =>
    ['', 'scipy_'].flatMap(prefix =>
      ['', '_', '64_', '_64_', '_64', '64'].map(suffix => symbolName(`${prefix}${name}${suffix}`)),
    ),
  );
}

/** Symbols that one implementation has and no other. */
const marks: Readonly<
  Record<MathRuntime, readonly (readonly [implementation: string, symbols: readonly SymbolName[]])[]>
> = {
  blas: [
    ['FlexiBLAS (chooses another one at run time)', [symbolName('flexiblas_load_backend')]],
    [
      'OpenBLAS',
      [
        'openblas_get_config',
        'openblas_get_config64_',
        'scipy_openblas_get_config',
        'scipy_openblas_get_config64_',
      ].map(symbolName),
    ],
    ['Intel MKL', ['mkl_get_version', 'MKL_Get_Version', 'mkl_serv_get_version'].map(symbolName)],
    ['BLIS', [symbolName('bli_info_get_version_str')]],
    ['ATLAS', [symbolName('ATL_dgemm'), symbolName('ATL_buildinfo')]],
    ['Arm Performance Libraries', [symbolName('armplversion'), symbolName('armplversion_')]],
  ],
  lapack: [],
  openmp: [
    ['LLVM or Intel (libomp, libiomp5)', [symbolName('__kmpc_fork_call')]],
    ['GNU (libgomp)', [symbolName('GOMP_parallel')]],
  ],
};

/** Chains of a hash table that may be followed for one library: more than all look-ups of one that is not damaged take. */
const steps = 100_000;

export function mathRuntimesOf(file: ElfFile): readonly MathRuntimeFound[] {
  const symbols = openDynamicSymbols(file.image.source, { steps });
  if (symbols === null || symbols.lookup === null) return [];
  return (['blas', 'lapack', 'openmp'] as const).flatMap(runtime => {
    const symbol = functions[runtime].find(name => isDefined(symbols, name));
    if (symbol === undefined) return [];
    const [implementation] = marks[runtime].find(([, names]) => names.some(name => isDefined(symbols, name))) ?? [
      'reference or unknown',
    ];
    return [{ runtime, implementation, symbol: symbol.bytes }];
  });
}

function isDefined(symbols: DynamicSymbols, name: SymbolName): boolean {
  return definitionsIn(symbols, name).length > 0;
}
