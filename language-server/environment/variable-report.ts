import type { LoaderFiles } from '../dependencies/files/loader-files.ts';
import { pythonTag } from '../elf/languages/python-tag.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { PathEntry, VariableEffect, VariableReport } from '../protocol/environment.ts';
import { pathEntries } from './path-entries.ts';
import type { TreeEffects } from './tree-effects.ts';
import { readTunables } from './tunables.ts';
import { definitionOf, type VariableDefinition } from './variable-table.ts';

export interface ReportContext {
  readonly files: LoaderFiles;
  readonly cwd: ByteText;
  readonly file: ByteText | null;
  readonly effects: TreeEffects | null;
}

/** What a variable is for and does; null: it is none of those that matter here. */
export function reportVariable(name: string, value: ByteText, context: ReportContext): VariableReport | null {
  const definition = definitionOf(name);
  if (definition === undefined) return null;
  const entries = entriesOf(name, value, definition, context);
  const { effect, text } = effectOf(name, value, definition, entries, context);
  return { name, value, family: definition.family, meaning: definition.meaning, effect, effectText: text, entries };
}

function entriesOf(
  name: string,
  value: ByteText,
  { value: kind }: VariableDefinition,
  context: ReportContext,
): readonly PathEntry[] {
  const { files, cwd, effects } = context;
  const folders = (separator: RegExp): readonly PathEntry[] =>
    pathEntries(value, 'folder', { separator, emptyIs: 'working directory' }, files, cwd);
  switch (kind) {
    case 'folders':
      // A set-but-empty variable is unset, for the loader and for Python.
      if (value === '') return [];
      if (name !== 'LD_LIBRARY_PATH') return folders(/:/u);
      return effects === null
        ? folders(/[:;]/u)
        : effects.libraryPath(folders(effects.resolved.loader.kind === 'musl' ? /[:\n]/u : /[:;]/u));
    case 'files': {
      const entries = pathEntries(value, 'file', { separator: /[ :]/u, emptyIs: 'nothing' }, files, cwd);
      return name === 'LD_PRELOAD' && effects !== null ? effects.preload(entries) : entries;
    }
    case 'folder':
    case 'file':
      return value === '' ? [] : pathEntries(value, kind, { separator: /$^/u, emptyIs: 'nothing' }, files, cwd);
    default:
      return [];
  }
}

interface Effect {
  readonly effect: VariableEffect;
  readonly text: string;
}

function effectOf(
  name: string,
  value: ByteText,
  definition: VariableDefinition,
  entries: readonly PathEntry[],
  context: ReportContext,
): Effect {
  const { ignored, dangerous, reader, family } = definition;
  const { effects } = context;
  if (ignored !== undefined && !(ignored.includes('libc_malloc_debug') && isDebugLibraryPreloaded(context))) {
    return { effect: 'ignored', text: `It is set in vain: ${ignored}.` };
  }
  if (value === '' && family === 'loader')
    return { effect: 'ignored', text: 'It is set and empty, which is as good as unset.' };
  const kind = effects?.resolved.loader.kind;
  if (effects !== null && isSecure(effects) && family !== 'python' && family !== 'cuda' && family !== 'build') {
    return {
      effect: 'ignored',
      text: 'The program is setuid or setgid: the loader drops the variable where it is started with more rights than its caller has.',
    };
  }
  if (kind === 'musl' && reader === 'glibc')
    return { effect: 'ignored', text: 'The file is for musl, and only glibc looks at it.' };
  if (kind === 'glibc' && reader === 'musl')
    return { effect: 'ignored', text: 'The file is for glibc, and only musl looks at it.' };
  if (effects?.resolved.unloaded === 'static' && family === 'loader')
    return { effect: 'ignored', text: 'The file is static: no loader looks at it.' };
  if (dangerous !== undefined) return { effect: 'dangerous', text: `Careful: ${dangerous}.` };
  if (name === 'GLIBC_TUNABLES') return tunablesEffect(value);
  if (name === 'CUDA_VISIBLE_DEVICES')
    return {
      effect: 'used',
      text: /^(?:-1)?$/u.test(value)
        ? 'No card is seen: programs run on the processor, or say that there is none.'
        : `Programs see these cards: ${displayText(value)}.`,
    };
  if (reader === 'python' && context.file !== null && !concernsPython(context)) {
    return { effect: 'unused', text: 'The file has nothing to do with Python.' };
  }
  return entriesEffect(name, entries, effects !== null);
}

function isSecure({ resolved }: TreeEffects): boolean {
  return resolved.root.file.setUserId;
}

function isDebugLibraryPreloaded({ effects }: ReportContext): boolean {
  return effects?.resolved.loadOrder.some(({ shownPath }) => shownPath.includes('/libc_malloc_debug.so')) === true;
}

function concernsPython({ file, effects }: ReportContext): boolean {
  const name = file?.slice(file.lastIndexOf('/') + 1) ?? '';
  if (/^python[\d.]*$/u.test(name) || pythonTag(name) !== null) return true;
  return effects?.resolved.loadOrder.some(({ shownPath }) => /\/libpython\d/u.test(shownPath)) === true;
}

function tunablesEffect(value: ByteText): Effect {
  const tunables = readTunables(value);
  const wrong = tunables.filter(({ problem }) => problem !== null);
  const right = tunables
    .filter(({ problem }) => problem === null)
    .map(({ name, value: set }) => `${displayText(name)} is ${displayText(set)}`);
  const text = [...right, ...wrong.map(({ name, problem }) => `${displayText(name)}: ${problem}`)].join('; ');
  return { effect: right.length > 0 ? 'used' : 'ignored', text: text === '' ? 'It holds nothing.' : `${text}.` };
}

function entriesEffect(name: string, entries: readonly PathEntry[], hasTree: boolean): Effect {
  if (entries.length === 0) return { effect: 'used', text: 'It holds for whatever is started with it.' };
  const objects = entries.flatMap(entry => entry.objects);
  const dead = entries.filter(({ state }) => state !== 'found').length;
  const deadText =
    dead === 0
      ? ''
      : ` ${dead} of its ${entries.length} ${entries.length === 1 ? 'element is' : 'elements are'} not there.`;
  if (dead === entries.length) return { effect: 'ignored', text: `Nothing that it names is there.` };
  if (!hasTree || !/^LD_(?:LIBRARY_PATH|PRELOAD)$/u.test(name))
    return { effect: 'used', text: `It holds for whatever is started with it.${deadText}` };
  if (objects.length === 0) return { effect: 'unused', text: `Nothing of this tree comes from it.${deadText}` };
  const others = objects.filter(({ path, insteadOf }) => insteadOf !== null && insteadOf !== path).length;
  const only = objects.filter(({ insteadOf }) => insteadOf === null).length;
  const parts = [
    `${objects.length} of this tree ${objects.length === 1 ? 'comes' : 'come'} from it`,
    ...(others > 0 ? [`${others} instead of another file`] : []),
    ...(only > 0 && name === 'LD_LIBRARY_PATH' ? [`${only} that would not be found without it`] : []),
  ];
  return { effect: 'used', text: `${parts.join(', ')}.${deadText}` };
}
