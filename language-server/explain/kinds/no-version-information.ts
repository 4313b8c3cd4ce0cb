import { folderOf } from '../../dependencies/loader/link-map.ts';
import { shellCommand, shellWord } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { Remedy } from '../../protocol/explain.ts';
import { type ErrorKind, type Explained, explained, group, matches } from '../error-kind.ts';
import { baseName } from '../file-remedies.ts';
import { copiesOf } from '../library-copies.ts';
import { fileName, howLoadedText, mapNamed, namedFile, nullableFile } from '../loading.ts';
import type { World } from '../world.ts';
import { providerOrigin } from './missing-version.ts';

/** glibc elf/dl-version.c `match_symbol`: a warning, after which the loader goes on. */
export const noVersionInformation: ErrorKind = {
  *recognise(text) {
    for (const match of matches(
      text.text,
      /^(?<before>[^\n]*?):\sno\s+version\s+information\s+available\s+\(required\s+by\s+(?<by>[^)\n]+)\)/gmu,
    )) {
      const before = group(match, 'before');
      const { program, object, length } = providerOrigin(before);
      yield {
        start: match.index + before.length - length,
        end: match.index + match[0].length,
        key: JSON.stringify(['no-version-information', object, group(match, 'by')]),
        explain: world => explainNoVersions(world, program, object, group(match, 'by')),
      };
    }
  },
};

/**
 * glibc elf/dl-lookup.c `check_match`: a provider that is to have versions has none, and the symbol is looked up in it. The line
 * before it names the library.
 */
export const versionAssertion: ErrorKind = {
  *recognise(text) {
    const pattern = /Inconsistency detected by ld\.so: [^\n]*Assertion 'version->filename == NULL[^\n]*/gu;
    for (const match of matches(text.text, pattern)) {
      const before = text.context.slice(0, match.index);
      const told = before.lastIndexOf(': no version information available (required by ');
      const line = told < 0 ? null : text.lineAt(told).text;
      const named =
        line === null
          ? null
          : /^(?<before>[^\n]*?): no version information available \(required by (?<by>[^)\n]+)\)/u.exec(line);
      const origin = named === null ? null : providerOrigin(named.groups?.['before'] ?? '');
      yield {
        start: match.index,
        end: match.index + match[0].length,
        key: JSON.stringify(['version-assertion', origin?.object]),
        explain: async world => {
          const { program = null, object = '' } = origin ?? {};
          const found = await explainNoVersions(world, program, object, named?.groups?.['by'] ?? '');
          return {
            ...found,
            title: 'The loader gives up: a library has lost its versions',
            summary: `The loader looks for a symbol with a version in ${object === '' ? 'a library' : fileName(object)} that defines no versions at all, and ends with an assertion instead of an error. ${found.summary}`,
          };
        },
      };
    }
  },
};

async function explainNoVersions(
  world: World,
  program: ByteText | null,
  object: ByteText,
  by: ByteText,
): Promise<Explained> {
  const requiredBy = namedFile(world, by);
  const started = nullableFile(world, program);
  const root = started?.path ?? requiredBy.path;
  const resolved = root === null ? null : await world.resolve(root);
  const map = resolved === null ? undefined : mapNamed(resolved, object);
  const path = map?.shownPath ?? world.locate(object);
  const file = path === null ? null : world.read(path);
  const definitions = file?.kind === 'elf' ? (file.object?.versionDefinitions ?? null) : undefined;
  const persists = definitions === null;
  const how = resolved === null || map === undefined ? null : howLoadedText(resolved, map);
  return explained(
    {
      kind: 'no-version-information',
      title: `${fileName(object)} has no versions`,
      summary: `A warning: ${fileName(by)} was linked with a ${fileName(object)} whose symbols have versions, and the one that the loader takes has none. It binds by names alone: that works, unless the two differ where it matters.`,
    },
    {
      object: { name: object, path },
      requiredBy,
      program: started,
      provider: { name: object, path, how, offers: [] },
      facts: how === null || path === null ? [] : [`${displayText(path)} is found by ${how}.`],
      state:
        path === null || definitions === undefined
          ? { kind: 'unknown', text: `${displayText(object)} is not on this machine.` }
          : persists
            ? { kind: 'persists', text: `${displayText(path)} still defines no versions.` }
            : {
                kind: 'resolved',
                text: `${displayText(path)}, which the loader takes here and now, defines versions.`,
              },
      remedies:
        persists && path !== null && requiredBy.path !== null
          ? await remediesOf(world, path, requiredBy.path, how)
          : [],
      evidence: [
        {
          rule: 'glibc elf/dl-version.c match_symbol',
          ...(path === null ? {} : { command: shellCommand(['readelf', '-VW', path]) }),
        },
      ],
    },
  );
}

async function remediesOf(
  world: World,
  path: ByteText,
  requiredBy: ByteText,
  how: string | null,
): Promise<readonly Remedy[]> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const reader = world.read(requiredBy);
  const copies = await copiesOf(world, name, [requiredBy], reader?.kind === 'elf' ? reader.header : null);
  const versioned = copies.find(copy => {
    const file = copy.problem === null && copy.path !== path ? world.read(copy.path) : null;
    return file?.kind === 'elf' && file.object?.versionDefinitions !== null;
  });
  const prefer: readonly Remedy[] =
    versioned === undefined
      ? []
      : [
          {
            id: 'prefer-versioned',
            title: `Let the loader take ${displayText(versioned.path)}`,
            why: `That one has versions${how === null ? '' : `; the other one comes first by ${how}`}. Take its folder out of what comes first, or put this one's before it.`,
            command: `LD_LIBRARY_PATH=${shellWord(folderOf(versioned.path))} COMMAND`,
          },
        ];
  return [
    ...prefer,
    {
      id: 'version-script',
      title: `Build ${baseName(path)} with the version script of its project`,
      why: 'Some build systems leave it out (CMake builds of projects whose own build is autotools, conda, vendored copies).',
      command: '-Wl,--version-script=LIBRARY.map',
    },
  ];
}
