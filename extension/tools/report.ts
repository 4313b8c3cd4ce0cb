import { displayText } from '../../language-server/protocol/display-text.ts';
import type { DoctorReport, ToolStatus } from '../../language-server/protocol/tools.ts';

/** As `vscode.l10n.t`; a parameter, so that the report can be made outside VS Code. */
export type Translate = (text: string, ...args: string[]) => string;

/** The report as Markdown: a table first, then for each missing tool where it was looked for and how to get it. */
export function toolReportMarkdown(report: DoctorReport, t: Translate): string {
  const missing = report.tools.filter(tool => tool.path === null);
  return [
    `# ${t('Binary Detective: native tools')}`,
    '',
    missing.length === 0
      ? t('Every tool is here.')
      : t('Missing: {0}. What does not need them works all the same.', missing.map(tool => tool.id).join(', ')),
    '',
    `| ${t('Tool')} | ${t('Needed for')} | ${t('Path')} | ${t('Version')} | ${t('Setting')} |`,
    '| --- | --- | --- | --- | --- |',
    ...report.tools.map(tool => toolRow(tool, t)),
    '',
    report.trusted
      ? t('The workspace is trusted: programs of it may be run.')
      : t('The workspace is not trusted: nothing of it is run, so there are no fault injection runs.'),
    ...loaderSentence(report.loader, t),
    ...missing.flatMap(tool => missingTool(tool, t)),
    '',
  ].join('\n');
}

function loaderSentence(loader: DoctorReport['loader'], t: Translate): readonly string[] {
  if (loader === null) return [];
  const { kind, version, path, traces } = loader;
  const name = `${kind} ${version ?? ''}`.trim();
  return [
    '',
    traces
      ? t(
          'The loader of this machine is that of {0} ({1}): trees are verified with it, and programs traced.',
          name,
          code(path),
        )
      : t(
          'The loader of this machine is that of {0} ({1}): it has no LD_DEBUG, so no program is traced.',
          name,
          code(path),
        ),
  ];
}

function toolRow(tool: ToolStatus, t: Translate): string {
  const path = tool.path === null ? `**${t('missing')}**` : code(tool.path);
  return `| ${cell(tool.id)} | ${cell(tool.purpose)} | ${path} | ${cell(tool.version ?? '')} | ${code(tool.setting)} |`;
}

function missingTool(tool: ToolStatus, t: Translate): readonly string[] {
  return [
    '',
    `## ${tool.id}`,
    '',
    t('To get it:'),
    '',
    '```sh',
    displayText(tool.remedy),
    '```',
    '',
    t('Or name it in the setting {0}. It was looked for here:', code(tool.setting)),
    '',
    ...tool.searched.map(place => `- ${code(place)}`),
  ];
}

function code(text: string): string {
  return `\`${cell(text).replaceAll('`', "'")}\``;
}

function cell(text: string): string {
  return displayText(text).replaceAll('|', '\\|');
}
