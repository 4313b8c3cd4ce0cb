import { hex } from '../reader/fields.ts';
import { type SymbolVersions, versionFlag } from '../reader/symbol-versions.ts';
import { type Cells, column, type ElfTable, rowsOf } from './table.ts';

/** Symbol versions that the file defines and needs, as `readelf -VW` prints them. */
export const versionsTable: ElfTable = {
  id: 'versions',
  title: 'Versions',
  columns: [
    column('kind', 'Kind', 'text'),
    column('provider', 'Provider', 'text'),
    column('version', 'Version', 'name'),
    column('index', 'Index', 'number'),
    column('flags', 'Flags', 'flags'),
    column('parents', 'Inherits', 'text'),
    column('offset', 'Offset', 'address'),
  ],
  command: ['readelf', '-VW'],
  open(file) {
    const versions = file.versions();
    if (versions.needs.length === 0 && versions.definitions.length === 0) return null;
    return rowsOf([...definitionRows(versions), ...needRows(versions)]);
  },
};

function definitionRows({ definitions }: SymbolVersions): readonly Cells[] {
  const base = definitions.find(({ flags }) => (flags & versionFlag.base) !== 0);
  return definitions.map(definition => [
    'defines',
    base?.name ?? '',
    definition.name,
    String(definition.index),
    versionFlagsText(definition.flags),
    definition.parents.join(' '),
    hex(definition.offset),
  ]);
}

function needRows({ needs }: SymbolVersions): readonly Cells[] {
  return needs.flatMap(({ file, versions }) =>
    versions.map(version => [
      'needs',
      file,
      version.name,
      String(version.index),
      versionFlagsText(version.flags),
      '',
      hex(version.offset),
    ]),
  );
}

const flagNames = ['BASE', 'WEAK', 'INFO'];

function versionFlagsText(flags: number): string {
  if (flags === 0) return 'none';
  const names = flagNames.filter((_, bit) => (flags & (1 << bit)) !== 0);
  return [...names, ...(flags > 7 ? ['<unknown>'] : [])].join(' | ');
}
