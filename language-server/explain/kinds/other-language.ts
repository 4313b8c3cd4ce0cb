import { type ErrorKind, group, matches } from '../error-kind.ts';
import { originOf } from '../origin.ts';
import { tracebackModules } from '../traceback.ts';
import { explainMissingLibrary, type MissingLibrary } from './missing-library.ts';
import { explainUnloadable, type UnloadableFile } from './unloadable-file.ts';

/**
 * The loader's messages in a language of which no catalogue is installed, known by their shape: "OBJECT: MESSAGE: ERROR" is a
 * file that could not be opened, "OBJECT: MESSAGE" one that is refused. What is wrong with it the file itself tells.
 */
export const otherLanguage: ErrorKind = {
  *recognise(text) {
    const pattern =
      /^(?<before>[^\n]*?(?:error while loading shared libraries|ImportError|OSError|UnsatisfiedLinkError): (?:[^\n:]+: )??(?<object>[^\n:']*\.so[^\n:'\s]*))\s?: (?<message>[^\n:]{4,120}?)(?:\s?: (?<error>[^\n:]{3,80}?))?['")\s]*$/gmu;
    for (const match of matches(text.text, pattern)) {
      const before = group(match, 'before');
      const origin = originOf(before);
      const isMissing = group(match, 'error') !== '';
      const missing: MissingLibrary = {
        ...origin,
        loader: 'glibc',
        error: null,
        suspects: world => tracebackModules(world, text.context.slice(0, match.index), origin.object),
      };
      const refused: UnloadableFile = { ...origin, message: group(match, 'message') };
      yield {
        start: match.index + before.length - origin.length,
        end: match.index + match[0].trimEnd().length,
        key: JSON.stringify([isMissing ? 'missing-library' : 'unloadable-file', origin.program, origin.object]),
        explain: world => (isMissing ? explainMissingLibrary(world, missing) : explainUnloadable(world, refused)),
      };
    }
  },
};
