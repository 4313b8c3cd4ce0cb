import { accessSync, constants, statSync } from 'node:fs';
import { basename, delimiter, isAbsolute, join } from 'node:path';
import { installCommand, thisDistribution } from './distribution.ts';
import type { ToolMissing } from './door.ts';
import { type ToolId, toolDefinition, toolSetting } from './tools.ts';

export type ToolSearch =
  | { readonly kind: 'found'; readonly path: string; readonly searched: readonly string[] }
  | ToolMissing;

/**
 * Looks for a tool: 1. the setting, which alone counts where it is given; 2. each name in each folder of PATH. Empty and
 * relative elements of PATH mean the working folder, where a stranger may have put a program: they are passed over.
 */
export function findTool(tool: ToolId, setting: string | undefined, path: string | undefined): ToolSearch {
  if (setting !== undefined && setting !== '') return findBySetting(tool, setting);
  const { names } = toolDefinition(tool);
  const folders = (path ?? '').split(delimiter).filter(folder => isAbsolute(folder));
  const searched: string[] = [];
  for (const name of names) {
    for (const folder of folders) {
      const candidate = join(folder, name);
      searched.push(candidate);
      if (isProgram(candidate)) return { kind: 'found', path: candidate, searched };
    }
  }
  return missing(tool, searched, `${names.join(' or ')} was not found on PATH`);
}

function findBySetting(tool: ToolId, setting: string): ToolSearch {
  const named = `The setting ${toolSetting(tool)} names ${setting}`;
  if (!isAbsolute(setting)) return missing(tool, [setting], `${named}, which is not an absolute path`);
  if (!isProgram(setting)) return missing(tool, [setting], `${named}, which ${whyNoProgram(setting)}`);
  return { kind: 'found', path: setting, searched: [setting] };
}

function missing(tool: ToolId, searched: readonly string[], why: string): ToolMissing {
  const remedy = toolRemedy(tool);
  const { purpose, names } = toolDefinition(tool);
  const setting = toolSetting(tool);
  const message = `${why}; it is needed for ${purpose}. Install it (${remedy}) or set ${setting} to the path of ${basename(names[0] ?? tool)}.`;
  return { kind: 'missing', tool, searched, setting, remedy, message };
}

/** The command that installs the tool on this machine. */
export function toolRemedy(tool: ToolId): string {
  return installCommand(toolDefinition(tool).packages, thisDistribution());
}

function whyNoProgram(path: string): string {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return 'does not exist';
  return status.isFile() ? 'is not executable' : 'is not a file';
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
