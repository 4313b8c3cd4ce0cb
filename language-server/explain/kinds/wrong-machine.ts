import { runsHere } from '../../dependencies/glibc/cpu.ts';
import type { LoaderFile } from '../../dependencies/objects/loader-object.ts';
import { shellCommand, shellWord } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { PresentState, Remedy } from '../../protocol/explain.ts';
import { type ErrorKind, type Explained, explained, group, matches } from '../error-kind.ts';
import { ofElfFile } from '../file-facts.ts';
import { fileName, namedFile } from '../loading.ts';
import type { World } from '../world.ts';

/** ENOEXEC of execve(2), as shells and runtimes say it. */
export const wrongMachine: ErrorKind = {
  *recognise(text) {
    const patterns = [
      /(?<file>\.{0,2}\/[^:\n]+|[^\s:]+): cannot execute(?: binary file)?(?:: Exec format error)?(?=$|\n)/gu,
      /(?<file>\.{0,2}\/[^:\n]+|[^\s:]+): cannot execute binary file[^\n]*/gu,
      /(?:OSError: )?\[Errno 8\] Exec format error: '(?<file>[^'\n]+)'/gu,
      /exec(?:_?user process|ve|:)?[^\n:]*?'?(?<file>\.{0,2}\/[^\s:'\n]+)'?: exec format error/gu,
      /(?<file>\.{0,2}\/[^:\n]+|[^\s:]+): Exec format error/gu,
    ];
    for (const pattern of patterns) {
      for (const match of matches(text.text, pattern)) {
        const file = group(match, 'file');
        yield {
          start: match.index,
          end: match.index + match[0].length,
          key: JSON.stringify(['wrong-machine', file]),
          explain: world => explainMachine(world, file),
        };
      }
    }
  },
};

async function explainMachine(world: World, name: ByteText): Promise<Explained> {
  const program = namedFile(world, name);
  const { path } = program;
  const file = path === null ? null : world.read(path);
  const header = file?.kind === 'elf' ? file.header : null;
  const isForeign = header !== null && !runsHere(header);
  const what = path === null ? null : await ofElfFile(path, () => null);
  const facts =
    header === null || path === null
      ? [what].filter(fact => typeof fact === 'string')
      : [`${displayText(path)} is for ${header.machineName}, ${header.class} bits, ${header.byteOrder}-endian.`];
  return explained(
    {
      kind: 'wrong-machine',
      title: `${fileName(name)} cannot be run by this kernel`,
      summary: isForeign
        ? `${displayText(name)} is for ${header.machineName}, and this machine is another.`
        : 'The kernel does not know what to do with the file: it is for another machine, cut off, or no program at all.',
    },
    {
      program,
      object: program,
      facts,
      state: stateOf(name, path, isForeign || header === null),
      remedies: isForeign ? foreignRemedies() : otherRemedies(path, file, typeof what === 'string' ? what : null),
      evidence: [
        { rule: 'execve(2), ENOEXEC', ...(path === null ? {} : { command: shellCommand(['readelf', '-hW', path]) }) },
      ],
    },
  );
}

function stateOf(name: ByteText, path: ByteText | null, persists: boolean): PresentState {
  if (path === null) return { kind: 'unknown', text: `${displayText(name)} is not on this machine.` };
  return persists
    ? { kind: 'persists', text: `${displayText(path)} is still no program for this machine.` }
    : { kind: 'resolved', text: `${displayText(path)} is a program for this machine now.` };
}

function foreignRemedies(): readonly Remedy[] {
  const platform = process.arch === 'x64' ? 'amd64' : process.arch;
  return [
    {
      id: 'right-build',
      title: 'Take the build for this machine',
      why: `This machine is ${process.arch}. In a container, the image has to be for it too.`,
      command: `docker run --platform linux/${platform} IMAGE`,
    },
    {
      id: 'emulate',
      title: 'Or run it with QEMU',
      why: 'binfmt lets the kernel start programs of other machines by itself.',
      command: 'sudo apt-get install qemu-user-static binfmt-support',
    },
  ];
}

function otherRemedies(path: ByteText | null, file: LoaderFile | null, what: string | null): readonly Remedy[] {
  if (path === null || file?.kind !== 'other') return [];
  const look: Remedy = {
    id: 'not-a-program',
    title: 'It is no program',
    why: what ?? 'The kernel knows neither its magic nor a first line #!.',
    command: shellCommand(['file', path]),
  };
  if (!/^[\w\s#/]/u.test(file.start)) return [look];
  const firstLine: Remedy = {
    id: 'first-line',
    title: 'If it is a script, begin it with the name of its interpreter',
    why: 'Shells run such files themselves, other programs cannot.',
    command: `sed -i '1i #!/bin/sh' ${shellWord(path)}`,
  };
  return [look, firstLine];
}
