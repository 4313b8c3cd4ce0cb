import type { ByteText } from '../../protocol/elf.ts';

/** How an array is named: by its file, or, in an .npz file, as in Python: `archive.npz[name]`. @param member null: the file holds it alone. */
export function arrayPlace(path: ByteText, member: string | null): ByteText {
  return member === null ? path : `${path}[${member}]`;
}

/** What {@link arrayPlace} was given, quotes around the name left out; null: the path of a file. */
export function memberPlace(path: ByteText): { readonly archive: ByteText; readonly name: string } | null {
  const { archive, name } = /^(?<archive>.+\.npz)\[(?<name>[^\]]*)\]$/u.exec(path)?.groups ?? {};
  return archive === undefined || name === undefined
    ? null
    : { archive, name: name.replace(/^(?<quote>['"])(?<inner>.*)\k<quote>$/u, '$<inner>') };
}
