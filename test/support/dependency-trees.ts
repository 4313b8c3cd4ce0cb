import type { DependencyTree, Need, TreeObject } from '../../language-server/protocol/dependencies.ts';

/** A tree as the server answers it, made of what each object needs; a name that starts with `!` is not found. */
export function treeOf(needs: Readonly<Record<string, readonly string[]>>): DependencyTree {
  const [root = '/app'] = Object.keys(needs);
  const objects = Object.fromEntries(Object.entries(needs).map(([path, names]) => [path, objectOf(root, path, names)]));
  return {
    root,
    loader: { kind: 'glibc', version: '2.36' },
    loadOrder: loadOrder(root, needs),
    objects,
    problems: [],
    conditions: {
      cwd: '/',
      libraryPath: null,
      preload: null,
      hwcaps: [],
      setuid: false,
      sysroot: null,
      loaderPath: '/lib64/ld-linux-x86-64.so.2',
    },
    command: '',
  };
}

/** A chain of that many libraries below `/app`, whose last one needs the first again. */
export function chainOf(length: number): DependencyTree {
  const path = (at: number): string => `/lib/libchain-${at}.so`;
  const links = Array.from({ length }, (_, at) => [path(at + 1), [path(at + 1 < length ? at + 2 : 1)]] as const);
  return treeOf(Object.fromEntries([['/app', [path(1)]], ...links]));
}

function objectOf(root: string, path: string, names: readonly string[]): TreeObject {
  const missing = names.some(name => name.startsWith('!'));
  return {
    path,
    soname: path === root ? null : baseName(path),
    machine: 'x86-64',
    needs: names.map(name => needOf(path, name)),
    problemsBelow: missing ? 1 : 0,
  };
}

function needOf(requester: string, name: string): Need {
  if (name.startsWith('!')) {
    const tried = [{ path: `/usr/lib/${name.slice(1)}`, outcome: 'No such file or directory' }];
    return { name: name.slice(1), object: null, how: null, tried };
  }
  const how = { rule: 'runpath', from: requester, entry: '$ORIGIN', entryNumber: 1 } as const;
  return { name: baseName(name), object: name, how, tried: [] };
}

/** Breadth first, as the loader has it. */
function loadOrder(root: string, needs: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const order = new Set([root]);
  for (const path of order) for (const name of needs[path] ?? []) if (!name.startsWith('!')) order.add(name);
  return [...order];
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
