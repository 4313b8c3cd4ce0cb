import { relative } from 'node:path';
import { realPath } from '../dependencies/files/loader-files.ts';
import { folderOf } from '../dependencies/loader/link-map.ts';
import type { LoaderObject } from '../dependencies/objects/loader-object.ts';
import { shellCommand, shellWord } from '../native/shell-quote.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { Remedy } from '../protocol/explain.ts';

/** A file that can be changed, and what a loader reads of it. */
export interface ChangeableFile {
  readonly path: ByteText;
  readonly object: LoaderObject;
}

/** Adds a folder to the run path of the very object that needs it: a RUNPATH counts for that one only. */
export function runPathRemedy({ path, object }: ChangeableFile, folder: ByteText): Remedy {
  const entry = originRelative(path, folder);
  const before = object.runpath ?? object.rpath ?? '';
  const value = before === '' ? entry : `${entry}:${before}`;
  const isRpath = object.runpath === null && object.rpath !== null;
  const command = ['patchelf', ...(isRpath ? ['--force-rpath'] : []), '--set-rpath', value, path];
  return {
    id: 'set-run-path',
    title: `Let ${baseName(path)} look in ${displayText(entry)}`,
    why: `Writes the folder into the file itself (${isRpath ? 'RPATH' : 'RUNPATH'}), so that it is found however the program is started${entry.startsWith('$ORIGIN') ? ', also when both are moved together' : ''}. In a build of your own, link with -Wl,-rpath,${shellWord(entry)} instead.`,
    command: shellCommand(command),
  };
}

/** `$ORIGIN/…` where the two are below a folder of their own; else the folder as it is. */
export function originRelative(file: ByteText, folder: ByteText): ByteText {
  const [from, to] = [folderOf(realPath(file) ?? file), realPath(folder) ?? folder];
  const way = relative(from, to);
  if (way === '') return '$ORIGIN';
  const steps = way.split('/').filter(step => step === '..').length;
  const common = from.split('/').length - 1 - steps;
  return common < 1 ? to : `$ORIGIN/${way}`;
}

/** For one run, without changing a file. */
export function libraryPathRemedy(folder: ByteText, program: ByteText | null): Remedy {
  const run = program === null ? 'COMMAND' : shellCommand([program]);
  return {
    id: 'library-path',
    title: `Start it with LD_LIBRARY_PATH=${displayText(folder)}`,
    why: 'Changes no file and shows at once whether the library is the right one. It holds for every library of this program and of all that it starts, so it is for trying and for wrapper scripts.',
    command: `LD_LIBRARY_PATH=${shellWord(folder)}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} ${run}`,
  };
}

/** Makes the folder known to the loader of the whole machine. */
export function cacheRemedy(folder: ByteText, isConfigured: boolean): Remedy {
  if (isConfigured) {
    return {
      id: 'refresh-cache',
      title: "Bring the loader's cache up to date",
      why: `${displayText(folder)} is a folder of libraries of this machine (/etc/ld.so.conf), but the cache was written before the library was put there.`,
      command: 'sudo ldconfig',
    };
  }
  const name = folder.replace(/[^A-Za-z0-9]+/gu, '-').replace(/^-|-$/gu, '');
  return {
    id: 'system-folder',
    title: `Make ${displayText(folder)} a folder of libraries for the whole machine`,
    why: 'For libraries that many programs need. It changes what every program of this machine finds.',
    command: `echo ${shellWord(folder)} | sudo tee /etc/ld.so.conf.d/${name}.conf && sudo ldconfig`,
  };
}

export function addNeededRemedy(path: ByteText, soname: ByteText): Remedy {
  return {
    id: 'add-needed',
    title: `Let ${baseName(path)} need ${displayText(soname)}`,
    why: 'The file uses symbols of that library without naming it, and so it depends on who else has loaded it. This names it, without a new build.',
    command: shellCommand(['patchelf', '--add-needed', soname, path]),
  };
}

export function preloadRemedy(library: ByteText, program: ByteText | null): Remedy {
  const run = program === null ? 'COMMAND' : shellCommand([program]);
  return {
    id: 'preload',
    title: `Start it with LD_PRELOAD=${displayText(library)}`,
    why: 'Loads the library before all others, for this one run: shows whether it is the right one.',
    command: `LD_PRELOAD=${shellWord(library)} ${run}`,
  };
}

export function baseName(path: ByteText): string {
  return displayText(path.slice(path.lastIndexOf('/') + 1));
}
