import type { ErrorKind } from './error-kind.ts';
import { executableStack } from './kinds/executable-stack.ts';
import { linkMissingFromCommandLine } from './kinds/link-missing-from-command-line.ts';
import { linkMissingLibrary } from './kinds/link-missing-library.ts';
import { linkUndefinedReference } from './kinds/link-undefined-reference.ts';
import { mappingFailed } from './kinds/mapping-failed.ts';
import { missingInterpreter } from './kinds/missing-interpreter.ts';
import { missingAtLinkTime, missingLibrary } from './kinds/missing-library.ts';
import { missingVersion } from './kinds/missing-version.ts';
import { muslMissingLibrary, muslRelocation } from './kinds/musl.ts';
import { newerProcessor } from './kinds/newer-processor.ts';
import { noVersionInformation, versionAssertion } from './kinds/no-version-information.ts';
import { otherLanguage } from './kinds/other-language.ts';
import { preloadIgnored } from './kinds/preload-ignored.ts';
import { programAsLibrary } from './kinds/program-as-library.ts';
import { pythonMissingModule } from './kinds/python-missing-module.ts';
import { pythonNoInitFunction } from './kinds/python-no-init-function.ts';
import { staticTls } from './kinds/static-tls.ts';
import { textRelocations } from './kinds/text-relocations.ts';
import { missingSymbolVersion, muslSymbolNotFound, undefinedSymbol } from './kinds/undefined-symbol.ts';
import { unloadableFile } from './kinds/unloadable-file.ts';
import { wrongClass } from './kinds/wrong-class.ts';
import { wrongMachine } from './kinds/wrong-machine.ts';

/** Every kind of error that is known; where two claim the same words, the first one has them. */
export const errorKinds: readonly ErrorKind[] = [
  preloadIgnored,
  executableStack,
  staticTls,
  textRelocations,
  mappingFailed,
  missingLibrary,
  missingAtLinkTime,
  muslMissingLibrary,
  muslSymbolNotFound,
  muslRelocation,
  noVersionInformation,
  versionAssertion,
  missingVersion,
  missingSymbolVersion,
  newerProcessor,
  programAsLibrary,
  unloadableFile,
  wrongClass,
  pythonNoInitFunction,
  pythonMissingModule,
  linkMissingFromCommandLine,
  linkMissingLibrary,
  linkUndefinedReference,
  undefinedSymbol,
  missingInterpreter,
  wrongMachine,
  otherLanguage,
];
