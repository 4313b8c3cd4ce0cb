import * as schemas from '../lsp/schemas.ts';
import { fileUriToPath } from '../native/file-uri.ts';
import { arrayFacts } from '../numeric/arrays/array-facts.ts';
import { arrayPlace } from '../numeric/arrays/array-place.ts';
import { withArrayFile } from '../numeric/arrays/open-array.ts';
import { readWindow } from '../numeric/arrays/read-window.ts';
import { numericCauses } from '../numeric/causes/numeric-causes.ts';
import { statisticsOf } from '../numeric/statistics/statistics.ts';
import { sumReport } from '../numeric/sums/sum-report.ts';
import { varianceReport } from '../numeric/variance/variance-report.ts';
import type { ByteText } from '../protocol/elf.ts';
import {
  type ArrayFileFacts,
  type ArrayParams,
  type NumbersDone,
  numericArray,
  numericCausesOf,
  numericStatistics,
  numericSum,
  numericVariance,
  numericWindow,
} from '../protocol/numeric.ts';
import type { ServerContext } from './server-context.ts';

/** Progress more often than this is seen by nobody. */
const reportEveryMs = 100;

/** Answers what is asked about arrays, and about what changes numbers. Nothing is run, and nothing unpickled. */
export function answerNumeric({ answer, reporter, treeOptions }: ServerContext): void {
  answer(numericArray, schemas.arrayParams, (params, signal) => factsOf(pathOf(params), signal));
  answer(numericWindow, schemas.arrayWindowParams, ({ uri, member, ...question }, signal) =>
    readWindow({ path: pathOf({ uri, ...(member !== undefined && { member }) }), ...question }, signal),
  );
  answer(numericStatistics, schemas.arrayStatisticsParams, ({ partialResultToken, slice, ...params }, signal) => {
    const report = reporter(partialResultToken);
    let reported = performance.now();
    return statisticsOf({ path: pathOf(params), ...(slice !== undefined && { slice }) }, signal, (done, total) => {
      if (performance.now() - reported < reportEveryMs) return;
      reported = performance.now();
      report({ done, total } satisfies NumbersDone);
    });
  });
  answer(numericSum, schemas.arrayPartParams, ({ slice, ...params }, signal) =>
    sumReport({ path: pathOf(params), ...(slice !== undefined && { slice }) }, signal),
  );
  answer(numericVariance, schemas.arrayVarianceParams, ({ slice, ddof, ...params }, signal) =>
    varianceReport(
      { path: pathOf(params), ...(slice !== undefined && { slice }), ...(ddof !== undefined && { ddof }) },
      signal,
    ),
  );
  answer(numericCausesOf, schemas.fileParams, async ({ uri }, signal) =>
    numericCauses(fileUriToPath(uri), await treeOptions(uri), signal),
  );
}

function pathOf({ uri, member }: ArrayParams): ByteText {
  return arrayPlace(fileUriToPath(uri), member ?? null);
}

function factsOf(path: ByteText, signal: AbortSignal): Promise<ArrayFileFacts> {
  return withArrayFile<ArrayFileFacts>(path, signal, file => {
    if (file.kind === 'npy') return Promise.resolve({ kind: 'array', facts: arrayFacts(file.array) });
    const members = file.members.map(({ name, sizeBytes, storedBytes, isCompressed }) => ({
      name,
      sizeBytes,
      storedBytes,
      isCompressed,
    }));
    return Promise.resolve({ kind: 'members', members });
  });
}
