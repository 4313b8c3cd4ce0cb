import { folderOf } from '../../dependencies/link-map.ts';
import { realPath } from '../../dependencies/loader-files.ts';
import { shellCommand, shellWord } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { Remedy } from '../../protocol/explain.ts';
import { type ErrorKind, type Explained, explained, group, matches } from '../error-kind.ts';
import { originRelative } from '../file-remedies.ts';
import { copiesOf, otherVersions } from '../library-copies.ts';
import { hintsFor } from '../symbol-hints.ts';
import { exportersAmong, librariesOfMachine, thisMachine } from '../symbol-search.ts';
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

/** "undefined reference to `f'" of GNU ld and gold; "undefined symbol: f" of lld and mold. */
export const linkUndefinedReference: ErrorKind = {
  *recognise(text) {
    const patterns = [
      /^(?<before>[^\n]*?)undefined reference to '(?<symbol>[^'\n]+(?:'[^'\n]*[^'\n.;,)])?)'/gmu,
      /^(?<before>[^\n]*?)(?:[Vv]erweis auf|référence indéfinie (?:vers|à)|referencia a|riferimento non definito a) '(?<symbol>[^'\n]+)'/gmu,
      /^(?<before>[^\n]*?)'(?<symbol>[^'\n]+)' (?:に対する定義されていない参照|への参照が定義されていません|未定义的引用)/gmu,
      /^(?<before>[^\n]*?(?:ld\.lld|lld|mold|ld)(?:\.\w+)?: (?:error|fatal): )undefined (?:hidden |protected )?symbol: (?<symbol>[^\n]+)/gmu,
    ];
    for (const pattern of patterns) {
      for (const match of matches(text.text, pattern)) {
        const before = group(match, 'before');
        if (/symbol lookup error|ImportError|undefined reference to symbol$/u.test(before)) continue;
        const symbol = group(match, 'symbol').trim();
        const from = /(?<file>[^\s:(]+\.(?:o|obj|lo))\b/u.exec(before)?.groups?.['file'] ?? null;
        yield {
          start: match.index + (before.length - before.trimStart().length),
          end: match.index + match[0].length,
          key: JSON.stringify(['link-undefined-reference', symbol]),
          explain: world => explainReference(world, symbol, from),
        };
      }
    }
  },
};

async function explainReference(world: World, symbol: ByteText, from: ByteText | null): Promise<Explained> {
  const [demangled = symbol] = await world.demangle([symbol]);
  // The link editor shows names demangled; only plain ones can be looked up as they are.
  const isPlain = /^[A-Za-z_]\w*$/u.test(symbol);
  const exporters = isPlain
    ? (await exportersAmong(world, librariesOfMachine(world, []), symbol, thisMachine)).slice(0, 5)
    : [];
  const remedies: Remedy[] = exporters.slice(0, 2).flatMap(({ path, soname }): readonly Remedy[] => {
    const library = /^lib(?<name>.+?)\.so/u.exec(soname ?? path.slice(path.lastIndexOf('/') + 1))?.groups?.['name'];
    if (library === undefined || library === 'c') return [];
    const folder = folderOf(path);
    const isUsual = /^(?:\/usr)?\/lib(?:64)?(?:\/[\w-]+-linux-[\w-]+)?$/u.test(folder);
    return [
      {
        id: 'link-with',
        title: `Link with -l${displayText(library)}`,
        why: `${displayText(path)} defines it. Put it behind the files that use it: the link editor takes of a library what is wanted until then.${isUsual ? '' : ' The folder has to be in the RUNPATH as well, for the loader.'}`,
        command: `cc … ${isUsual ? '' : `-L${shellWord(folder)} -Wl,-rpath,${shellWord(originRelative(`${world.environment.cwd}/a.out`, folder))} `}-l${shellWord(library)}`,
      },
    ];
  });
  remedies.push(...hintsFor(symbol).flatMap(({ remedy }) => remedy ?? []));
  if (remedies.length === 0) {
    remedies.push({
      id: 'find-definition',
      title: 'Find what defines it',
      why: 'Most often: a source file or library that is missing in the command, a library before the object that uses it, or a C function that is declared without extern "C" in C++.',
      command: `nm -AC --defined-only *.o *.a 2>/dev/null | grep ${shellWord(symbol)}`,
    });
  }
  return explained(
    {
      kind: 'link-undefined-reference',
      title: `${displayText(demangled)} is used and not defined`,
      summary: `${from === null ? 'A file' : displayText(from)} uses ${displayText(demangled)}, and nothing that was given to the link editor defines it.`,
    },
    {
      object: from === null ? null : { name: from, path: world.locate(from) },
      symbol: { name: symbol, demangled: demangled === symbol ? null : demangled, version: null },
      provider:
        exporters[0] === undefined
          ? null
          : { name: exporters[0].soname ?? exporters[0].path, path: exporters[0].path, how: null, offers: [] },
      facts: [
        ...exporters.map(({ path }) => `${displayText(path)} defines it.`),
        ...hintsFor(symbol).map(({ fact }) => fact),
      ],
      state: { kind: 'unknown', text: 'It depends on the command that links.' },
      remedies,
      evidence: [
        {
          rule: 'gABI, "Symbol Table", SHN_UNDEF',
          ...(from === null ? {} : { command: shellCommand(['nm', '-u', from]) }),
        },
      ],
    },
  );
}

/** GNU ld: "undefined reference to symbol `S'", then "LIBRARY: error adding symbols: DSO missing from command line". */
export const linkMissingFromCommandLine: ErrorKind = {
  *recognise(text) {
    const pattern =
      /^[^\n]*?undefined reference to symbol '(?<symbol>[^'\n]+)'[^\n]*\n[^\n]*?(?<library>\S+\.so\S*?): (?:error adding symbols: )?(?:DSO missing from command line|[^\n]+)/gmu;
    for (const match of matches(text.text, pattern)) {
      const [symbol, library] = [group(match, 'symbol'), group(match, 'library')];
      yield {
        start: match.index,
        end: match.index + match[0].length,
        key: JSON.stringify(['link-missing-from-command-line', symbol, library]),
        explain: world => explainCommandLine(world, symbol, library),
      };
    }
  },
};

async function explainCommandLine(world: World, versioned: ByteText, library: ByteText): Promise<Explained> {
  const [symbol = versioned, version] = versioned.split(/@+/u);
  const [demangled = symbol] = await world.demangle([symbol]);
  const name = /\blib(?<name>[^/]+?)\.so/u.exec(library)?.groups?.['name'];
  const path = world.locate(library);
  return explained(
    {
      kind: 'link-missing-from-command-line',
      title: `${displayText(library.slice(library.lastIndexOf('/') + 1))} is used and not named in the link command`,
      summary: `${displayText(demangled)} is defined in ${displayText(library)}, which the link editor knows only because another library needs it. It does not link with what is not named (--no-copy-dt-needed-entries).`,
    },
    {
      object: { name: library, path },
      symbol: { name: symbol, demangled: demangled === symbol ? null : demangled, version: version ?? null },
      provider: { name: library, path, how: null, offers: version === undefined ? [] : [version] },
      state: { kind: 'unknown', text: 'It depends on the command that links.' },
      remedies: [
        {
          id: 'link-with',
          title:
            name === undefined
              ? `Add ${displayText(library)} to the link command`
              : `Add -l${displayText(name)} to the link command`,
          why: 'Behind the files that use it. In CMake: target_link_libraries of the target that uses it.',
          command: name === undefined ? shellWord(library) : `-l${shellWord(name)}`,
        },
      ],
      evidence: [{ rule: 'ld(1), --no-copy-dt-needed-entries' }],
    },
  );
}
