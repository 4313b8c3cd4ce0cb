import type { ByteText } from '../../protocol/elf.ts';
import type { LinkMap } from '../loader/link-map.ts';
import type { VersionProblem } from '../loader/resolved-program.ts';
import type { LoaderObject, VersionDefinition, VersionNeed } from '../objects/loader-object.ts';

/**
 * Checks every version that an object needs against what the chosen provider defines, as glibc does before it relocates
 * anything (`_dl_check_all_versions` of elf/dl-version.c). A provider that was not found is no matter of versions.
 */
export function checkVersions(loaded: readonly LinkMap[]): readonly VersionProblem[] {
  const missing = new Map<LinkMap, ReadonlySet<ByteText>>();
  return versionProviders(loaded).flatMap(({ requester, need, provider }) => {
    const misses = missing.get(requester) ?? missedNames(requester);
    missing.set(requester, misses);
    return misses.has(need.file) ? [] : problemsOfNeed(requester, provider, need);
  });
}

function missedNames({ edges }: LinkMap): ReadonlySet<ByteText> {
  return new Set(edges.filter(({ found }) => found === null).map(({ name }) => name));
}

/** Of whom an object's versions are asked: the first object that has the name (glibc `find_needed`). */
export interface VersionProvider {
  readonly requester: LinkMap;
  readonly need: VersionNeed;
  readonly provider: LinkMap | null;
}

/** In load order, as `ldd -v` lists them. */
export function versionProviders(loaded: readonly LinkMap[]): readonly VersionProvider[] {
  const byName = new Map<ByteText, LinkMap>();
  for (const map of loaded) {
    for (const name of [map.name, ...map.names]) if (!byName.has(name)) byName.set(name, map);
  }
  return loaded.flatMap(requester =>
    requester.object.versionNeeds.map(need => ({ requester, need, provider: byName.get(need.file) ?? null })),
  );
}

function problemsOfNeed(requester: LinkMap, provider: LinkMap | null, need: VersionNeed): readonly VersionProblem[] {
  const problem = (kind: VersionProblem['kind'], version: ByteText): VersionProblem => {
    return { kind, requester, provider, file: need.file, version };
  };
  if (provider === null) return [problem('no-provider', need.versions[0]?.name ?? '')];
  // One word about a library without versions is enough; the loader says it for each version.
  if (provider.object.versionDefinitions === null) {
    return need.versions.slice(0, 1).map(version => problem('unversioned', version.name));
  }
  const missing = missingVersions(need, provider.object);
  return missing.map(version => problem(version.weak ? 'weak' : 'missing', version.name));
}

type NeededVersion = VersionNeed['versions'][number];

/** By need the provider that was checked last: the two are remembered from one tree to the next, and so is the outcome. */
const checked = new WeakMap<
  VersionNeed,
  { readonly provider: LoaderObject; readonly missing: readonly NeededVersion[] }
>();

function missingVersions(need: VersionNeed, provider: LoaderObject): readonly NeededVersion[] {
  const known = checked.get(need);
  if (known?.provider === provider) return known.missing;
  const defined = new Set(provider.versionDefinitions?.map(versionKey));
  const missing = need.versions.filter(version => !defined.has(versionKey(version)));
  checked.set(need, { provider, missing });
  return missing;
}

/** The hash counts too, as for the loader: a file whose hashes are wrong defines nothing. */
function versionKey({ hash, name }: VersionDefinition): string {
  return `${hash}:${name}`;
}
