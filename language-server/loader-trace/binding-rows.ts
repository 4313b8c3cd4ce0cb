import { LRUCache } from 'lru-cache';
import type { TraceBinding, TraceBindings, TraceBindingsParams } from '../protocol/trace.ts';
import type { Binding } from './log-line.ts';
import { parseBinding } from './log-line.ts';
import { linesOfProcess, readLines } from './process-lines.ts';
import { readStored } from './trace-files.ts';
import { openTraceFolder } from './trace-folder.ts';

/** Where the rows of one question begin in the file: a page is read from the mark before it. */
interface RowIndex {
  readonly path: string;
  readonly pid: number;
  /** Offset of every {@link markEvery}-th row's line. */
  readonly marks: readonly number[];
  readonly matching: number;
}

const markEvery = 512;
const maximumRows = 5000;
const indexes = new LRUCache<string, RowIndex>({ max: 32 });

type Question = Omit<TraceBindingsParams, 'start' | 'count'>;

/**
 * A page of the bindings of a process, read from the records on disk.
 * @throws UserError notFound
 */
export async function readBindings(params: TraceBindingsParams, signal: AbortSignal): Promise<TraceBindings> {
  const { start, count, ...question } = params;
  const folder = openTraceFolder(question.log);
  const key = JSON.stringify(question);
  const index = indexes.get(key) ?? (await indexRows(folder, question, signal));
  indexes.set(key, index);
  return { rows: rowsOf(index, question, start, Math.min(count, maximumRows)), matching: index.matching };
}

async function indexRows(folder: string, question: Question, signal: AbortSignal): Promise<RowIndex> {
  const { detail, place } = readStored(question.log, question.process);
  const marks: number[] = [];
  let matching = 0;
  let path = '';
  for await (const lines of linesOfProcess(folder, detail.process, place, signal)) {
    for (const { event, offset, path: file } of lines) {
      if (event.kind !== 'binding' || !matches(event, question)) continue;
      if (matching % markEvery === 0) marks.push(offset);
      matching += 1;
      path = file;
    }
  }
  return { path, pid: detail.process.pid, marks, matching };
}

/** Behind a mark the process goes on until its last row: no other image of it lies between. */
function rowsOf(
  { path, pid, marks, matching }: RowIndex,
  question: Question,
  start: number,
  count: number,
): readonly TraceBinding[] {
  const rows: TraceBinding[] = [];
  const mark = marks[Math.floor(start / markEvery)];
  const end = Math.min(start + count, matching);
  if (mark === undefined || start >= end) return rows;
  let number = Math.floor(start / markEvery) * markEvery;
  for (const lines of readLines(path, mark)) {
    for (const line of lines) {
      const binding = line.pid === pid ? parseBinding(line.text) : null;
      if (binding === null || !matches(binding, question)) continue;
      if (number >= start) rows.push(rowOf(binding));
      number += 1;
      if (number >= end) return rows;
    }
  }
  return rows;
}

function rowOf({ from, to, symbol, version }: Binding): TraceBinding {
  return { from, to, symbol, version };
}

function matches(binding: Binding, { from, to, filter }: Question): boolean {
  if (from !== undefined && binding.from !== from) return false;
  if (to !== undefined && binding.to !== to) return false;
  if (filter === undefined || filter === '') return true;
  const wanted = filter.toLowerCase();
  return [binding.symbol, binding.from, binding.to, binding.version ?? ''].some(text =>
    text.toLowerCase().includes(wanted),
  );
}
