import type { VariableFamily } from '../protocol/environment.ts';

/** Who looks at a variable. */
export type Reader = 'glibc' | 'musl' | 'both' | 'python' | 'cuda' | 'build' | 'nobody';

export interface VariableDefinition {
  readonly name: RegExp;
  readonly family: VariableFamily;
  readonly reader: Reader;
  readonly meaning: string;
  /** How its value is read. */
  readonly value?: 'folders' | 'files' | 'folder' | 'file' | 'tunables';
  /** Why it is set in vain on the systems of today. */
  readonly ignored?: string;
  /** Why nobody should leave it set. */
  readonly dangerous?: string;
}

const loader = (
  name: RegExp,
  reader: Reader,
  meaning: string,
  more: Partial<VariableDefinition> = {},
): VariableDefinition => ({
  name,
  family: 'loader',
  reader,
  meaning,
  ...more,
});
const python = (name: RegExp, meaning: string, more: Partial<VariableDefinition> = {}): VariableDefinition => ({
  name,
  family: 'python',
  reader: 'python',
  meaning,
  ...more,
});
const cuda = (name: RegExp, meaning: string, more: Partial<VariableDefinition> = {}): VariableDefinition => ({
  name,
  family: 'cuda',
  reader: 'cuda',
  meaning,
  ...more,
});
const library = (name: RegExp, meaning: string, more: Partial<VariableDefinition> = {}): VariableDefinition => ({
  name,
  family: 'c-library',
  reader: 'glibc',
  meaning,
  ...more,
});

const needsDebugLibrary = 'since glibc 2.34 only where libc_malloc_debug.so.0 is preloaded';

/** ld.so(8), mallopt(3), musl's ldso/dynlink.c, python(1), the CUDA C++ Programming Guide. The first that fits counts. */
export const variableTable: readonly VariableDefinition[] = [
  loader(
    /^LD_LIBRARY_PATH$/u,
    'both',
    'Folders that are searched before RUNPATH, the cache and the folders of the system',
    { value: 'folders' },
  ),
  loader(/^LD_PRELOAD$/u, 'both', 'Libraries that are loaded before all others, so that their symbols come first', {
    value: 'files',
  }),
  loader(/^LD_AUDIT$/u, 'glibc', 'Libraries that are told of all that the loader does, and may change it', {
    value: 'files',
    dangerous: 'it slows down each call between libraries and can change what is loaded',
  }),
  loader(/^LD_BIND_NOW$/u, 'both', 'Binds all functions when the program starts; a missing one is told then'),
  loader(/^LD_BIND_NOT$/u, 'glibc', 'Looks each function up again at every call, for LD_DEBUG'),
  loader(/^LD_DEBUG(?:_OUTPUT)?$/u, 'glibc', 'Lets the loader tell what it does', {
    dangerous: 'every program that is started prints it, also those of a build',
  }),
  loader(/^LD_(?:PROFILE|PROFILE_OUTPUT)$/u, 'glibc', 'Counts the calls of one library'),
  loader(/^LD_DYNAMIC_WEAK$/u, 'glibc', 'Lets a weak symbol be overridden by a later one', {
    dangerous: 'it changes which definition is taken',
  }),
  loader(/^LD_TRACE_LOADED_OBJECTS$/u, 'glibc', 'Lets the loader list what it would load, as ldd does', {
    dangerous: 'no program runs while it is set',
  }),
  loader(
    /^LD_(?:VERBOSE|WARN|TRACE_PRELINKING|SHOW_AUXV)$/u,
    'glibc',
    'Lets the loader tell more, as ldd -v and -r do',
  ),
  loader(/^LD_ORIGIN_PATH$/u, 'glibc', 'What $ORIGIN is where the kernel does not tell'),
  loader(/^LD_PREFER_MAP_32BIT_EXEC$/u, 'glibc', 'Maps code into the lower 2 GB'),
  loader(/^LD_HWCAP_MASK$/u, 'nobody', 'Hid capabilities of the processor', {
    ignored:
      'since glibc 2.41, and only for legacy folders before: GLIBC_TUNABLES=glibc.cpu.hwcap_mask came in its place',
  }),
  loader(/^LD_POINTER_GUARD$/u, 'nobody', 'Switched pointer mangling off', { ignored: 'since glibc 2.23' }),
  loader(/^LD_ASSUME_KERNEL$/u, 'nobody', 'Let the loader take libraries for an older kernel', {
    ignored: 'since glibc 2.37',
  }),
  loader(/^LD_USE_LOAD_BIAS$/u, 'nobody', 'Said where prelinked objects go', {
    ignored: 'since glibc 2.36, which has no prelink any more',
  }),
  loader(/^LD_LIBRARY_PATH_(?:32|64)$/u, 'nobody', 'The variable of Solaris', {
    ignored: 'no loader of Linux looks at it',
  }),
  loader(/^DYLD_/u, 'nobody', 'A variable of macOS', { ignored: 'no loader of Linux looks at it' }),
  {
    name: /^LD_RUN_PATH$/u,
    family: 'build',
    reader: 'build',
    meaning: 'What the link editor writes as RUNPATH where no -rpath is given',
    value: 'folders',
  },
  {
    name: /^(?:LIBRARY_PATH|CPATH|C_INCLUDE_PATH|CPLUS_INCLUDE_PATH)$/u,
    family: 'build',
    reader: 'build',
    meaning: 'Folders in which the compiler looks for libraries or headers when it builds',
    value: 'folders',
  },
  loader(/^LD_\w+$/u, 'nobody', 'Nothing that is known here', { ignored: 'no loader of Linux looks at it' }),
  library(/^GLIBC_TUNABLES$/u, 'Settings of the C library and its loader', { value: 'tunables' }),
  library(/^MALLOC_CHECK_$/u, 'Looks for damage of the heap', { ignored: needsDebugLibrary }),
  library(/^MALLOC_TRACE$/u, 'The file that mtrace(3) writes to', { ignored: needsDebugLibrary }),
  library(/^MALLOC_PERTURB_$/u, 'Fills memory when it is allocated and freed, which shows uses of what is freed'),
  library(
    /^MALLOC_(?:ARENA_MAX|ARENA_TEST|MMAP_MAX_|MMAP_THRESHOLD_|TOP_PAD_|TRIM_THRESHOLD_|TCACHE_COUNT)$/u,
    'Tunes malloc: arenas, mappings, thresholds',
  ),
  library(
    /^MALLOC_MAX_CALLED$/u,
    'Lets that many allocations succeed and all later ones fail, where the shim of Binary Detective is preloaded',
  ),
  {
    name: /^MUSL_LOCPATH$/u,
    family: 'c-library',
    reader: 'musl',
    meaning: 'Folders of the translations of musl',
    value: 'folders',
  },
  python(/^PYTHONPATH$/u, 'Folders in which modules are looked for before those of Python itself', {
    value: 'folders',
  }),
  python(/^PYTHONHOME$/u, 'Where the standard library of Python is', { value: 'folder' }),
  python(/^PYTHONSTARTUP$/u, 'A script that an interactive Python runs first', { value: 'file' }),
  python(/^PYTHONUSERBASE$/u, 'Where pip install --user puts modules', { value: 'folder' }),
  python(/^PYTHONPYCACHEPREFIX$/u, 'Where compiled modules are kept', { value: 'folder' }),
  python(/^PYTHONPLATLIBDIR$/u, 'The name of the folder for extension modules (lib or lib64)'),
  python(/^PYTHONNOUSERSITE$/u, 'Leaves out the modules of pip install --user'),
  python(/^PYTHONSAFEPATH$/u, 'Does not put the folder of the script in front of sys.path'),
  python(/^PYTHONMALLOC(?:STATS)?$/u, "Chooses Python's allocator, and checks it"),
  python(/^PYTHON_?GIL$/u, 'Switches the global lock on or off, in a Python that is built without'),
  python(
    /^PYTHON(?:DEVMODE|FAULTHANDLER|TRACEMALLOC|ASYNCIODEBUG|VERBOSE|DEBUG|INSPECT|DUMPREFS)$/u,
    'Lets Python check or tell more',
  ),
  python(
    /^PYTHON(?:UNBUFFERED|DONTWRITEBYTECODE|OPTIMIZE|HASHSEED|WARNINGS|IOENCODING|UTF8|LEGACYWINDOWSSTDIO|COERCECLOCALE|BREAKPOINT|NODEBUGRANGES|PERFSUPPORT|CASEOK|INTMAXSTRDIGITS|PROFILEIMPORTTIME|WARNDEFAULTENCODING|EXECUTABLE|_COLORS|_HISTORY|_BASIC_REPL)$/u,
    'Changes how Python runs, and not what is loaded',
  ),
  python(/^PYTHON\w+$/u, 'Nothing that is known here', { ignored: 'Python itself does not look at it' }),
  cuda(
    /^CUDA_(?:HOME|PATH|ROOT|TOOLKIT_ROOT_DIR|ROOT_DIR)$|^CUDAToolkit_ROOT$|^CUDADIR$/u,
    'Where the CUDA toolkit is, for those who build with it',
    { value: 'folder' },
  ),
  cuda(/^(?:CUDACXX|CUDA_NVCC_EXECUTABLE|NVCC)$/u, 'The CUDA compiler', { value: 'file' }),
  cuda(
    /^(?:CUDNN|NCCL|CUTENSOR|CUSPARSELT)_(?:HOME|PATH|ROOT|ROOT_DIR|INCLUDE_DIR|INCLUDE_PATH|LIBRARY|LIB_DIR|LIBRARY_PATH)$/u,
    'Where a library of CUDA is, for those who build with it',
    { value: 'folder' },
  ),
  cuda(/^CUDA_VISIBLE_DEVICES$/u, 'The cards that a program may use; empty or -1: none'),
  cuda(
    /^(?:NVIDIA_VISIBLE_DEVICES|NVIDIA_DRIVER_CAPABILITIES|NVIDIA_REQUIRE_\w+)$/u,
    'What a container is lent of the driver when it is started',
  ),
  cuda(
    /^(?:FORCE_CUDA|USE_CUDA|WITH_CUDA|TF_NEED_CUDA|TORCH_CUDA_ARCH_LIST|CUDAARCHS|MAX_JOBS)$/u,
    'Whether, and for which cards, projects are built with CUDA',
  ),
  cuda(
    /^CUDA_(?:LAUNCH_BLOCKING|DEVICE_ORDER|CACHE_\w+|MODULE_LOADING|MODULE_DATA_LOADING|FORCE_PTX_JIT|DISABLE_PTX_JIT|DEVICE_MAX_CONNECTIONS|AUTO_BOOST|SCALE_LAUNCH_QUEUES|ENABLE_\w+|MPS_\w+|LOG_FILE|ERROR_LEVEL)$/u,
    'Changes how CUDA runs, and not what is loaded',
  ),
  cuda(/^(?:CUDA|NVCC|NVIDIA)_\w+$/u, 'A setting of CUDA, or of what is built with it'),
];

export function definitionOf(name: string): VariableDefinition | undefined {
  return variableTable.find(definition => definition.name.test(name));
}
