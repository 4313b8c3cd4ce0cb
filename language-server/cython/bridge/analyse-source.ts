import type { ByteText } from '../../protocol/elf.ts';
import type { BridgeAnswer, BridgeSource, CythonBridge } from './bridge.ts';
import { brokenLines } from './broken-lines.ts';
import { type CompilerTypes, compilerTypesOf } from './compiler-types.ts';

/** What the compiler found, and the files that it rests on besides the source. */
export interface CompiledSource {
  readonly types: CompilerTypes;
  readonly files: readonly ByteText[];
  /** Modules and includes that were not there. */
  readonly missing: readonly string[];
}

/** Asks the compiler about a source as it stands. Rejects only when `signal` is aborted. */
export async function analyseSource(
  bridge: CythonBridge,
  source: Omit<BridgeSource, 'broken'>,
  signal: AbortSignal,
): Promise<BridgeAnswer<CompiledSource>> {
  const answer = await bridge.analyse({ ...source, broken: brokenLines(source.text) }, signal);
  if (answer.kind === 'none') return answer;
  const { files, missing } = answer.value;
  return { kind: 'answer', value: { types: compilerTypesOf(answer.value), files, missing } };
}
