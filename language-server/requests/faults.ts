import { version } from '../../package.json';
import { exportSweep } from '../faults/report/export-sweep.ts';
import { sweepFaults } from '../faults/sweep.ts';
import { faultExportParams } from '../lsp/fault-schemas.ts';
import * as schemas from '../lsp/schemas.ts';
import { pathToFileUri } from '../native/file-uri.ts';
import { faultExport, faultSweep } from '../protocol/faults.ts';
import type { ServerContext } from './server-context.ts';

/** Runs a person's program with failing allocations; the door refuses it before the workspace is trusted. */
export function answerFaults({ answer, door, settings, paths, reporter }: ServerContext): void {
  answer(faultSweep, schemas.sweepParams, async ({ partialResultToken, ...params }, signal) => {
    const { cwd } = params.program;
    const { faultDeadlineSeconds, faultMaxPoints } =
      cwd?.startsWith('/') === true ? await settings.forFile(pathToFileUri(cwd)) : settings.machine();
    return sweepFaults(params, {
      door,
      ...paths,
      deadlineSeconds: faultDeadlineSeconds,
      maxPoints: faultMaxPoints,
      signal,
      onProgress: reporter(partialResultToken),
    });
  });
  answer(faultExport, faultExportParams, async ({ sweep, format, root }) => ({
    text: await exportSweep(sweep, format, { version, root }),
  }));
}
