import { compareVersions } from '../../elf/versions/version-floors.ts';
import { shellCommand } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { CudaPart } from '../../protocol/environment.ts';
import type { Finding } from '../../protocol/finding.ts';
import type { CudaFound, Toolkit } from './find-cuda.ts';

/**
 * The least driver of Linux for a version of CUDA, newest first. From 11 on one driver serves a whole major version: NVIDIA,
 * "CUDA Compatibility", Minor Version Compatibility, table 1, and "CUDA Toolkit Release Notes", table of driver versions; for
 * older ones the same notes' table "CUDA Toolkit and Compatible Driver Versions". As of 2026-11.
 */
const leastDrivers: readonly (readonly [cuda: string, driver: string])[] = [
  ['13', '580'],
  ['12', '525.60.13'],
  ['11', '450.80.02'],
  ['10.2', '440.33'],
  ['10.1', '418.39'],
  ['10.0', '410.48'],
  ['9.2', '396.26'],
  ['9.1', '390.46'],
  ['9.0', '384.81'],
  ['8.0', '367.48'],
  ['7.5', '352.31'],
  ['7.0', '346.46'],
];

/** What of CUDA is missing or does not fit: what keeps from building first, then what keeps from running. */
export function cudaFindings(found: CudaFound): readonly Finding[] {
  return [
    ...found.deadHomes.map(({ name, value }) =>
      finding(
        'environment/cuda-home-missing',
        'warning',
        `${name} names ${displayText(value)}, which is not there: builds that go by it find no CUDA, whatever else is installed.`,
        `ls -d "$${name}"`,
      ),
    ),
    ...found.toolkits.flatMap(toolkit => toolkitFindings(toolkit, found)),
    ...pathFindings(found),
    ...stubFindings(found),
    ...driverFindings(found),
    ...cudnnFindings(found),
  ];
}

function finding(code: string, severity: Finding['severity'], message: string, command: string): Finding {
  return { code, severity, message, evidence: { command } };
}

function toolkitFindings({ root, compiler, headers, runtime }: Toolkit, found: CudaFound): readonly Finding[] {
  const findings: Finding[] = [];
  const shown = displayText(root);
  const elsewhere = found.otherRuntimes[0];
  const look = `${shellCommand(['ls', `${root}/lib64`, `${root}/include`])}`;
  if (headers !== null && runtime === null) {
    const other = elsewhere === undefined ? '' : ` ${displayText(elsewhere.path)} is not a part of it.`;
    findings.push(
      finding(
        'environment/cuda-headers-without-libraries',
        'warning',
        `${shown} has the headers of CUDA${versionText(headers)} and not its runtime (libcudart): what is compiled with them cannot be linked.${other}`,
        look,
      ),
    );
  }
  if (headers === null && (compiler !== null || (runtime !== null && root !== '/usr'))) {
    findings.push(
      finding(
        'environment/cuda-libraries-without-headers',
        compiler === null ? 'information' : 'warning',
        `${shown} has ${compiler === null ? 'the runtime' : 'the compiler'} of CUDA and not its headers (cuda_runtime_api.h): programs run with it, nothing can be built.`,
        look,
      ),
    );
  }
  const parts = [compiler, headers, runtime].filter(part => part !== null);
  for (const [index, left] of parts.entries()) {
    const right = parts[index + 1];
    if (right !== undefined && disagree(left, right)) findings.push(disagreement(left, right));
  }
  return findings;
}

/** The compiler that is found first and the toolkit that a variable or link leads to. */
function pathFindings({ compilerOnPath, toolkits }: CudaFound): readonly Finding[] {
  const [first] = toolkits;
  if (compilerOnPath === null || first === undefined) return [];
  const other = first.compiler ?? first.headers ?? first.runtime;
  if (other === null || other.path === compilerOnPath.path || !disagree(compilerOnPath, other)) return [];
  return [disagreement(compilerOnPath, other)];
}

const partNames: Readonly<Record<CudaPart['kind'], string>> = {
  driver: 'the library of the driver',
  'kernel-module': 'the kernel module of the driver',
  compiler: 'the compiler',
  headers: 'the headers',
  runtime: 'the runtime',
  stub: 'a stub',
  cudnn: 'cuDNN',
  'cudnn-headers': 'the headers of cuDNN',
};

function disagreement(left: CudaPart, right: CudaPart): Finding {
  const message = `${partNames[left.kind]} (${displayText(left.path)}) is of version ${left.version}, and ${partNames[right.kind]} (${displayText(right.path)}) of ${right.version}: they are not of one installation.`;
  return finding(
    'environment/cuda-versions-disagree',
    'warning',
    message.charAt(0).toUpperCase() + message.slice(1),
    shellCommand(['ls', '-l', left.path, right.path]),
  );
}

/** Compared as far as both say: "13" and "13.0" agree. */
function disagree(left: CudaPart, right: CudaPart): boolean {
  if (left.version === null || right.version === null) return false;
  const [a, b] = [left.version, right.version].map(version => version.split('.').slice(0, 2)) as [string[], string[]];
  return a.slice(0, b.length).join('.') !== b.slice(0, a.length).join('.');
}

function stubFindings({ stubs, driver }: CudaFound): readonly Finding[] {
  return stubs.map(({ part, by }) =>
    finding(
      'environment/cuda-stub-picked-up',
      'error',
      `${displayText(part.path)} is a stub, for linking only: every function in it fails. ${by.charAt(0).toUpperCase()}${by.slice(1)}${driver === null ? '' : `; the driver is ${displayText(driver.path)}`}. Take folders named stubs out of LD_LIBRARY_PATH and RUNPATH.`,
      shellCommand(['ls', '-l', part.path]),
    ),
  );
}

function driverFindings({ driver, kernelModule, toolkits, otherRuntimes, stubs }: CudaFound): readonly Finding[] {
  const runtimes = [...toolkits.flatMap(({ runtime }) => runtime ?? []), ...otherRuntimes];
  const [runtime] = runtimes;
  const findings: Finding[] = [];
  if (
    driver === null &&
    stubs.length === 0 &&
    (runtime !== undefined || toolkits.some(({ compiler }) => compiler !== null))
  ) {
    const what = runtime === undefined ? 'The compiler of CUDA is' : `The runtime of CUDA${versionText(runtime)} is`;
    findings.push(
      finding(
        'environment/cuda-runtime-without-driver',
        'warning',
        `${what} here and no driver (libcuda.so.1): programs can be built; started, they find no card, and those that are linked with libcuda.so.1 do not start.`,
        'ldconfig -p | grep libcuda.so.1; nvidia-smi',
      ),
    );
  }
  if (driver !== null && runtime === undefined) {
    findings.push(
      finding(
        'environment/cuda-driver-without-runtime',
        'information',
        `The driver${versionText(driver)} is here and no runtime (libcudart): programs that bring their own, as the wheels of PyTorch do, run; nothing can be built.`,
        'ldconfig -p | grep -E "libcudart|libcuda.so"',
      ),
    );
  }
  if (
    driver !== null &&
    driver.version !== null &&
    kernelModule !== null &&
    kernelModule.version !== null &&
    driver.version !== kernelModule.version
  ) {
    findings.push(
      finding(
        'environment/cuda-versions-disagree',
        'error',
        `The library of the driver is ${driver.version} and its kernel module ${kernelModule.version}: every program fails with "Driver/library version mismatch" until the machine is started again.`,
        'cat /proc/driver/nvidia/version',
      ),
    );
  }
  for (const { version, path } of runtimes) {
    const least = version === null ? undefined : leastDriver(version);
    if (driver?.version == null || least === undefined || compareVersions(driver.version, least) >= 0) continue;
    findings.push(
      finding(
        'environment/cuda-driver-too-old',
        'error',
        `The driver is ${driver.version}, and CUDA ${version} (${displayText(path)}) needs ${least} at least: programs end with "CUDA driver version is insufficient for CUDA runtime version".`,
        'nvidia-smi',
      ),
    );
  }
  return findings;
}

function leastDriver(cuda: string): string | undefined {
  return leastDrivers.find(([version]) => cuda === version || cuda.startsWith(`${version}.`))?.[1];
}

function cudnnFindings({ cudnn, cudnnHeaders }: CudaFound): readonly Finding[] {
  if (cudnn !== null && cudnnHeaders !== null && disagree(cudnn, cudnnHeaders))
    return [disagreement(cudnn, cudnnHeaders)];
  if (cudnn === null && cudnnHeaders !== null) {
    return [
      finding(
        'environment/cuda-headers-without-libraries',
        'warning',
        `The headers of cuDNN${versionText(cudnnHeaders)} (${displayText(cudnnHeaders.path)}) are here and not its library: what is compiled with them cannot be linked.`,
        'ldconfig -p | grep libcudnn',
      ),
    ];
  }
  return [];
}

function versionText({ version }: CudaPart): string {
  return version === null ? '' : ` ${version}`;
}
