import { html, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import type { ElfKind, ElfOverview } from '../../../language-server/protocol/elf.ts';
import type { PageTexts } from '../../../language-server/protocol/elf-editor-texts.ts';
import { hardeningReport } from './hardening-report.ts';
import type { Report } from './report-element.ts';
import { sizeReport } from './size-report.ts';
import { versionsReport } from './versions-report.ts';

interface ReportTab {
  readonly id: string;
  readonly title: keyof PageTexts;
  /** Kinds of files that the question makes no sense for. */
  readonly unfit: readonly ElfKind[];
  /** What it asks for, and how that is shown. */
  readonly report: Report<unknown>;
}

/** Tabs between the overview and the tables: a new one is a file with a `Report`, and a line here. */
const reportTabs: readonly ReportTab[] = [
  { id: 'hardening', title: 'hardening', unfit: ['archive', 'core'], report: anyReport(hardeningReport) },
  {
    id: 'versions-report',
    title: 'compatibility',
    unfit: ['archive', 'core', 'debug-file', 'relocatable', 'kernel-module'],
    report: anyReport(versionsReport),
  },
  { id: 'size-report', title: 'sizeTab', unfit: ['archive'], report: anyReport(sizeReport) },
];

export function reportTabsOf({ identity }: ElfOverview): readonly ReportTab[] {
  return reportTabs.filter(({ unfit }) => !unfit.includes(identity.kind));
}

export function renderReport({ id, report }: ReportTab, version: string): TemplateResult {
  const element = html`<elf-report class="report" .report=${report} .version=${version}></elf-report>`;
  return html`${keyed(id, element)}`;
}

/** What a report shows is what it has loaded itself. */
function anyReport<Answer>({ load, show }: Report<Answer>): Report<unknown> {
  return { load, show: answer => show(answer as Answer) };
}
