import type { ArtifactLocation, Run } from 'sarif';
import { pathToFileUri } from '../native/file-uri.ts';
import type { ByteText } from '../protocol/elf.ts';

const sourceRoot = '%SRCROOT%';

/** What `%SRCROOT%` stands for: a folder, by default the working one. */
export function sourceRoots(root = process.cwd()): NonNullable<Run['originalUriBaseIds']> {
  return { [sourceRoot]: { uri: pathToFileUri(root).replace(/\/?$/u, '/') } };
}

/** Files below the root are named relative to it, which is how GitHub and others find them in a repository. */
export function artifactAt(path: ByteText, root = process.cwd()): ArtifactLocation {
  const relative = relativePath(path, root);
  if (relative === null) return { uri: pathToFileUri(path) };
  return { uri: pathToFileUri(`/${relative}`).slice('file:///'.length), uriBaseId: sourceRoot };
}

/** Of an absolute path; null outside of the root. */
export function relativePath(path: ByteText, root = process.cwd()): ByteText | null {
  const folder = `${root.replace(/\/$/u, '')}/`;
  return path.startsWith(folder) && path.length > folder.length ? path.slice(folder.length) : null;
}
