import { runsHere } from '../../dependencies/glibc/cpu.ts';
import { machineFacts } from '../../dependencies/objects/machines.ts';
import { shellCommand, shellWord } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { Remedy } from '../../protocol/explain.ts';
import type { CleanText } from '../clean-text.ts';
import { type ErrorKind, type Explained, explained, group, matches, type Recognised } from '../error-kind.ts';
import { fileName, namedFile } from '../loading.ts';
import type { Phrases } from '../phrases.ts';
import type { World } from '../world.ts';

/** A program that is there, and of which the kernel says ENOENT: its interpreter is not (Linux fs/binfmt_elf.c, fs/binfmt_script.c). */
export const missingInterpreter: ErrorKind = {
  recognise: (text, phrases) => [...certain(text), ...likely(text, phrases)],
};

/** Words that stand for nothing else: bash from 5.2 on, and scripts. */
function* certain(text: CleanText): Iterable<Recognised> {
  const patterns = [
    /(?<file>(?:\.{0,2}\/)?[^\s:]+|\.{0,2}\/[^:\n]+): (?:cannot execute|[^:\n]{4,40}): required file not found/gu,
    /^exec (?<file>\/[^\s:]+): no such file or directory$/gmu,
    /(?<file>(?:\.{0,2}\/)?[^\s:]+): (?<interpreter>[^\n:]+): (?:bad interpreter|[^\n:]*[Ii]nterpret[^\n:]*)(?:: [^\n]*)?/gu,
  ];
  for (const pattern of patterns) {
    for (const match of matches(text.text, pattern)) yield recognised(match, group(match, 'file'));
  }
}

/** "No such file or directory" of shells and runtimes: only where the file is there does it mean its interpreter. */
function* likely(text: CleanText, phrases: Phrases): Iterable<Recognised> {
  const patterns = [
    /(?<=\b(?:bash|sh|zsh|dash|ksh|ash|env|nohup|sudo|timeout|exec|fish|strace)\b[^\n/]{0,80})'?(?<file>\.{0,2}\/[^:'\n]+?)'?:\s+(?<error>[^\n:]+)$/gmu,
    /^(?:zsh|env)[^\n]*: (?<error>no such file or directory): (?<file>\.{0,2}\/[^\n]+)$/gmu,
    /exec:? '?(?<file>\.{0,2}\/[^\s:'\n]+)'?: (?<error>no such file or directory)/gu,
    /(?:exec|run|spawn|execve)\S* [^\n/]{0,80}'?(?<file>\.{0,2}\/[^\s:'\n]+)'?:? (?<error>no such file or directory|ENOENT)/gu,
    /FileNotFoundError: \[Errno 2\] (?<error>[^:\n]+): '(?<file>[^'\n]+)'/gu,
  ];
  for (const pattern of patterns) {
    for (const match of matches(text.text, pattern)) {
      const error = group(match, 'error');
      const isMissing =
        phrases.systemError(error) === 'No such file or directory' || /^(?:not found|ENOENT)$/u.test(error);
      const file = group(match, 'file');
      if (isMissing) yield { ...recognised(match, file), applies: world => isWithoutInterpreter(world, file) };
    }
  }
}

function recognised(match: RegExpExecArray, file: ByteText): Recognised {
  return {
    start: match.index,
    end: match.index + match[0].length,
    key: JSON.stringify(['missing-interpreter', file]),
    explain: world => Promise.resolve(explainInterpreter(world, file)),
  };
}

interface Interpreter {
  readonly path: ByteText;
  readonly isScript: boolean;
}

function interpreterOf(world: World, path: ByteText): Interpreter | null {
  const file = world.read(path);
  if (file?.kind === 'elf' && file.object?.interpreter != null)
    return { path: file.object.interpreter, isScript: false };
  if (file?.kind !== 'other') return null;
  const script = /^#![ \t]*(?<path>[^ \t\n]+)/u.exec(file.start)?.groups?.['path'];
  return script === undefined ? null : { path: script, isScript: true };
}

function isWithoutInterpreter(world: World, file: ByteText): boolean {
  const path = world.locate(file);
  const interpreter = path === null ? null : interpreterOf(world, path);
  return interpreter !== null && world.files.status(interpreter.path).kind === 'error';
}

function explainInterpreter(world: World, file: ByteText): Explained {
  const program = namedFile(world, file);
  const interpreter = program.path === null ? null : interpreterOf(world, program.path);
  const isThere = interpreter !== null && world.files.status(interpreter.path).kind !== 'error';
  const shown = interpreter === null ? 'its interpreter' : displayText(interpreter.path);
  return explained(
    {
      kind: 'missing-interpreter',
      title:
        program.path === null
          ? `${fileName(file)}, or the interpreter that it names, is not there`
          : `${fileName(file)} is there; ${shown} is not`,
      summary: `The kernel starts ${interpreter?.isScript === true ? 'the program that the first line of a script names' : 'the program interpreter (the dynamic loader) that a program names'}, and says "No such file or directory" of the program itself when that one is missing.`,
    },
    {
      object:
        interpreter === null
          ? null
          : { name: interpreter.path, path: isThere ? world.files.shown(interpreter.path) : null },
      program,
      requiredBy: program,
      facts: factsOf(world, program.path, interpreter),
      state:
        interpreter === null
          ? {
              kind: 'unknown',
              text:
                program.path === null
                  ? `${displayText(file)} is not on this machine.`
                  : `${displayText(program.path)} names no interpreter.`,
            }
          : isThere
            ? { kind: 'resolved', text: `${shown} is there now.` }
            : { kind: 'persists', text: `${shown} is still not there.` },
      remedies:
        interpreter === null || isThere || program.path === null ? [] : remediesOf(world, program.path, interpreter),
      evidence: [
        {
          rule: 'Linux fs/binfmt_elf.c load_elf_binary',
          ...(program.path === null
            ? {}
            : {
                command:
                  interpreter?.isScript === true
                    ? shellCommand(['head', '-n', '1', program.path])
                    : `${shellCommand(['readelf', '-lW', program.path])} | grep interpreter`,
              }),
        },
      ],
    },
  );
}

function factsOf(world: World, path: ByteText | null, interpreter: Interpreter | null): readonly string[] {
  const file = path === null ? null : world.read(path);
  if (path === null || interpreter === null) return [];
  if (interpreter.isScript)
    return isCarriageReturn(world, path)
      ? ['The first line ends with a carriage return (Windows line ends), which is taken for a part of the name.']
      : [];
  if (file?.kind !== 'elf') return [];
  const machine = `${displayText(path)} is for ${file.header.machineName}, ${file.header.class} bits.`;
  if (/ld-musl/u.test(interpreter.path)) return [machine, 'It was linked with musl (Alpine); this system has none.'];
  if (/^\/(?:nix|gnu)\/store\//u.test(interpreter.path))
    return [machine, 'It was built with Nix or Guix and names the loader of that very store.'];
  if (/\/lib(?:x32)?\/ld-linux(?:\.so\.2|-x32)/u.test(interpreter.path) && file.header.class === 32)
    return [machine, 'It is a 32-bit program, and this system has no 32-bit C library.'];
  return [machine];
}

function isCarriageReturn(world: World, path: ByteText): boolean {
  const file = world.read(path);
  return file?.kind === 'other' && /^#![^\n]*\r\n/u.test(file.start);
}

function remediesOf(world: World, path: ByteText, interpreter: Interpreter): readonly Remedy[] {
  if (interpreter.isScript) {
    if (isCarriageReturn(world, path))
      return [
        {
          id: 'line-ends',
          title: 'Take the carriage returns out of the script',
          why: 'Git does so by itself with core.autocrlf=input.',
          command: `sed -i 's/\\r$//' ${shellWord(path)}`,
        },
      ];
    return [
      {
        id: 'script-interpreter',
        title: `Start it with an interpreter that is there`,
        why: 'Or change its first line; /usr/bin/env finds the interpreter in PATH.',
        command: `sed -i '1s|^#!.*/|#!/usr/bin/env |' ${shellWord(path)}`,
      },
    ];
  }
  const file = world.read(path);
  const header = file?.kind === 'elf' ? file.header : null;
  const remedies: Remedy[] = [];
  const usual = header === null ? undefined : machineFacts(header)?.interpreter;
  const isGlibc = !/ld-musl/u.test(interpreter.path);
  if (usual !== undefined && isGlibc && usual !== interpreter.path && world.files.status(usual).kind === 'file') {
    remedies.push({
      id: 'set-interpreter',
      title: `Name the loader of this system`,
      why: `${usual} is there. The libraries that the program needs have to be of this system then, too.`,
      command: shellCommand(['patchelf', '--set-interpreter', usual, path]),
    });
  }
  const package_ = interpreterPackage(interpreter.path, world);
  if (package_ !== null)
    remedies.push({
      id: 'install-package',
      title: `Install the package ${package_}`,
      why: `It brings ${displayText(interpreter.path)}.`,
      command: `sudo apt-get install ${package_}`,
    });
  if (header !== null && !runsHere(header))
    remedies.push({
      id: 'emulate',
      title: 'It is for another machine: run it with QEMU',
      why: 'With the libraries of that machine below the folder behind -L.',
      command: `qemu-${displayText(header.machineName.toLowerCase())} -L /usr/TRIPLET ${shellWord(path)}`,
    });
  if (!isGlibc)
    remedies.push({
      id: 'glibc-build',
      title: 'Take the build for glibc',
      why: 'Most projects have builds for both; or link it statically, and it runs everywhere.',
      command: 'musl-gcc -static …',
    });
  return remedies;
}

function interpreterPackage(interpreter: ByteText, { distribution }: World): string | null {
  if (distribution !== 'debian') return null;
  if (/\/ld-linux\.so\.2$/u.test(interpreter)) return 'libc6-i386';
  if (/\/ld-linux-x32\.so\.2$/u.test(interpreter)) return 'libc6-x32';
  if (/\/ld-musl-/u.test(interpreter)) return 'musl';
  if (/\/ld-linux-aarch64\.so\.1$/u.test(interpreter)) return 'libc6-arm64-cross';
  if (/\/ld-linux-armhf\.so\.3$/u.test(interpreter)) return 'libc6-armhf-cross';
  return null;
}
