import { createLoaderFiles } from '../dependencies/files/loader-files.ts';
import type { LoaderEnvironment } from '../dependencies/loader/environment.ts';
import { shellWord } from '../native/shell-quote.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { EnvironmentReport, VariableReport } from '../protocol/environment.ts';
import type { Finding } from '../protocol/finding.ts';
import { cudaFindings } from './cuda/cuda-findings.ts';
import { cudaSummary } from './cuda/cuda-summary.ts';
import { findCuda } from './cuda/find-cuda.ts';
import { treeEffects } from './tree-effects.ts';
import { variableFindings } from './variable-findings.ts';
import { type ReportContext, reportVariable } from './variable-report.ts';

export interface EnvironmentQuestion {
  /** Absolute host path of a program or library; null: the variables alone. */
  readonly file: ByteText | null;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Whose they are. */
  readonly whose: EnvironmentReport['whose'];
  readonly cwd: ByteText;
  /** Host path of a folder that is taken for `/`. */
  readonly sysroot?: ByteText;
}

/**
 * What the variables do here, to the tree of a file where one is given, and what of CUDA is here. Nothing is run.
 * Throws UserError for a file that cannot be looked at, or what the signal is aborted with.
 */
export async function readEnvironment(question: EnvironmentQuestion, signal: AbortSignal): Promise<EnvironmentReport> {
  const { file, variables, whose, cwd, sysroot } = question;
  const files = createLoaderFiles(cwd, sysroot ?? null, null);
  const environment: LoaderEnvironment = {
    cwd,
    ...(sysroot !== undefined && { sysroot }),
    ...(variables['LD_LIBRARY_PATH'] ? { libraryPath: variables['LD_LIBRARY_PATH'] } : {}),
    ...(variables['LD_PRELOAD'] ? { preload: variables['LD_PRELOAD'] } : {}),
  };
  const effects = file === null ? null : await treeEffects(file, environment, signal);
  const context: ReportContext = { files, cwd, file, effects };
  const reports = Object.keys(variables)
    .sort()
    .flatMap((name): readonly VariableReport[] => {
      const value = variables[name];
      const report = value === undefined ? null : reportVariable(name, value, context);
      return report === null ? [] : [report];
    });
  const cuda = await findCuda({ files, variables, cwd, sysroot: sysroot ?? '', effects }, signal);
  const cudaProblems = cudaFindings(cuda);
  const command = `env | grep -E ${shellWord('^(LD_|DYLD_|GLIBC_|MALLOC_|MUSL_|PYTHON|CUDA|NVIDIA|NVCC|LIBRARY_PATH|C_INCLUDE|CPATH)')}`;
  const findings: readonly Finding[] = [...variableFindings(reports, context, command), ...cudaProblems];
  return {
    whose,
    file: file === null ? null : displayText(file),
    loader: effects?.resolved.loader.kind ?? null,
    variables: reports,
    cuda: cudaSummary(cuda, cudaProblems),
    findings,
  };
}
