import type { CudaPart, CudaReport, WayWithoutCuda } from '../../protocol/environment.ts';
import type { Finding } from '../../protocol/finding.ts';
import type { CudaFound } from './find-cuda.ts';

const without: readonly WayWithoutCuda[] = [
  {
    applies: 'Any program that was built with CUDA: run it on the processor',
    command: 'CUDA_VISIBLE_DEVICES="" COMMAND',
  },
  {
    applies: 'CMake projects that ask for CUDA themselves',
    command: 'cmake -DUSE_CUDA=OFF -DCMAKE_DISABLE_FIND_PACKAGE_CUDAToolkit=ON …',
  },
  { applies: 'OpenCV, OpenMM, and others with the option of that name', command: 'cmake -DWITH_CUDA=OFF …' },
  { applies: 'llama.cpp and whisper.cpp', command: 'cmake -DGGML_CUDA=OFF …' },
  { applies: 'PyTorch itself', command: 'USE_CUDA=0 python3 -m pip install --no-build-isolation .' },
  {
    applies: 'Extensions of PyTorch',
    command: 'FORCE_CUDA=0 CUDA_VISIBLE_DEVICES="" python3 -m pip install --no-build-isolation .',
  },
  { applies: 'TensorFlow', command: 'TF_NEED_CUDA=0 ./configure' },
  {
    applies: 'Wheels of PyTorch for the processor',
    command: 'python3 -m pip install torch --index-url https://download.pytorch.org/whl/cpu',
  },
];

export function cudaSummary(found: CudaFound, findings: readonly Finding[]): CudaReport {
  const parts = partsOf(found);
  const state = parts.length === 0 && findings.length === 0 ? 'none' : findings.length > 0 ? 'half' : 'whole';
  return { state, summary: summaryText(state, found, findings), parts, without };
}

function partsOf(found: CudaFound): readonly CudaPart[] {
  const all = [
    found.driver,
    found.kernelModule,
    ...found.toolkits.flatMap(({ compiler, headers, runtime }) => [compiler, headers, runtime]),
    ...found.otherRuntimes,
    ...found.stubs.map(({ part }) => part),
    found.cudnn,
    found.cudnnHeaders,
  ].filter(part => part !== null);
  return [...new Map(all.map(part => [`${part.kind} ${part.path}`, part])).values()];
}

function summaryText(
  state: CudaReport['state'],
  { driver, toolkits, otherRuntimes }: CudaFound,
  findings: readonly Finding[],
): string {
  if (state === 'none') return 'Nothing of CUDA is here: what asks for it has to be built without.';
  if (state === 'whole') return 'The parts of CUDA that are here belong together.';
  const has = [
    ...(driver === null ? [] : ['a driver']),
    ...(toolkits.some(({ compiler }) => compiler !== null) ? ['a compiler'] : []),
    ...(toolkits.some(({ headers }) => headers !== null) ? ['headers'] : []),
    ...(toolkits.some(({ runtime }) => runtime !== null) || otherRuntimes.length > 0 ? ['a runtime'] : []),
  ];
  const what = has.length === 0 ? 'a variable that names it' : has.join(', ');
  return `CUDA is installed by half: there is ${what}, and ${findings.length === 1 ? 'something does' : `${findings.length} things do`} not fit. Builds that find the half that is there fail in the middle; build without it, or complete it.`;
}
