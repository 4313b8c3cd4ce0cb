import type { NativeDoor } from '../../native/door.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { FaultTarget, FaultTargets, FaultTargetsParams } from '../../protocol/fault-targets.ts';
import { findBuildFolders } from './build-folders.ts';
import { ctestTargets } from './ctest-targets.ts';
import { type Entry, FieldProblem, isEntry } from './fields.ts';
import { isNativeLaunch, launchTarget } from './launch-targets.ts';
import { mesonTargets } from './meson-targets.ts';
import { settingTarget } from './setting-targets.ts';
import type { VariableScope } from './variables.ts';

/** All programs of a workspace folder that faults can be run on, and why other entries are none. Errors: AbortError. */
export async function findTargets(
  { folder, folders = {}, targets, programs, launch, config = {}, tests = false }: FaultTargetsParams,
  door: NativeDoor,
  signal: AbortSignal,
): Promise<FaultTargets> {
  const scope: VariableScope = { folder, folders, config };
  const found: FaultTarget[] = [];
  const problems: string[] = [];
  const read = (place: string, list: unknown, take: (entry: unknown) => FaultTarget | undefined): void => {
    if (list === undefined || list === null) return;
    if (!Array.isArray(list)) {
      problems.push(`${place} is not a list.`);
      return;
    }
    for (const [index, entry] of list.entries()) {
      try {
        const target = take(entry);
        if (target !== undefined) found.push(target);
      } catch (error) {
        if (!(error instanceof FieldProblem)) throw error;
        problems.push(`${place}, ${placeOf(entry, index)}: ${error.message}`);
      }
    }
  };
  read('binaryDetective.faults.targets', targets, entry => settingTarget(asEntry(entry), scope));
  read('binaryDetective.faults.programs', programs, entry => settingTarget(asEntry(entry), scope));
  read('launch.json', launch, entry => (isNativeLaunch(entry) ? launchTarget(entry, scope) : undefined));
  if (tests) {
    for (const build of await findBuildFolders(folder, signal)) {
      const answer =
        build.kind === 'ctest' ? await ctestTargets(door, build.path, signal) : await mesonTargets(build.path);
      const where = build.path === folder ? '' : `${build.path.slice(folder.length + 1)}: `;
      found.push(...answer.targets.map(target => ({ ...target, name: `${where}${target.name}` })));
      problems.push(...answer.problems);
    }
  }
  return withIds(found, problems);
}

function asEntry(entry: unknown): Entry {
  if (isEntry(entry)) return entry;
  throw new FieldProblem('it is not an object.');
}

function placeOf(entry: unknown, index: number): string {
  const name = isEntry(entry) ? entry['name'] : undefined;
  return typeof name === 'string' && name !== '' ? `"${displayText(name)}"` : `entry ${index + 1}`;
}

/** Results are kept by name and source: two of one name would be one. */
function withIds(found: readonly FaultTarget[], problems: readonly string[]): FaultTargets {
  const targets = new Map<string, FaultTarget>();
  const twice: string[] = [];
  for (const target of found) {
    const id = `${target.source}:${target.name}`;
    if (targets.has(id)) twice.push(`The name "${displayText(target.name)}" is there twice; the first is taken.`);
    else targets.set(id, { ...target, id });
  }
  return { targets: [...targets.values()], problems: [...problems, ...new Set(twice)] };
}
