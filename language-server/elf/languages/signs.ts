/** What a file is written in. */
export type Language =
  | 'C'
  | 'C++'
  | 'Rust'
  | 'Go'
  | 'Fortran'
  | 'Cython'
  | 'D'
  | 'Swift'
  | 'Nim'
  | 'Zig'
  | 'OCaml'
  | 'Haskell'
  | 'Ada'
  | 'Pascal';

/**
 * Where a sign is looked for. `defined` and `undefined` are symbols; `symbol` is either; `string` is text in the file's data,
 * which not every reader hands over.
 */
export type SignPlace = 'defined' | 'undefined' | 'symbol' | 'section' | 'needed' | 'comment' | 'string';

export interface Sign {
  readonly language: Language;
  readonly place: SignPlace;
  readonly pattern: RegExp;
  /**
   * `certain`: no other compiler makes it. `likely`: written by hand, or linked with something of the language, a file can have
   * it too.
   */
  readonly certainty: 'certain' | 'likely';
  /** What it is, to be read behind the name that matched. */
  readonly meaning: string;
}

/** Rust's older mangling is that of C++ with a hash of 16 digits as the last name (RFC 2603). */
const rustHash = /^_ZN.*17h[0-9a-f]{16}E(?:\.|$)/u;

function sign(
  language: Language,
  place: SignPlace,
  pattern: RegExp,
  certainty: Sign['certainty'],
  meaning: string,
): Sign {
  return { language, place, pattern, certainty, meaning };
}

/** A new sign is a line here. Names are hostile: a pattern may take time that grows with their length, not with its square. */
export const signs: readonly Sign[] = [
  sign(
    'C++',
    'symbol',
    /^_Z(?!N.*17h[0-9a-f]{16}E(?:\.|$))(?:[NLSTGKI]|\d|[a-z]{2}|U)/u,
    'certain',
    'a name mangled as C++ does',
  ),
  sign('C++', 'undefined', /^__gxx_personality_v0(?:@|$)/u, 'certain', 'how C++ code unwinds'),
  sign(
    'C++',
    'undefined',
    /^__cxa_(?:throw|begin_catch|guard_acquire|pure_virtual)(?:@|$)/u,
    'certain',
    'the C++ runtime',
  ),
  sign('C++', 'needed', /^lib(?:stdc\+\+|c\+\+|c\+\+_shared)\.so/u, 'likely', 'the C++ library'),

  sign('Rust', 'symbol', rustHash, 'certain', 'a name mangled as Rust does (legacy)'),
  sign(
    'Rust',
    'symbol',
    /^_R(?:N[a-zA-Z][CNMXYIB]|C(?:s[0-9a-zA-Z]*_)?\d|[MXYI][A-Za-z])\w{3}/u,
    'certain',
    'a name mangled as Rust does (v0)',
  ),
  sign(
    'Rust',
    'symbol',
    /^(?:rust_eh_personality|rust_begin_unwind|__rust_alloc|__rust_dealloc|__rust_no_alloc_shim_is_unstable|rust_panic)$/u,
    'certain',
    "Rust's runtime",
  ),
  sign('Rust', 'comment', /^rustc version /u, 'certain', 'the compiler'),
  sign('Rust', 'section', /^\.rustc$/u, 'certain', 'metadata of a crate'),
  sign('Rust', 'needed', /^libstd-[0-9a-f]{16}\.so$/u, 'certain', "Rust's library"),
  sign('Rust', 'string', /(?:^|\/)rustc\/[0-9a-f]{40}\/library\//u, 'likely', "a path of Rust's library"),

  sign(
    'Go',
    'section',
    /^\.(?:go\.buildinfo|gopclntab|gosymtab|go\.fipsinfo|note\.go\.buildid)$/u,
    'certain',
    'tables of the Go runtime',
  ),
  sign(
    'Go',
    'defined',
    /^(?:runtime\.(?:main|goexit|rt0_go|mallocgc)|go[:.]buildid|_rt0_\w+_linux(?:_lib)?)$/u,
    'certain',
    'the Go runtime',
  ),
  sign(
    'Go',
    'symbol',
    /^(?:_cgo_topofstack|_cgo_panic|crosscall2|__go_init_main|go\.\.\w+)$/u,
    'likely',
    'a part of the Go runtime',
  ),
  sign('Go', 'needed', /^libgo\.so/u, 'certain', "gccgo's library"),

  sign('Fortran', 'undefined', /^_gfortran_[a-z]/u, 'certain', 'the runtime of GNU Fortran'),
  // A program that is linked statically has it, and so has the runtime itself, which is written in C.
  sign('Fortran', 'defined', /^_gfortran_[a-z]/u, 'likely', 'a part of the runtime of GNU Fortran'),
  sign('Fortran', 'symbol', /^__[a-z]\w*_MOD_\w/u, 'certain', 'a procedure of a Fortran module (GNU)'),
  sign('Fortran', 'symbol', /^(?:_FortranA[A-Z]\w|_QQmain$|_QM\w+P\w)/u, 'certain', 'a name of LLVM Flang'),
  sign(
    'Fortran',
    'symbol',
    /^for_(?:write_seq|read_seq|write_int|set_reentrancy|stop_core|alloc_allocatable|rtl_init_)\w*$/u,
    'certain',
    "the runtime of Intel's Fortran",
  ),
  sign('Fortran', 'defined', /^MAIN__$/u, 'certain', 'the main program of Fortran'),
  sign(
    'Fortran',
    'needed',
    /^lib(?:gfortran|ifcore|ifcoremt|FortranRuntime|flang|flang_rt|pgf90)\.so/u,
    'likely',
    "a Fortran compiler's library",
  ),

  sign(
    'Cython',
    'symbol',
    /^__pyx_(?:m|d|b|pf_|pw_|f_|k_|n_s_|kp_|mdef|pymod_exec|pyinit|module|CyFunction|Refnanny|tp_|ptype|moduledef|cython_runtime)/u,
    'certain',
    'a name that Cython makes',
  ),
  sign('Cython', 'symbol', /^__Pyx_[A-Z]\w+/u, 'certain', "a helper of Cython's C code"),
  sign(
    'Cython',
    'string',
    /^(?:__pyx_capi__|cython_runtime|__pyx_vtable__|_cython_\d+_\d+\w*)$/u,
    'certain',
    "a name of Cython's runtime",
  ),

  sign('D', 'symbol', /^_D\d+[A-Za-z_]\w*(?:Z|F|M|Q|[A-Za-z0-9])$/u, 'certain', 'a name mangled as D does'),
  sign(
    'D',
    'symbol',
    /^(?:_Dmain|_d_run_main2?|_d_dso_registry|_d_throw_exception|_d_throwc)$/u,
    'certain',
    "D's runtime",
  ),
  sign(
    'D',
    'needed',
    /^lib(?:gphobos|gdruntime|phobos2|phobos2-ldc\w*|druntime-ldc\w*)\.so|^libphobos2-ldc/u,
    'certain',
    "D's library",
  ),
  sign('D', 'comment', /^ldc version /u, 'certain', 'the compiler'),

  sign('Swift', 'symbol', /^_?\$[sS](?:\d|S|s|y|o|I|B)\w+/u, 'certain', 'a name mangled as Swift does'),
  sign('Swift', 'section', /^swift5_\w+$/u, 'certain', 'metadata of Swift'),
  sign('Swift', 'needed', /^libswift[A-Z]\w*\.so$/u, 'likely', "Swift's library"),

  sign(
    'Nim',
    'symbol',
    /^(?:NimMain|NimMainInner|NimMainModule|PreMainInner|NimDestroyGlobals|nimGC_\w+|nim_program_result)$/u,
    'certain',
    "Nim's start or runtime",
  ),
  sign(
    'Zig',
    'symbol',
    /^(?:__zig_(?:probe_stack|tag_name_|is_named_enum_value_|lt_errors_len|return_error)\w*|start\.(?:posixCallMainAndExit|callMain\w*|_start)|zig_panic|builtin\.default_panic|debug\.defaultPanic)$/u,
    'certain',
    "a name of Zig's library",
  ),

  sign(
    'OCaml',
    'defined',
    /^(?:caml_(?:startup|globals|frametable|code_segments|data_segments)\w*|caml[A-Z]\w*__(?:code_begin|data_begin|frametable|entry))$/u,
    'certain',
    "OCaml's tables",
  ),
  sign(
    'OCaml',
    'symbol',
    /^caml_(?:alloc|call_gc|callback|main|named_value|raise_exn|c_call|initialize)\w*$/u,
    'likely',
    "OCaml's runtime",
  ),

  sign(
    'Haskell',
    'symbol',
    /^(?:hs_main$|ZCMain_main_|stg_(?:ap_\w|upd_frame_info$|raisezh$|CAF_BLACKHOLE_info$))|_(?:closure|con_info|info)$(?<=zi.*)/u,
    'certain',
    "a name of GHC's code or runtime",
  ),
  sign('Haskell', 'needed', /^libHS\w[\w.-]*-ghc[\d.]+\.so$/u, 'certain', 'a Haskell package'),
  sign('Haskell', 'section', /^\.debug-ghc-link-info$/u, 'certain', "a note of GHC's"),
  sign('Haskell', 'comment', /^GHC \d/u, 'certain', 'the compiler'),

  sign(
    'Ada',
    'symbol',
    /^(?:adainit|adafinal|__gnat_(?:runtime_initialize|rcheck_\w+|personality_v0|eh_personality|raise_\w+))$/u,
    'certain',
    "GNAT's runtime",
  ),
  sign('Ada', 'needed', /^lib(?:gnat|gnarl)-?[\d.]*\.so/u, 'likely', "GNAT's library"),
  sign(
    'Pascal',
    'symbol',
    /^(?:FPC_[A-Z_]+|PASCALMAIN|INITFINAL|SYSTEM_\$\$_\w+|U_\$SYSTEM_\$\$_\w+)$/u,
    'certain',
    "Free Pascal's runtime",
  ),
  sign('Pascal', 'string', /^FPC \d+\.\d+\.\d+ \[/u, 'certain', 'the compiler'),
  sign('Pascal', 'section', /^\.?fpc(?:data|\.resources)$/u, 'certain', "Free Pascal's resources"),
];
