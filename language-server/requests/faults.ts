import { version } from '../../package.json';
import { debugLaunch } from '../faults/debug-launch.ts';
import { exportSweep } from '../faults/report/export-sweep.ts';
import { sweepFaults } from '../faults/sweep.ts';
import { findTargets } from '../faults/targets/find-targets.ts';
import { faultExportParams } from '../lsp/fault-schemas.ts';
import * as schemas from '../lsp/schemas.ts';
import { pathToFileUri } from '../native/file-uri.ts';
import { UserError } from '../protocol/errors.ts';
import { faultDebug } from '../protocol/fault-debug.ts';
import { faultTargets } from '../protocol/fault-targets.ts';
import { faultExport, faultSweep } from '../protocol/faults.ts';
import type { ServerContext } from './server-context.ts';

/** Runs a person's program with failing allocations; the door refuses it before the workspace is trusted. */
export function answerFaults({ answer, door, settings, paths, reporter, isTrusted }: ServerContext): void {
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
  answer(faultTargets, schemas.faultTargetsParams, async (params, signal) => {
    if (!isTrusted()) {
      throw new UserError(
        'untrusted',
        'Which programs of this workspace to run is for its settings and builds to say, and the workspace is not trusted.',
      );
    }
    return await findTargets(params, door, signal);
  });
  answer(faultDebug, schemas.faultDebugParams, (params, signal) => debugLaunch(params, { door, ...paths, signal }));
}
