import type { Services } from '../services.ts';
import type { StreamedTexts } from '../streamed-text/register.ts';
import { registerChosenInterpreter } from './chosen-interpreter.ts';
import { registerCompilerStatus } from './compiler-status.ts';
import { registerGeneratedC } from './generated-c.ts';

/** What there is for Cython sources besides what the language client does by itself. */
export function registerCython(services: Services, texts: StreamedTexts): void {
  registerCompilerStatus(services);
  registerChosenInterpreter(services);
  registerGeneratedC(services, texts);
}
