import type { Verb } from './verb.ts';
import { compareVerb } from './verbs/compare.ts';
import { disassembleVerb } from './verbs/disassemble.ts';
import { doctorVerb } from './verbs/doctor.ts';
import { environmentVerb } from './verbs/environment.ts';
import { explainVerb } from './verbs/explain.ts';
import { faultsVerb } from './verbs/faults.ts';
import { inspectVerb } from './verbs/inspect.ts';
import { lintVerb } from './verbs/lint.ts';
import { lspVerb } from './verbs/lsp.ts';
import { mergeVerb } from './verbs/merge.ts';
import { numericVerb } from './verbs/numeric.ts';
import { scanVerb } from './verbs/scan.ts';
import { sectionsVerb } from './verbs/sections.ts';
import { sizeVerb } from './verbs/size.ts';
import { stringsVerb } from './verbs/strings.ts';
import { symbolsVerb } from './verbs/symbols.ts';
import { traceVerb } from './verbs/trace.ts';
import { treeVerb } from './verbs/tree.ts';

/** Every verb. A new one is a file in verbs/ and a line here. */
export const verbs: readonly Verb[] = [
  inspectVerb,
  compareVerb,
  sizeVerb,
  treeVerb,
  traceVerb,
  explainVerb,
  environmentVerb,
  scanVerb,
  mergeVerb,
  symbolsVerb,
  sectionsVerb,
  stringsVerb,
  disassembleVerb,
  faultsVerb,
  lintVerb,
  numericVerb,
  doctorVerb,
  lspVerb,
];
