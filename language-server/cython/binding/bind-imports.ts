import type { Statement } from '../syntax/syntax.ts';
import { type Binding, type ModuleNames, Scope } from './model.ts';
import { object, objectOf } from './types.ts';

/** The names of a cimported module; null where it cannot be seen. */
export type LoadModule = (name: string) => ModuleNames | null;

/** What pure Python mode imports of the compiler: `cython` itself, and `cython.cimports.libc.stdlib` for `libc.stdlib`. */
function isCompilerModule(name: string): boolean {
  return name === 'cython' || name.startsWith('cython.');
}

function withoutCimports(name: string): string {
  return name.replace(/^cython\.cimports\./u, '');
}

/** `import` and `cimport` of whole modules. */
export function bindImport(
  { names, isC }: Statement & { readonly kind: 'import' },
  scope: Scope,
  loadModule: LoadModule,
): void {
  for (const { name, as } of names) {
    const bound = as === '' ? (name.split('.')[0] ?? name) : as;
    const binding = scope.ownerOf(bound).bind(bound);
    if (!isC && !isCompilerModule(name)) {
      // A module of both kinds has its C names first.
      if (binding.meaning !== 'module') binding.assignments.push({ kind: 'type', type: objectOf('module') });
      continue;
    }
    if (name === 'cython') scope.module.compilerNames.set(bound, 'cython');
    binding.meaning = 'module';
    const isWhole = as !== '' || !name.includes('.');
    binding.module = isWhole
      ? loadModule(withoutCimports(name))
      : packageNames(binding.module, name.split('.').slice(1), name, loadModule);
  }
}

/** `cimport a.b.c` binds `a`, in which `b.c` is found. */
function packageNames(
  known: ModuleNames | null,
  path: readonly string[],
  name: string,
  loadModule: LoadModule,
): ModuleNames {
  const [first = '', ...rest] = path;
  const inner = rest.length === 0 ? loadModule(name) : packageNames(null, rest, name, loadModule);
  const scope = new Scope('module', null);
  const binding = scope.bind(first);
  binding.meaning = inner === null ? 'unknown' : 'module';
  binding.module = inner;
  return { isExact: true, lookup: asked => (asked === first ? binding : (known?.lookup(asked) ?? null)) };
}

/** `from … import` and `from … cimport`. */
export function bindFrom(statement: Statement & { readonly kind: 'from' }, scope: Scope, loadModule: LoadModule): void {
  const { module, names, isStar, isC } = statement;
  if (isStar) {
    const loaded = isC ? loadModule(module) : null;
    if (loaded?.isExact === true) scope.module.stars.push(loaded);
    else if (isC) scope.module.isOpen = true;
    return;
  }
  const isDeclared = isC || isCompilerModule(module);
  const loaded = isDeclared ? loadModule(withoutCimports(module)) : null;
  for (const { name, as } of names) {
    if (module === 'cython') scope.module.compilerNames.set(as, `cython.${name}`);
    const owner = scope.ownerOf(as);
    if (!isDeclared) {
      const binding = owner.bind(as);
      if (binding.meaning === 'value') binding.assignments.push({ kind: 'type', type: object });
      continue;
    }
    const found = loaded?.lookup(name) ?? submodule(module, name, loadModule);
    owner.bindings.set(as, found ?? unknownBinding(owner, as));
  }
}

/** `from package cimport module`. */
function submodule(module: string, name: string, loadModule: LoadModule): Binding | null {
  const loaded = loadModule(withoutCimports(module.endsWith('.') ? `${module}${name}` : `${module}.${name}`));
  if (loaded === null) return null;
  const binding = new Scope('module', null).bind(name);
  binding.meaning = 'module';
  binding.module = loaded;
  return binding;
}

function unknownBinding(scope: Scope, name: string): Binding {
  scope.bindings.delete(name);
  const binding = scope.bind(name);
  binding.meaning = 'unknown';
  return binding;
}
