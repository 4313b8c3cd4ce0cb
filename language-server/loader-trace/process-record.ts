import type { ByteText } from '../protocol/elf.ts';
import type { TraceError, TraceProcessDetail, TraceStatistics } from '../protocol/trace.ts';
import { createLibraryRecord, type LibraryRecord, type Moment } from './library-record.ts';
import type { LogEvent } from './log-line.ts';
import type { ProgramImage } from './program-images.ts';
import type { RecordBudget } from './record-budget.ts';
import { createSearchRecord, type SearchEvent } from './search-record.ts';

/** What is recorded of one program image. */
export interface ProcessRecord {
  readonly image: ProgramImage;
  add(event: LogEvent, moment: Moment): void;
  /** Lines were lost. */
  lose(): void;
  readonly isWhole: () => boolean;
  readonly counts: { readonly searches: () => number; readonly bindings: () => number };
  finish(cwd: ByteText): FinishedRecord;
  /** What the loader said last, where that was an error and the program was not heard of again. */
  readonly lastError: () => string | null;
}

/** `predicted` is still null in all searches. */
export type FinishedRecord = Omit<TraceProcessDetail, 'process' | 'differences' | 'notPredicted'>;

export function createProcessRecord(image: ProgramImage, budget: RecordBudget): ProcessRecord {
  const searches = createSearchRecord(budget);
  const libraries = createLibraryRecord(budget);
  const errors: TraceError[] = [];
  const statistics = new Map<string, number>();
  let bindings = 0;
  let versionsChecked = 0;
  let lastError: string | null = null;
  let isWhole = true;

  const add = (event: LogEvent, moment: Moment): void => {
    // To say that it gives up, the loader binds a function more.
    if (event.kind !== 'binding' && event.kind !== 'other') lastError = event.kind === 'error' ? event.message : null;
    if (isSearchEvent(event)) {
      if (event.kind === 'asked') libraries.endRelocation(moment);
      const mapped = searches.add(event, image.phase === 'loading');
      if (mapped !== null) libraries.map(mapped);
      return;
    }
    switch (event.kind) {
      case 'binding':
        bindings += 1;
        libraries.bind(event.from, event.to);
        return;
      case 'version':
        versionsChecked += 1;
        return;
      case 'statistic':
        statistics.set(event.label, event.value);
        return;
      case 'error': {
        const { kind: _kind, ...error } = event;
        if (budget.take('error')) errors.push(error);
        return;
      }
      default:
        followLife(libraries, event, moment);
    }
  };

  return {
    image,
    add,
    lose() {
      searches.lose();
      isWhole = false;
    },
    isWhole: () => isWhole,
    counts: { searches: searches.count, bindings: () => bindings },
    lastError: () => lastError,
    finish(cwd) {
      const mapped = libraries.libraries();
      return {
        searches: searches.finish(
          cwd,
          mapped.map(({ path }) => path),
        ),
        libraries: mapped,
        bindingGroups: libraries.groups(),
        versionsChecked,
        errors,
        statistics: namedStatistics(statistics),
      };
    },
  };
}

const searchKinds: ReadonlySet<LogEvent['kind']> = new Set(['asked', 'search', 'place', 'try', 'remark', 'mapping']);

function isSearchEvent(event: LogEvent): event is SearchEvent {
  return searchKinds.has(event.kind);
}

type LifeEvent = Exclude<LogEvent, SearchEvent | { readonly kind: 'binding' | 'version' | 'statistic' | 'error' }>;

/** From the relocation of a library to its end. */
function followLife(libraries: LibraryRecord, event: LifeEvent, moment: Moment): void {
  switch (event.kind) {
    case 'relocation':
      libraries.endRelocation(moment);
      libraries.beginRelocation(event.object, event.lazy, moment);
      return;
    case 'statistics':
      libraries.endRelocation(moment);
      return;
    case 'init':
      libraries.endRelocation(moment);
      libraries.beginInit(event.object, moment);
      return;
    case 'opened':
      libraries.endRelocation(moment);
      libraries.opened(event.object, moment);
      return;
    case 'initProgram':
    case 'control':
      libraries.endRelocation(moment);
      libraries.endInits(moment);
      return;
    case 'unmapped':
      libraries.unmap(event.object);
      return;
    case 'preinit':
    case 'fini':
    case 'other':
      return;
  }
}

function namedStatistics(values: ReadonlyMap<string, number>): TraceStatistics {
  const of = (label: string): number | null => values.get(label) ?? null;
  return {
    startupCycles: of('total startup time in dynamic loader'),
    relocationCycles: of('time needed for relocation'),
    loadCycles: of('time needed to load objects'),
    relocations: of('number of relocations'),
    relocationsFromCache: of('number of relocations from cache'),
    relativeRelocations: of('number of relative relocations'),
    finalRelocations: of('final number of relocations'),
  };
}
