import type { ByteText } from './elf.ts';
import type { Evidence, Finding } from './finding.ts';
import { requestMethod } from './method.ts';

/** What is said of an array beside its elements. */
export interface ArrayFacts {
  /** The file. */
  readonly path: ByteText;
  /** Name in an .npz file; null: the file holds this array alone. */
  readonly member: string | null;
  /** Version of the format: "1.0". */
  readonly version: string;
  /** The dictionary of the header as it is written. */
  readonly header: string;
  /** As NumPy prints it: "float32", "datetime64[ns]". */
  readonly dtype: string;
  readonly byteOrder: 'little' | 'big' | 'none';
  /** Of one element, in bytes. */
  readonly itemBytes: number;
  readonly order: 'C' | 'F';
  readonly shape: readonly number[];
  /** Product of the shape. */
  readonly elements: number;
  /** Elements whose bytes are there. */
  readonly presentElements: number;
  /** Where the elements begin, in bytes. */
  readonly dataOffset: number;
  /** What the header means, in sentences. */
  readonly notes: readonly string[];
  readonly findings: readonly Finding[];
  readonly evidence: Evidence;
}

/** A member of an .npz file. */
export interface ArrayMember {
  readonly name: string;
  /** Unpacked, in bytes. */
  readonly sizeBytes: number;
  readonly storedBytes: number;
  readonly isCompressed: boolean;
}

/**
 * `pairwise` is `np.sum` of NumPy 2.3 and later, `pairwiseBuffered` that of earlier ones, which add in pairs within buffers of 8,192
 * numbers and the buffers one after the other; both for an array whose elements stand one behind the other.
 */
export type SumAlgorithm =
  | 'naive'
  | 'pairwise'
  | 'pairwiseBuffered'
  | 'kahan'
  | 'neumaier'
  | 'klein'
  | 'pairwiseKahan'
  | 'exact';

/** The format that partial sums are rounded to. */
export type SumAccumulator = 'float16' | 'float32' | 'float64';

export interface SumResult {
  readonly algorithm: SumAlgorithm;
  readonly accumulator: SumAccumulator;
  /** The shortest text that reads back as the same number of the accumulator: "0.1", "1e-05", "nan", "inf". */
  readonly value: string;
  /** Distance from the exact sum, in units in the last place of the accumulator at the exact sum; null where one is not finite. */
  readonly errorUlp: number | null;
  readonly relativeError: number | null;
  /** Of this algorithm alone, reading aside. */
  readonly milliseconds: number;
}

export interface SumReport {
  readonly path: ByteText;
  readonly dtype: string;
  /** Of what was summed: the array, or the chosen part of it. */
  readonly shape: readonly number[];
  readonly count: number;
  /** Sum of sizes over size of the sum: how much of a relative error in the numbers shows in the sum. null: the sum is 0. */
  readonly condition: number | null;
  /** Correctly rounded to float64. */
  readonly exact: string;
  readonly results: readonly SumResult[];
  /** What NumPy's own `sum` does with these numbers, in sentences. */
  readonly notes: readonly string[];
  readonly findings: readonly Finding[];
  readonly evidence: Evidence;
}

export type VarianceAlgorithm = 'textbook' | 'twoPass' | 'correctedTwoPass' | 'welford' | 'pairwise' | 'exact';

export interface VarianceResult {
  readonly algorithm: VarianceAlgorithm;
  readonly accumulator: 'float32' | 'float64';
  readonly value: string;
  readonly errorUlp: number | null;
  readonly relativeError: number | null;
  /** Why it is broken by these numbers; null: it is not. */
  readonly broken: string | null;
}

export interface VarianceReport {
  readonly path: ByteText;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly count: number;
  /** Delta degrees of freedom, as NumPy's: divided by count - ddof. */
  readonly ddof: number;
  readonly mean: string;
  readonly exact: string;
  /** |mean| / standard deviation, squared: how much E[x²] − E[x]² loses. null: the deviation is 0. */
  readonly condition: number | null;
  readonly results: readonly VarianceResult[];
  readonly findings: readonly Finding[];
  readonly evidence: Evidence;
}

/** How often something is among the elements, and the index of the first. */
export interface Occurrence {
  readonly count: number;
  /** By axis; null: it does not occur. */
  readonly first: readonly number[] | null;
}

/** The finite numbers of each index of an axis, over all other axes. */
export interface AxisStatistics {
  readonly axis: number;
  readonly minimum: readonly string[];
  readonly maximum: readonly string[];
  readonly mean: readonly string[];
  readonly finite: readonly number[];
}

/** Numbers are texts as in {@link SumResult}; null where no number is finite. Mean and variance are of the finite numbers. */
export interface ArrayStatistics {
  readonly path: ByteText;
  readonly member: string | null;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly count: number;
  readonly finite: number;
  readonly minimum: string | null;
  readonly maximum: string | null;
  readonly mean: string | null;
  /** Divided by the count (ddof 0). */
  readonly variance: string | null;
  readonly standardDeviation: string | null;
  readonly nan: Occurrence;
  readonly positiveInfinity: Occurrence;
  readonly negativeInfinity: Occurrence;
  readonly subnormal: Occurrence;
  readonly negativeZero: Occurrence;
  /** Positive ones. */
  readonly zero: Occurrence;
  /** Of the finite numbers, in equal steps from the smallest to the largest, both included. */
  readonly histogram: { readonly from: string | null; readonly to: string | null; readonly counts: readonly number[] };
  readonly axes: readonly AxisStatistics[];
  readonly notes: readonly string[];
  readonly findings: readonly Finding[];
}

/** What `numpy.allclose` compares by: |a - b| <= atol + rtol * |b|. */
export interface CompareTolerances {
  readonly rtol: number;
  readonly atol: number;
  /** NaN equals NaN. */
  readonly equalNan: boolean;
}

export interface ArrayDifference {
  readonly index: readonly number[];
  readonly left: string;
  readonly right: string;
  readonly absolute: string;
  readonly relative: string;
  /** Numbers of the narrower format that lie between them; null where one of them is NaN or the formats are not of floats. */
  readonly ulps: number | null;
}

export interface ArrayComparison {
  readonly left: { readonly path: ByteText; readonly member: string | null; readonly dtype: string };
  readonly right: { readonly path: ByteText; readonly member: string | null; readonly dtype: string };
  readonly shape: readonly number[];
  readonly count: number;
  readonly tolerances: CompareTolerances;
  /** Elements that are not the same number; NaN is not, unless `equalNan`. */
  readonly different: number;
  /** Elements outside of the tolerances. */
  readonly outside: number;
  /** `numpy.allclose`. */
  readonly allClose: boolean;
  /** The first outside of the tolerances, in the order of indices. */
  readonly first: ArrayDifference | null;
  /** That with the largest absolute difference; and the most units in the last place. */
  readonly largest: ArrayDifference | null;
  readonly farthest: ArrayDifference | null;
  readonly findings: readonly Finding[];
}

/** A library of a process that does linear algebra, or runs threads, for others. */
export interface NumericRuntime {
  readonly runtime: 'blas' | 'lapack' | 'openmp';
  readonly implementation: string;
  /** The symbol by which it was told. */
  readonly symbol: string;
  readonly path: ByteText;
  /** From the file that was asked about down to the library, by who needs whom. */
  readonly way: readonly ByteText[];
}

/** What changes numbers of a process from outside of the code that computes them, in the order of loading. */
export interface NumericCauses {
  readonly path: ByteText;
  /** The first of a kind is the one that calls of its functions reach. */
  readonly runtimes: readonly NumericRuntime[];
  readonly findings: readonly Finding[];
  readonly evidence: Evidence;
}

/** An array of a file: `member` names one of an .npz file. */
export interface ArrayParams {
  /** A `file:` URI. */
  readonly uri: string;
  readonly member?: string;
}

/** A part of an array: as between NumPy's brackets; absent: all of it. */
export interface ArrayPartParams extends ArrayParams {
  readonly slice?: string;
}

/** What a file of arrays is: its one array, or those of an .npz file by name. */
export type ArrayFileFacts =
  | { readonly kind: 'array'; readonly facts: ArrayFacts }
  | { readonly kind: 'members'; readonly members: readonly ArrayMember[] };

/** Rows and columns of a part with two axes at most; of one axis, or none, there is one column. */
export interface ArrayWindowParams extends ArrayPartParams {
  readonly firstRow: number;
  readonly rows: number;
  readonly firstColumn: number;
  readonly columns: number;
}

export interface ArrayWindow {
  /** Of the part: none, one or two axes. */
  readonly shape: readonly number[];
  /** By row and column, as NumPy shows an element; null: the file ends before it. Fewer at the end of the part. */
  readonly cells: readonly (readonly (string | null)[])[];
}

export interface StatisticsParams extends ArrayPartParams {
  /** Token under which {@link NumbersDone} is streamed as `$/progress`. */
  readonly partialResultToken?: string | number;
}

export interface NumbersDone {
  readonly done: number;
  readonly total: number;
}

/** Client → server: what a file of arrays holds. Errors: notFound, unreadable, notRegularFile, notSupported. */
export const numericArray = requestMethod<ArrayParams, ArrayFileFacts>('binaryDetective/numeric/array');

/** Client → server: elements of a part of an array. Errors: as above, and invalidParams for an index that cannot be used. */
export const numericWindow = requestMethod<ArrayWindowParams, ArrayWindow>('binaryDetective/numeric/window');

/** Client → server: statistics of a part of an array, in two passes. Streams {@link NumbersDone}. Cancellable. */
export const numericStatistics = requestMethod<StatisticsParams, ArrayStatistics>('binaryDetective/numeric/statistics');

/** Client → server: the sum of a part of an array in each way. Cancellable. */
export const numericSum = requestMethod<ArrayPartParams, SumReport>('binaryDetective/numeric/sum');

/** Client → server: the variance of a part of an array in each way. Cancellable. */
export const numericVariance = requestMethod<ArrayPartParams & { readonly ddof?: number }, VarianceReport>(
  'binaryDetective/numeric/variance',
);

/** Client → server: what in a program or an extension module, and all that it loads, changes its numbers. Cancellable. */
export const numericCausesOf = requestMethod<{ readonly uri: string }, NumericCauses>('binaryDetective/numeric/causes');
