import type { ByteText } from '../../protocol/elf.ts';
import { type PythonTag, pythonModuleName, pythonTag } from './python-tag.ts';

/** A library that another program loads as a part of itself. */
export type LanguageExtension =
  | PythonExtension
  | {
      readonly kind: 'node' | 'java' | 'lua' | 'r' | 'ruby' | 'perl' | 'postgresql';
      readonly host: string;
      /** The symbol that the host looks for. */
      readonly evidence: ByteText;
    };

export interface PythonExtension {
  readonly kind: 'python';
  readonly host: 'CPython' | 'PyPy' | 'GraalPy' | 'Python';
  /** Name of the module by its function PyInit_…; the first where there are several. */
  readonly module: ByteText;
  /** All functions of that kind. */
  readonly inits: readonly ByteText[];
  /** What the file name says; null: nothing (a plain `name.so`, which every Python would try). */
  readonly tag: PythonTag | null;
  /** False: `import` finds no function for the name that the file has. */
  readonly isImportable: boolean;
  readonly evidence: ByteText;
}

export interface ModuleInits {
  addDefined(name: ByteText): void;
  addUndefined(name: ByteText): void;
  readonly python: readonly ByteText[];
  readonly hosts: ReadonlyMap<string, ByteText>;
  /** Functions that only Python itself defines. */
  readonly isPython: boolean;
  /** `init…`, which Python 2 called, counts only beside this. */
  readonly usesPython2: boolean;
  readonly python2: readonly ByteText[];
}

interface Host {
  readonly kind: Exclude<LanguageExtension['kind'], 'python'>;
  readonly host: string;
  readonly pattern: RegExp;
}

const hosts: readonly Host[] = [
  {
    kind: 'node',
    host: 'Node.js',
    pattern: /^(?:napi_register_module_v\d+|node_register_module_v\d+|node_api_module_get_api_version_v\d+)$/u,
  },
  { kind: 'java', host: 'Java (JNI)', pattern: /^(?:JNI_OnLoad$|Java_\w+_\w)/u },
  { kind: 'lua', host: 'Lua', pattern: /^luaopen_\w+$/u },
  { kind: 'r', host: 'R', pattern: /^R_init_\w+$/u },
  { kind: 'ruby', host: 'Ruby', pattern: /^Init_[a-z]\w*$/u },
  { kind: 'perl', host: 'Perl', pattern: /^boot_(?!DynaLoader$)[A-Z]\w*$/u },
  { kind: 'postgresql', host: 'PostgreSQL', pattern: /^Pg_magic_func$/u },
];

const maximumInits = 64;

export function createModuleInits(): ModuleInits {
  const python: ByteText[] = [];
  const python2: ByteText[] = [];
  const found = new Map<string, ByteText>();
  let isPython = false;
  let usesPython2 = false;
  const add = (list: ByteText[], name: ByteText): void => {
    if (list.length < maximumInits && !list.includes(name)) list.push(name);
  };
  return {
    python,
    python2,
    hosts: found,
    get isPython() {
      return isPython;
    },
    get usesPython2() {
      return usesPython2;
    },
    addDefined(name) {
      if (name.startsWith('PyInit')) {
        if (/^PyInit(?:U)?_./u.test(name)) add(python, name);
      } else if (name === 'Py_InitializeEx' || name === 'PyEval_EvalFrameDefault') isPython = true;
      else if (/^init[a-z_]\w*$/u.test(name)) add(python2, name);
      else for (const { kind, pattern } of hosts) if (!found.has(kind) && pattern.test(name)) found.set(kind, name);
    },
    addUndefined(name) {
      if (/^Py_InitModule[34](?:_64)?$/u.test(name)) usesPython2 = true;
    },
  };
}

export function languageExtension(fileName: ByteText, inits: ModuleInits): LanguageExtension | null {
  if (inits.isPython) return null;
  const python = inits.usesPython2 && inits.python.length === 0 ? inits.python2 : inits.python;
  if (python.length > 0) return pythonExtension(fileName, python);
  for (const { kind, host } of hosts) {
    const evidence = inits.hosts.get(kind);
    if (evidence !== undefined) return { kind, host, evidence };
  }
  return null;
}

function pythonExtension(fileName: ByteText, inits: readonly ByteText[]): PythonExtension {
  const tag = pythonTag(fileName);
  const stem = fileName.split('.')[0] ?? '';
  const modules = inits.map(pythonModuleName);
  const at = Math.max(0, modules.indexOf(stem));
  return {
    kind: 'python',
    host: tag?.implementation ?? 'Python',
    module: modules[at] ?? '',
    inits,
    tag,
    isImportable: modules.includes(stem),
    evidence: inits[at] ?? '',
  };
}
