import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { TraceProcessDetail, TraceProcessParams, TraceSearch, TraceText } from '../protocol/trace.ts';
import { linesOfProcess } from './process-lines.ts';
import { readStored } from './trace-files.ts';
import { openTraceFolder } from './trace-folder.ts';

/**
 * What was recorded of a process, as far as it names the text.
 * @throws UserError notFound
 */
export function readProcess({ log, process, filter = '' }: TraceProcessParams): TraceProcessDetail {
  const { detail } = readStored(log, process);
  return filter === '' ? detail : filterDetail(detail, filter);
}

/** By library: the names, paths and messages that hold the text, in any case. A symbol is looked for among the bindings. */
export function filterDetail(detail: TraceProcessDetail, filter: string): TraceProcessDetail {
  const wanted = filter.toLowerCase();
  const names = (...texts: readonly (ByteText | null)[]): boolean =>
    texts.some(text => text?.toLowerCase().includes(wanted) === true);
  const ofSearch = ({ name, renamed, by, tried, path }: TraceSearch): boolean =>
    names(name, renamed, by, path) || tried.some(attempt => names(attempt.path));
  return {
    ...detail,
    searches: detail.searches.filter(ofSearch),
    libraries: detail.libraries.filter(({ path, by }) => names(path, by)),
    bindingGroups: detail.bindingGroups.filter(({ from, to }) => names(from, to)),
    errors: detail.errors.filter(({ object, message }) => names(object, message)),
    differences: detail.differences.filter(({ name, by }) => names(name, by)),
  };
}

const maximumTextBytes = 8 << 20;

/**
 * The loader's own lines of a process, as they are.
 * @throws UserError notFound
 */
export async function readText(
  { log, process, filter = '' }: TraceProcessParams,
  signal: AbortSignal,
): Promise<TraceText> {
  const folder = openTraceFolder(log);
  const { detail, place } = readStored(log, process);
  const wanted = filter.toLowerCase();
  const kept: string[] = [];
  let length = 0;
  for await (const lines of linesOfProcess(folder, detail.process, place, signal)) {
    for (const { text } of lines) {
      if (wanted !== '' && !text.toLowerCase().includes(wanted)) continue;
      const shown = text.split('\t').map(displayText).join('\t');
      length += shown.length + 1;
      if (length > maximumTextBytes) return { text: `${kept.join('\n')}\n`, truncated: true };
      kept.push(shown);
    }
  }
  return { text: kept.length === 0 ? '' : `${kept.join('\n')}\n`, truncated: false };
}
