import { realPath } from '../../dependencies/files/loader-files.ts';
import { folderOf } from '../../dependencies/loader/link-map.ts';
import { shellWord } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { Remedy } from '../../protocol/explain.ts';
import { type ErrorKind, type Explained, explained, group, matches } from '../error-kind.ts';
import { copiesOf, otherVersions } from '../library-copies.ts';
import type { World } from '../world.ts';

/** GNU ld and gold: "cannot find -lfoo"; lld: "unable to find library -lfoo"; mold: "library not found: foo"; and what was passed over. */
export const linkMissingLibrary: ErrorKind = {
  *recognise(text) {
    const patterns = [
      /[^\s:]*: (?:warning: )?skipping incompatible (?<skipped>\S+) when searching for -l(?<library>[\w.+-]+)/gu,
      /(?:[^\s:]*: )?(?:error: )?(?:cannot find|unable to find library|kann [^\n]{0,30}nicht finden:?|[^\n:]{3,40}?) -l(?<library>[\w.+-]+)(?:: [^\n]*)?(?=$|\n)/gu,
      /(?:mold|ld\.mold): (?:fatal|error): library not found: (?<library>[\w.+-]+)/gu,
    ];
    const skipped = new Map<string, string[]>();
    for (const match of matches(
      text.text,
      /skipping incompatible (?<file>\S+) when searching for -l(?<library>[\w.+-]+)/gu,
    )) {
      const library = group(match, 'library');
      skipped.set(library, [...(skipped.get(library) ?? []), group(match, 'file')]);
    }
    for (const pattern of patterns) {
      for (const match of matches(text.text, pattern)) {
        const library = group(match, 'library');
        const line = text.lineAt(match.index).text;
        // A command line of a compiler has -l, too.
        if (
          !/\b(?:ld|collect2|lld|mold|gold|bfd)\b|cannot find|unable to find|not found/u.test(line) ||
          /\s-[oLI]\s?\S/u.test(line)
        )
          continue;
        yield {
          start: match.index,
          end: match.index + match[0].length,
          key: JSON.stringify(['link-missing-library', library]),
          explain: world => explainMissing(world, library, skipped.get(library) ?? []),
        };
      }
    }
  },
};

async function explainMissing(world: World, library: string, skipped: readonly string[]): Promise<Explained> {
  const name = library.startsWith(':') ? library.slice(1) : `lib${library}.so`;
  const copies = [...(await copiesOf(world, name, [], null)), ...(await copiesOf(world, `lib${library}.a`, [], null))];
  const runtime = otherVersions(world, name, []).filter(path => /\.so\.\d/u.test(path));
  const [copy] = copies;
  const remedies: Remedy[] = [];
  const fit = copies.find(({ path }) => !skipped.some(other => realPath(other) === realPath(path)));
  if (fit !== undefined && skipped.length === 0) {
    remedies.push({
      id: 'link-folder',
      title: `Name its folder: -L${displayText(folderOf(fit.path))}`,
      why: 'The link editor looks in the folders of -L and in its own, and nowhere else; LD_LIBRARY_PATH is for the loader.',
      command: `-L${shellWord(folderOf(fit.path))} -l${library}`,
    });
  }
  if (skipped.length > 0) {
    remedies.push({
      id: 'other-class',
      title: 'Get the library for the machine that is linked for',
      why: 'What was found is of another class or machine (32 and 64 bits, or a cross compiler that looks at the libraries of this machine).',
      command: `sudo apt-get install lib${library}-dev:i386    # for -m32: dpkg --add-architecture i386, gcc-multilib`,
    });
  }
  const [built] = runtime;
  if (fit === undefined && built !== undefined) {
    const owner = await world.packages.owner(built);
    const guess = (await developmentPackage(world, name)) ?? `lib${library}-dev`;
    remedies.push({
      id: 'install-development',
      title: `Install its development package`,
      why: `${displayText(built)} is for running${owner === null ? '' : ` (package ${owner.name})`}; the name without a version, lib${library}.so, comes with the package for building.`,
      command: `sudo apt-get install ${guess}`,
    });
    remedies.push({
      id: 'link-exact',
      title: 'Or link with the very file',
      why: 'For a try: -l: takes the name of a file.',
      command: `-L${shellWord(folderOf(built))} -l:${shellWord(built.slice(built.lastIndexOf('/') + 1))}`,
    });
  }
  if (fit === undefined && built === undefined && skipped.length === 0) {
    const guess = await developmentPackage(world, name);
    remedies.push({
      id: 'install-development',
      title: 'Install its development package',
      why: `By the usual names; apt-file search says which package has it: apt-file search lib${library}.so`,
      command: developmentCommand(world, library, guess),
    });
  }
  return explained(
    {
      kind: 'link-missing-library',
      title: `The link editor finds no lib${library}.so or lib${library}.a`,
      summary: `It looked for them in the folders of -L and in its own.${skipped.length > 0 ? ' It found some that are not for the machine that is linked for, and passed over them.' : ''}`,
    },
    {
      object: { name: `-l${library}`, path: fit?.path ?? null },
      facts: [
        ...skipped.slice(0, 4).map(path => `Passed over: ${displayText(path)}${classText(world, path)}.`),
        ...copies.slice(0, 3).map(({ path }) => `There is ${displayText(path)}.`),
        ...runtime
          .slice(0, 3)
          .map(path => `There is ${displayText(path)}, whose name has a version: it is for running programs.`),
      ],
      state:
        fit !== undefined
          ? {
              kind: 'unknown',
              text: `${displayText(fit.path)} is there; whether it is found depends on the -L of the command.`,
            }
          : copy === undefined
            ? { kind: 'persists', text: `Neither lib${library}.so nor lib${library}.a is where libraries usually are.` }
            : { kind: 'persists', text: 'What is there is for another machine.' },
      remedies,
      evidence: [{ rule: 'ld(1), -l', command: `ld -l${library} --verbose 2>&1 | grep ${shellWord(`lib${library}`)}` }],
    },
  );
}

function classText(world: World, path: ByteText): string {
  const file = world.read(path);
  return file?.kind === 'elf' ? ` (${file.header.machineName}, ${file.header.class} bits)` : '';
}

async function developmentPackage(world: World, name: ByteText): Promise<string | null> {
  const [owner] = await world.packages.shipping(name);
  return owner?.name ?? null;
}

function developmentCommand({ distribution }: World, library: string, known: string | null): string {
  switch (distribution) {
    case 'fedora':
      return `sudo dnf install ${shellWord(`pkgconfig(${library})`)}    # or: dnf provides '*/lib${library}.so'`;
    case 'arch':
      return `pacman -F lib${library}.so`;
    case 'alpine':
      return `apk search -x so:lib${library}.so`;
    case 'debian':
    case null:
      return `sudo apt-get install ${known ?? `lib${library.toLowerCase().replaceAll('_', '-')}-dev`}`;
  }
}
