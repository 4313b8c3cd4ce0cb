/** One setting of GLIBC_TUNABLES. */
export interface Tunable {
  readonly name: string;
  readonly value: string;
  /** What is wrong with it; null: nothing. */
  readonly problem: string | null;
}

/** Tunables of glibc 2.26 to 2.42 (manual, "Tunables"; ld.so --list-tunables). */
const known: ReadonlySet<string> = new Set([
  ...['check', 'top_pad', 'perturb', 'mmap_max', 'mmap_threshold', 'trim_threshold', 'arena_max', 'arena_test'].map(
    name => `glibc.malloc.${name}`,
  ),
  ...['tcache_max', 'tcache_count', 'tcache_unsorted_limit', 'mxfast', 'hugetlb'].map(name => `glibc.malloc.${name}`),
  ...['nns', 'optional_static_tls', 'enable_secure', 'dynamic_sort', 'execstack'].map(name => `glibc.rtld.${name}`),
  ...[
    'skip_lock_busy',
    'try_timeout',
    'skip_lock_internal_abort',
    'skip_trylock_internal_abort',
    'enable',
    'skip_lock_after_retries',
    'tries',
  ].map(name => `glibc.elision.${name}`),
  ...['mutex_spin_count', 'rseq', 'stack_cache_size', 'stack_hugetlb'].map(name => `glibc.pthread.${name}`),
  ...['hwcap_mask', 'hwcaps', 'cached_memopt', 'name', 'prefer_map_32bit_exec', 'plt_rewrite', 'aarch64_gcs'].map(
    name => `glibc.cpu.${name}`,
  ),
  ...['x86_data_cache_size', 'x86_shared_cache_size', 'x86_non_temporal_threshold', 'x86_rep_movsb_threshold'].map(
    name => `glibc.cpu.${name}`,
  ),
  ...['x86_rep_stosb_threshold', 'x86_ibt', 'x86_shstk', 'x86_memset_non_temporal_threshold'].map(
    name => `glibc.cpu.${name}`,
  ),
  'glibc.mem.tagging',
  'glibc.mem.decorate_maps',
  'glibc.gmon.minarcs',
  'glibc.gmon.maxarcs',
]);

/** Reads `name=value:name=value` as glibc does (elf/dl-tunables.c `parse_tunables`). */
export function readTunables(text: string): readonly Tunable[] {
  return text
    .split(':')
    .filter(part => part !== '')
    .map(part => {
      const at = part.indexOf('=');
      const name = at < 0 ? part : part.slice(0, at);
      const value = at < 0 ? '' : part.slice(at + 1);
      return { name, value, problem: problemOf(name, value, at) };
    });
}

function problemOf(name: string, value: string, at: number): string | null {
  if (at < 0) return 'it has no value, and glibc from 2.38 on then takes none of the variable';
  if (value.includes('=')) return 'it has two equals signs, and glibc from 2.38 on then takes none of the variable';
  return known.has(name) ? null : 'no glibc that is known here has it, and it is passed over';
}
