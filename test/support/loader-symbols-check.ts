import type { LoaderEnvironment } from '../../language-server/dependencies/loader/environment.ts';
import { resolveFile } from '../../language-server/dependencies/resolve-file.ts';
import { references, withSymbolScope } from '../../language-server/dependencies/symbols/scope.ts';
import { nameText } from '../../language-server/dependencies/symbols/symbol-name.ts';
import { bindingText } from './loader-symbols-oracle.ts';

/** Where each reference of each object goes, as the oracle words it. */
export async function bindingsOf(path: string, environment: LoaderEnvironment): Promise<readonly string[]> {
  const resolved = await resolveFile(path, environment, undefined);
  const bound = new Set<string>();
  await withSymbolScope(resolved, undefined, async scope => {
    for (const object of scope.relocated) {
      for await (const reference of references(scope, object)) {
        const found = scope.bind(object, reference);
        const version = reference.version?.name ?? null;
        if (found === null) continue;
        const [from, to] = [object.map.shownPath, found.object.map.shownPath];
        bound.add(bindingText(from, nameText(reference.name.bytes), version, to));
      }
    }
  });
  return [...bound].sort();
}
