import type { ByteText } from '../protocol/elf.ts';
import type { TraceBindingGroup, TraceLibrary, TraceSpan } from '../protocol/trace.ts';
import { ownText } from './own-text.ts';
import type { RecordBudget } from './record-budget.ts';
import type { MappedName } from './search-record.ts';

/** When a line was written: between two looks at the file, by our clock. */
export interface Moment {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** What is mapped in one program image, how its symbols are bound, and the time that relocations and constructors take. */
export interface LibraryRecord {
  map(mapped: MappedName): void;
  unmap(path: ByteText): void;
  bind(from: ByteText, to: ByteText): void;
  beginRelocation(path: ByteText, lazy: boolean, moment: Moment): void;
  endRelocation(moment: Moment): void;
  beginInit(path: ByteText, moment: Moment): void;
  /** dlopen(3) of the library is done, and so are the constructors that it ran. */
  opened(path: ByteText, moment: Moment): void;
  endInits(moment: Moment): void;
  readonly libraries: () => readonly TraceLibrary[];
  /** The largest first. */
  readonly groups: () => readonly TraceBindingGroup[];
}

interface Library {
  readonly path: ByteText;
  readonly namespace: number;
  readonly by: ByteText;
  readonly dynamic: boolean;
  /** How many were mapped before it. */
  readonly order: number;
  init: TraceSpan | null;
  initOrder: number | null;
  relocation: TraceSpan | null;
  lazy: boolean;
  bindsOut: number;
  bindsIn: number;
  mappings: number;
  unmapped: boolean;
}

/** Constructors that run: of one library, and of those that it opens meanwhile. */
interface OpenInit {
  readonly library: Library;
  readonly began: Moment;
  readonly mappedBefore: number;
}

export function createLibraryRecord(budget: RecordBudget): LibraryRecord {
  const libraries: Library[] = [];
  /** By `l_name`: the last one, where a file is mapped in several namespaces. */
  const byPath = new Map<ByteText, Library>();
  const groups = new Map<string, { readonly from: ByteText; readonly to: ByteText; count: number }>();
  const inits: OpenInit[] = [];
  let initialized = 0;
  let relocating: { readonly library: Library; readonly began: Moment } | null = null;

  const map = (mapped: MappedName): void => {
    const known = byPath.get(mapped.path);
    if (known?.unmapped === true && known.namespace === mapped.namespace) {
      // It was closed, and is opened again.
      known.mappings += 1;
      known.unmapped = false;
    } else add(mapped);
  };
  const add = ({ path, namespace, by, dynamic }: MappedName): Library => {
    const times = {
      init: null,
      initOrder: null,
      relocation: null,
      lazy: false,
      bindsOut: 0,
      bindsIn: 0,
      mappings: 1,
      unmapped: false,
    };
    const library: Library = { path: ownText(path), namespace, by, dynamic, order: libraries.length, ...times };
    libraries.push(library);
    byPath.set(library.path, library);
    return library;
  };
  // The program itself, the loader, and what a parent had loaded were never asked for.
  const libraryOf = (path: ByteText): Library =>
    byPath.get(path) ?? add({ path, namespace: 0, by: '', dynamic: false });
  const endInits = (moment: Moment, isOver: (open: OpenInit) => boolean): void => {
    for (let open = inits.at(-1); open !== undefined && isOver(open); open = inits.at(-1)) {
      open.library.init = longer(open.library.init, span(open.began, moment));
      inits.pop();
    }
  };

  return {
    map,
    unmap(path) {
      const library = byPath.get(path);
      if (library !== undefined) library.unmapped = true;
    },
    bind(from, to) {
      libraryOf(from).bindsOut += 1;
      libraryOf(to).bindsIn += 1;
      const key = `${from}\0${to}`;
      const group = groups.get(key);
      if (group !== undefined) group.count += 1;
      else if (budget.take('group')) groups.set(key, { from: ownText(from), to: ownText(to), count: 1 });
    },
    beginRelocation(path, lazy, began) {
      const library = libraryOf(path);
      library.lazy = lazy;
      relocating = { library, began };
    },
    endRelocation(moment) {
      if (relocating !== null) {
        const { library, began } = relocating;
        library.relocation = longer(library.relocation, span(began, moment));
      }
      relocating = null;
    },
    beginInit(path, began) {
      const library = libraryOf(path);
      // What was mapped before a constructor began is not what that constructor opened: so that one is over.
      endInits(began, open => library.order < open.mappedBefore);
      initialized += library.initOrder === null ? 1 : 0;
      library.initOrder ??= initialized;
      inits.push({ library, began, mappedBefore: libraries.length });
    },
    opened(path, moment) {
      const opened = byPath.get(path)?.order ?? libraries.length;
      endInits(moment, open => open.library.order >= opened);
    },
    endInits: moment => endInits(moment, () => true),
    libraries: () => libraries.map(({ order: _order, ...library }) => library),
    groups: () => [...groups.values()].sort((left, right) => right.count - left.count),
  };
}

function span(began: Moment, ended: Moment): TraceSpan {
  return {
    leastMs: Math.max(0, ended.sinceMs - began.untilMs),
    mostMs: Math.max(0, ended.untilMs - began.sinceMs),
  };
}

/** Of a library that was mapped several times, the time that took longest. */
function longer(known: TraceSpan | null, next: TraceSpan): TraceSpan {
  return known === null || next.mostMs > known.mostMs ? next : known;
}
