import { folderOf } from '../../dependencies/loader/link-map.ts';
import { judgedFamilies } from '../../elf/platforms/oldest-platforms.ts';
import { remediesFor } from '../../elf/platforms/remedies.ts';
import { compareVersions } from '../../elf/versions/version-floors.ts';
import { readVersionsReport } from '../../elf/versions/versions-report.ts';
import { shellCommand, shellWord } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { PresentState, Remedy } from '../../protocol/explain.ts';
import { type ErrorKind, type Explained, explained, group, matches } from '../error-kind.ts';
import { baseName, libraryPathRemedy, runPathRemedy } from '../file-remedies.ts';
import { copiesOf } from '../library-copies.ts';
import { fileName, howLoadedText, mapNamed, namedFile, nullableFile } from '../loading.ts';
import { originOf } from '../origin.ts';
import { packageUpgrade } from '../package-remedies.ts';
import type { World } from '../world.ts';

interface MissingVersion {
  readonly program: ByteText | null;
  /** As the loader names the provider: its path. */
  readonly provider: ByteText;
  readonly version: ByteText;
  readonly by: ByteText;
  readonly isWeak: boolean;
}

/**
 * glibc elf/dl-version.c `match_symbol`: "PROVIDER: version `V' not found (required by FILE)". Known by its shape, since older
 * ones translate it: a version in quotes, and a file in brackets.
 */
export const missingVersion: ErrorKind = {
  *recognise(text) {
    const pattern =
      /^(?<before>[^\n]*?):\s(?<said>[^\n:']{0,40}'(?<version>[A-Za-z_][\w.+-]*)'[^\n(]{1,60}\((?:[^\n():]*?\s)?(?<by>[^()\s]+|\/[^()\n]+)\))/gmu;
    for (const match of matches(text.text, pattern)) {
      const said = group(match, 'said');
      if (!/(?:not found \(required by|_[\d.]+')/u.test(said)) continue;
      const before = group(match, 'before');
      const origin = providerOrigin(before);
      if (!/\.so\b|\/ld|\//u.test(origin.object)) continue;
      const told: MissingVersion = {
        program: origin.program,
        provider: origin.object,
        version: group(match, 'version'),
        by: /required by (?<by>[^\n]+)\)$/u.exec(said)?.groups?.['by'] ?? group(match, 'by'),
        isWeak: /\bweak\b/u.test(said),
      };
      yield {
        start: match.index + before.length - origin.length,
        end: match.index + match[0].length,
        key: JSON.stringify(['missing-version', told.provider, told.version, told.by]),
        explain: world => explainMissingVersion(world, told),
      };
    }
  },
};

/** "./app: ./libfoo.so": who was started, and the provider. */
export function providerOrigin(before: string): {
  readonly program: string | null;
  readonly object: string;
  readonly length: number;
} {
  const origin = originOf(before);
  return {
    program: origin.program ?? (origin.teller === 'other' ? origin.requester : null),
    object: origin.object,
    length: origin.length,
  };
}

async function explainMissingVersion(world: World, told: MissingVersion): Promise<Explained> {
  const { version, by } = told;
  const requiredBy = namedFile(world, by);
  const program = nullableFile(world, told.program);
  const provider = await findProvider(world, told, [program?.path ?? null, requiredBy.path]);
  const offered = definedVersions(world, provider.path);
  const family = familyOf(version);
  const offers = nearest(offered, family);
  const symbols = await symbolsOf(world, requiredBy.path, version);
  const asksStill = requiredBy.path === null ? null : asksFor(world, requiredBy.path, version);
  const name = baseName(provider.path ?? told.provider);
  const newest = offers[0];
  return explained(
    {
      kind: 'missing-version',
      title: `${name} does not offer ${displayText(version)}`,
      summary: `${fileName(by)} was linked with a ${name} that has ${displayText(version)}; the one that the loader takes has ${newest === undefined ? 'no version of that family' : `${displayText(newest)} at most`}. ${told.isWeak ? 'It is asked for weakly, so that the loader goes on without it.' : 'The loader checks this before it runs anything.'}`,
    },
    {
      object: { name: told.provider, path: provider.path },
      requiredBy,
      program,
      symbol: symbols.length === 1 ? { name: symbols[0] ?? '', demangled: null, version } : null,
      provider: { name: told.provider, path: provider.path, how: provider.how, offers },
      state: stateOf(told, provider.path, offered, asksStill),
      facts: [
        ...symbolFacts(symbols, version),
        ...(await platformFacts(judgedFamilies.includes(family) ? requiredBy.path : null, world.signal)),
      ],
      remedies:
        offered.includes(version) || asksStill === false
          ? []
          : await remediesOf(world, told, provider, requiredBy.path, symbols),
      evidence: [
        {
          rule: 'glibc elf/dl-version.c _dl_check_map_versions',
          ...(requiredBy.path === null ? {} : { command: shellCommand(['readelf', '-VW', requiredBy.path]) }),
        },
      ],
    },
  );
}

interface FoundProvider {
  readonly path: ByteText | null;
  readonly how: string | null;
}

/** The file that the loader takes today, by the tree of who was started; else the one that the text names. */
async function findProvider(
  world: World,
  { provider }: MissingVersion,
  roots: readonly (ByteText | null)[],
): Promise<FoundProvider> {
  for (const root of roots) {
    const resolved = root === null ? null : await world.resolve(root);
    const map = resolved === null ? undefined : mapNamed(resolved, provider);
    if (resolved !== null && map !== undefined) return { path: map.shownPath, how: howLoadedText(resolved, map) };
  }
  return { path: world.locate(provider), how: null };
}

function definedVersions(world: World, path: ByteText | null): readonly ByteText[] {
  const file = path === null ? null : world.read(path);
  return file?.kind === 'elf' ? (file.object?.versionDefinitions ?? []).map(({ name }) => name) : [];
}

/** Null: the file cannot be read. */
function asksFor(world: World, path: ByteText, version: ByteText): boolean | null {
  const file = world.read(path);
  if (file?.kind !== 'elf' || file.object === null) return null;
  return file.object.versionNeeds.some(({ versions }) => versions.some(({ name }) => name === version));
}

/** "GLIBCXX" of "GLIBCXX_3.4.30". */
function familyOf(version: ByteText): string {
  return version.replace(/_?\d[\d.]*$/u, '').replace(/_$/u, '');
}

/** Those of the same family, the newest first. */
function nearest(offered: readonly ByteText[], family: string): readonly ByteText[] {
  const number = (version: ByteText): string => /(?<number>\d+(?:\.\d+)*)$/u.exec(version)?.groups?.['number'] ?? '0';
  return offered
    .filter(version => familyOf(version) === family)
    .sort((a, b) => compareVersions(number(b), number(a)))
    .slice(0, 4);
}

async function symbolsOf(world: World, path: ByteText | null, version: ByteText): Promise<readonly ByteText[]> {
  const symbols = path === null ? null : await world.exports(path);
  return [...(symbols?.undefined ?? [])].filter(([, suffix]) => suffix === `@${version}`).map(([name]) => name);
}

function symbolFacts(symbols: readonly ByteText[], version: ByteText): readonly string[] {
  if (symbols.length === 0) return [];
  const more = symbols.length > 6 ? ` and ${symbols.length - 6} more` : '';
  return [`Asked for in ${displayText(version)}: ${symbols.slice(0, 6).map(displayText).join(', ')}${more}.`];
}

async function platformFacts(path: ByteText | null, signal: AbortSignal): Promise<readonly string[]> {
  if (path === null) return [];
  try {
    const { platforms } = await readVersionsReport(path, signal);
    const oldest = platforms.flatMap(({ family, kind, oldest: release }) =>
      kind === 'runs' && release !== null ? [`${family} ${release.name}`] : [],
    );
    return oldest.length === 0
      ? []
      : [`The oldest systems that have all versions that it asks for: ${oldest.slice(0, 6).join(', ')}.`];
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

function stateOf(
  { version, by }: MissingVersion,
  path: ByteText | null,
  offered: readonly ByteText[],
  asksStill: boolean | null,
): PresentState {
  if (asksStill === false) return { kind: 'resolved', text: `${displayText(by)} as it is now does not ask for it.` };
  if (path === null) return { kind: 'unknown', text: 'The library that should offer it is not on this machine.' };
  if (offered.includes(version))
    return { kind: 'resolved', text: `${displayText(path)}, which the loader takes here and now, offers it.` };
  if (asksStill === null)
    return {
      kind: 'unknown',
      text: `${displayText(path)} does not offer it; ${displayText(by)} is not here to be asked.`,
    };
  return {
    kind: 'persists',
    text: `${displayText(path)} still does not offer it, and ${displayText(by)} still asks for it.`,
  };
}

const coreLibraries =
  /^(?:libc\.so\.6|ld-linux[\w-]*\.so\.\d|libm\.so\.6|libpthread\.so\.0|libdl\.so\.2|librt\.so\.1|libresolv\.so\.2)/u;

async function remediesOf(
  world: World,
  { provider: named, version, program }: MissingVersion,
  provider: FoundProvider,
  requiredBy: ByteText | null,
  symbols: readonly ByteText[],
): Promise<readonly Remedy[]> {
  const name = named.slice(named.lastIndexOf('/') + 1);
  const file = requiredBy === null ? null : world.read(requiredBy);
  const isCore = coreLibraries.test(name);
  const started = program === null ? null : world.locate(program);
  const remedies: Remedy[] = [];
  if (!isCore && file?.kind === 'elf' && file.object !== null && requiredBy !== null) {
    const copies = await copiesOf(world, name, [requiredBy], file.header);
    const fit = copies.find(
      ({ path, problem }) =>
        problem === null && path !== provider.path && definedVersions(world, path).includes(version),
    );
    if (fit !== undefined) {
      const why = `${displayText(fit.path)} offers ${displayText(version)}. `;
      for (const remedy of [
        libraryPathRemedy(folderOf(fit.path), started),
        runPathRemedy({ path: requiredBy, object: file.object }, folderOf(fit.path)),
      ]) {
        remedies.push({ ...remedy, why: why + remedy.why });
      }
    }
  }
  if (!isCore && provider.path !== null) remedies.push(...(await packageUpgrade(world, provider.path)));
  const family = familyOf(version);
  for (const { id, title, text, example } of remediesFor([family], [...symbols, version]))
    remedies.push({
      id,
      title,
      why: text,
      command: requiredBy === null ? example : example.replace(/\bFILE\b/u, () => shellWord(requiredBy)),
    });
  if (isCore) {
    remedies.push({
      id: 'newer-system',
      title: 'Or run it on a newer system',
      why: 'The C library and the loader belong together and to the whole system: a newer libc.so.6 beside the old loader (LD_LIBRARY_PATH) crashes. A container brings both.',
      command: 'docker run --rm -v "$PWD:$PWD" -w "$PWD" IMAGE COMMAND',
    });
  }
  return remedies;
}
