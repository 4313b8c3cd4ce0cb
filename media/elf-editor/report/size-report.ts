import { html, type TemplateResult } from 'lit';
import type { SizeReport } from '../../../language-server/protocol/size.ts';
import { host } from '../host.ts';
import type { Report } from './report-element.ts';

/** Parts of each section that the map shows before it is looked into. */
const shownParts = 100;

/** What takes the room in the file. */
export const sizeReport: Report<SizeReport> = {
  load: signal => host.size({ limit: shownParts }, signal),
  show: (report): TemplateResult => html`<elf-size .report=${report}></elf-size>`,
};
