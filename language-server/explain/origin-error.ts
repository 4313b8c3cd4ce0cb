import { type ErrorKind, type Explained, group, matches } from './error-kind.ts';
import { type Origin, originOf } from './origin.ts';
import type { LoaderMessage, SystemError } from './phrases.ts';
import type { World } from './world.ts';

/** An error that glibc words as "PROGRAM: OBJECT: MESSAGE: SYSTEM ERROR", the last where the system refused something. */
export function originError(
  kind: string,
  messages: readonly LoaderMessage[],
  explain: (world: World, origin: Origin, error: SystemError | null) => Promise<Explained>,
): ErrorKind {
  return {
    *recognise(text, phrases) {
      const phrase = phrases.pattern(...messages);
      const pattern = new RegExp(`^(?<before>[^\\n]*?)\\s?:\\s+${phrase}(?:\\s?:\\s+(?<error>[^\\n]*))?`, 'gmu');
      for (const match of matches(text.text, pattern)) {
        const before = group(match, 'before');
        const origin = originOf(before);
        yield {
          start: match.index + before.length - origin.length,
          end: match.index + match[0].trimEnd().length,
          key: JSON.stringify([kind, origin.program, origin.object]),
          explain: world => explain(world, origin, phrases.systemError(group(match, 'error'))),
        };
      }
    },
  };
}
