import type {
  BoundedList,
  ComparedFile,
  ComparedSymbol,
  ElfComparison,
  HardeningChange,
  NameChanges,
  SizeChange,
} from '../../language-server/protocol/compare.ts';
import { displayText } from '../../language-server/protocol/display-text.ts';

/** As `vscode.l10n.t`; a parameter, so that the text can be made outside VS Code. */
export type Translate = (text: string, ...args: string[]) => string;

/** What a list of its own says better. */
const listed: ReadonlySet<string> = new Set([
  'compare/lost-hardening',
  'compare/newer-version-needed',
  'compare/removed-export',
  'compare/removed-version',
]);

/** The comparison as text, what may break somebody first: each part is a heading with indented lines below it. */
export function comparisonText(comparison: ElfComparison, t: Translate): string {
  const { before, after, hardening } = comparison;
  const other = comparison.findings.filter(({ code }) => !listed.has(code));
  const parts: readonly Part[] = [
    { title: t('Warnings'), lines: other.map(({ message }) => message) },
    { title: t('Hardening lost'), lines: hardening.filter(isChange('lost')).map(hardeningLine) },
    ...versionParts(comparison, t),
    { title: t('Exports removed'), ...symbols(comparison.exports.removed, '-') },
    { title: t('Exports changed'), ...changedSymbols(comparison.exports.changed) },
    { title: t('Libraries needed'), ...names(comparison.needed) },
    { title: t('Properties'), lines: comparison.values.map(valueLine) },
    { title: t('Size by section'), ...sizes(comparison.sections) },
    { title: t('Size by symbol ({0})', comparison.symbolTable), ...sizes(comparison.symbols) },
    { title: t('Exports added'), ...symbols(comparison.exports.added, '+') },
    { title: t('Imports added'), ...symbols(comparison.imports.added, '+') },
    { title: t('Imports removed'), ...symbols(comparison.imports.removed, '-') },
    { title: t('Hardening gained'), lines: hardening.filter(isChange('gained')).map(hardeningLine) },
    { title: t('Hardening that cannot be ranked'), lines: hardening.filter(isChange('changed')).map(hardeningLine) },
    { title: t('Shown by'), lines: comparison.commands },
  ];
  const head = [
    ...fileLines(t('Before'), before),
    ...fileLines(t('After'), after),
    `${t('Difference')}: ${signed(after.sizeBytes - before.sizeBytes)}`,
    ...(comparison.identical ? ['', t('The files are identical, byte for byte.')] : []),
  ];
  const body = parts.flatMap(part => partLines(part, t));
  return `${[...head, ...body].join('\n')}\n`;
}

interface Part {
  readonly title: string;
  readonly lines: readonly string[];
  /** How many there are in all, where not all are here. */
  readonly total?: number;
}

function partLines({ title, lines, total = lines.length }: Part, t: Translate): readonly string[] {
  if (total === 0) return [];
  const more = total > lines.length ? [t('… and {0} more', grouped(total - lines.length))] : [];
  return ['', `${title} (${grouped(total)})`, ...[...lines, ...more].map(line => `    ${displayText(line)}`)];
}

function fileLines(label: string, { path, sizeBytes, summary }: ComparedFile): readonly string[] {
  return [`${label}: ${displayText(path)}`, `    ${displayText(summary)}, ${grouped(sizeBytes)} B`];
}

function versionParts({ floors, neededVersions, definedVersions }: ElfComparison, t: Translate): readonly Part[] {
  const none = t('none');
  const floorLines = floors.map(({ family, before, after }) => `${family}: ${before ?? none} → ${after ?? none}`);
  return [
    { title: t('Newest version needed'), lines: floorLines },
    { title: t('Versions needed'), ...names(neededVersions) },
    { title: t('Versions defined'), ...names(definedVersions) },
  ];
}

function isChange(change: HardeningChange['change']): (candidate: HardeningChange) => boolean {
  return candidate => candidate.change === change;
}

function hardeningLine({ protection, before, after }: HardeningChange): string {
  return `${protection}: ${before.verdict} → ${after.verdict} (${after.evidence})`;
}

function valueLine({ property, before, after }: ElfComparison['values'][number]): string {
  return `${property}: ${before ?? '–'} → ${after ?? '–'}`;
}

type Lines = Pick<Part, 'lines' | 'total'>;

function names({ added, removed }: NameChanges): Lines {
  const lines = [...added.rows.map(name => `+ ${name}`), ...removed.rows.map(name => `- ${name}`)];
  return { lines, total: added.total + removed.total };
}

function symbols({ rows, total }: BoundedList<ComparedSymbol>, mark: string): Lines {
  return { lines: rows.map(symbol => `${mark} ${symbolText(symbol)}`), total };
}

function changedSymbols({ rows, total }: ElfComparison['exports']['changed']): Lines {
  return { lines: rows.map(({ before, after }) => `~ ${symbolText(before)} → ${symbolText(after)}`), total };
}

function symbolText({ name, version, type, binding, sizeBytes }: ComparedSymbol): string {
  return `${name}${version}  ${binding} ${type}${sizeBytes === 0 ? '' : ` ${grouped(sizeBytes)} B`}`;
}

function sizes({ rows, total }: BoundedList<SizeChange>): Lines {
  const width = Math.max(0, ...rows.map(({ delta }) => signed(delta).length));
  const lines = rows.map(({ name, before, after, delta }) => {
    const sides = [before, after].map(size => (size === null ? '–' : grouped(size)));
    return `${signed(delta).padStart(width)}  ${name}  (${sides.join(' → ')})`;
  });
  return { lines, total };
}

function signed(bytes: number): string {
  return `${bytes > 0 ? '+' : ''}${grouped(bytes)}`;
}

/** The same digits everywhere: two texts of one pair can be compared again. */
function grouped(value: number): string {
  return value.toLocaleString('en');
}
