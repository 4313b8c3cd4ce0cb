import type { RecordType, Type } from './model.ts';
import { type Binding, looseBinding, type ModuleNames, Scope } from './model.ts';
import { boolean, charPointer, float, integer, objectOf, other, pointerTo, unknown, voidPointer } from './types.ts';

/** Modules whose `.pxd` comes with Cython or NumPy: what they hold is known without the file. Null for all others. */
export function knownModule(name: string): ModuleNames | null {
  if (name === 'cython') return namesOf(cythonName);
  if (name === 'numpy') return namesOf(numpyName);
  if (name === 'cpython.array' || name === 'array') return namesOf(arrayName);
  if (name === 'cpython' || name.startsWith('cpython.')) return namesOf(cpythonName);
  if (name === 'libcpp' || name.startsWith('libcpp.')) return namesOf(cppName);
  if (name.startsWith('libc.') || name.startsWith('posix.') || name === 'posix') return namesOf(libcName);
  return null;
}

interface Known {
  readonly meaning: Binding['meaning'];
  readonly type: Type;
  readonly module?: ModuleNames;
}

const loose = new Scope('module', null);

function namesOf(lookup: (name: string) => Known | null): ModuleNames {
  return {
    isExact: false,
    lookup: name => {
      const known = lookup(name);
      return known === null
        ? null
        : { ...looseBinding(loose, name, known.meaning, () => known.type), module: known.module ?? null };
    },
  };
}

const aType = (type: Type): Known => ({ meaning: 'type', type });
const aValue = (type: Type): Known => ({ meaning: 'value', type });
const anything: Known = { meaning: 'unknown', type: unknown };

function opaqueStruct(name: string): RecordType {
  return { kind: 'record', record: 'struct', name, members: null };
}

/** Functions of libc that give a pointer; every other gives a number, and none touches a Python object. */
const pointerFunctions = new Set('malloc calloc realloc memcpy memmove memset memchr mmap bsearch'.split(' '));
const structTypes = new Set('FILE tm div_t ldiv_t timeval timespec stat dirent sigaction itimerval'.split(' '));

function libcName(name: string): Known {
  if (structTypes.has(name)) return aType(opaqueStruct(name));
  if (name.endsWith('_t') || name === 'intptr_t') return aType(integer);
  return aValue(
    pointerFunctions.has(name) ? { kind: 'function', result: voidPointer } : { kind: 'function', result: other },
  );
}

function cppName(name: string): Known {
  return name === 'bool'
    ? aType(boolean)
    : { meaning: 'type', type: { kind: 'record', record: 'cppclass', name, members: null } };
}

function cpythonName(name: string): Known {
  if (name === 'array') return { meaning: 'module', type: unknown, module: namesOf(arrayName) };
  // `PyObject`, `PyTypeObject`, `Py_buffer`, `PyThreadState`: structs of the interpreter.
  if (name === 'Py_buffer' || /^Py\w*(Object|State|Def)$/u.test(name)) return aType(opaqueStruct(name));
  return anything;
}

const arrayType: Type = {
  kind: 'extension',
  name: 'array.array',
  members: membersOf({
    data: { kind: 'record', record: 'union', name: '__data_union', members: null },
    ob_size: integer,
    typecode: objectOf('object'),
  }),
  base: () => null,
};

function arrayName(name: string): Known {
  return name === 'array' ? aType(arrayType) : anything;
}

function membersOf(types: Readonly<Record<string, Type>>): Scope {
  const scope = new Scope('extension', null);
  for (const [name, type] of Object.entries(types)) {
    const binding = scope.bind(name);
    binding.origin = 'attribute';
    binding.declared = () => type;
  }
  return scope;
}

const dtype: Type = { kind: 'extension', name: 'numpy.dtype', members: null, base: () => null };

/** The fields that NumPy's `.pxd` declares (numpy/__init__.pxd); every other attribute is the Python one. */
const ndarrayType: Type = {
  kind: 'extension',
  name: 'numpy.ndarray',
  members: membersOf({
    data: charPointer,
    ndim: integer,
    size: integer,
    nbytes: unknown,
    itemsize: unknown,
    shape: pointerTo(integer),
    strides: pointerTo(integer),
    flags: unknown,
    descr: dtype,
    dtype,
    base: unknown,
  }),
  base: () => null,
};

const npyInteger =
  /^(u?int(8|16|32|64|p|c)?|npy_u?(int\w*|byte|short|long|longlong|bool)|npy_(intp|uintp)|u?(byte|short|long|longlong)|bool)_t$|^npy_u?(intp?\d*|byte|short|long|longlong|bool|hash_t|datetime|timedelta|ucs4)$|^NPY_\w+$/u;
const npyFloat = /^(float(16|32|64|80|96|128)?|double|longdouble)_t$|^npy_(float\d*|double|longdouble|half)$/u;
const npyExtensions = new Set(
  'broadcast flatiter nditer multiiter ufunc generic number integer floating character flexible'.split(' '),
);

function numpyName(name: string): Known {
  if (name === 'ndarray') return aType(ndarrayType);
  if (name === 'dtype') return aType(dtype);
  if (name === 'broadcast' || npyExtensions.has(name)) {
    return aType({ kind: 'extension', name: `numpy.${name}`, members: null, base: () => null });
  }
  if (name.startsWith('NPY_')) return name === 'NPY_ORDER' || name === 'NPY_TYPES' ? aType(integer) : aValue(integer);
  if (npyInteger.test(name)) return aType(integer);
  if (npyFloat.test(name)) return aType(float);
  if (/^c(float|double|longdouble)_t$|^complex\w*_t$|^npy_c/u.test(name)) return aType(other);
  if (name === 'PyArray_DATA' || name === 'PyArray_GETPTR1') return aValue({ kind: 'function', result: voidPointer });
  return anything;
}

/** `cython.size_t`, `cython.p_void`, `cython.pp_int`: the types of pure Python mode (Cython.Shadow). */
function cythonName(name: string): Known {
  const type = pureType(name) ?? builtinFused(name);
  return type === null ? anything : aType(type);
}

/** Fused types that Cython brings; all that they may be are numbers of C. */
function builtinFused(name: string): Type | null {
  if (name === 'integral') return integer;
  if (name === 'floating') return float;
  return name === 'numeric' ? other : null;
}

const pureIntegers =
  /^(s?size_t|Py_ssize_t|ptrdiff_t|Py_hash_t|Py_UCS4|Py_UNICODE|[su]?(char|short|int|long|longlong)|bint)$/u;
const pureFloats = /^(float|double|longdouble)$/u;

function pureType(name: string): Type | null {
  const pointers = /^(p+)_(\w+)$/u.exec(name);
  if (pointers !== null) {
    let type = pureType(pointers[2] ?? '');
    for (let level = 0; type !== null && level < (pointers[1]?.length ?? 0); level += 1) type = pointerTo(type);
    return type;
  }
  if (name === 'void') return { kind: 'void' };
  if (name === 'bint') return boolean;
  if (pureIntegers.test(name)) return integer;
  if (pureFloats.test(name)) return float;
  if (/complex$/u.test(name)) return other;
  return null;
}
