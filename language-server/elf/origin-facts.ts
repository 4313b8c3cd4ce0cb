import type { ByteText, ExtensionEvidence, LanguageEvidence, Origins } from '../protocol/elf.ts';
import type { FactReader } from './fact-reader.ts';

/** What a file was made from, and for whom, each with what shows it. */
export const originFacts: readonly FactReader[] = [
  {
    label: 'Languages',
    command: ['readelf', '-sSW', '-p', '.comment'],
    values: (_file, _identity, { languages }) => languages.map(languageText),
  },
  {
    label: 'Extension of',
    command: ['nm', '-D', '--defined-only'],
    values: (_file, _identity, { extension }) => (extension === null ? [] : extensionTexts(extension)),
  },
  {
    label: 'Debug symbols',
    command: ['readelf', '-nW', '-p', '.gnu_debuglink'],
    values: (_file, _identity, { debugFile }) => (debugFile === null ? [] : [debugFileText(debugFile)]),
  },
];

/** "C++ (a name mangled as C++ does: _ZSt4cout)", "C, probably (…)". */
export function languageText({ language, certainty, evidence: [first] }: LanguageEvidence): ByteText {
  const name = certainty === 'certain' ? language : `${language}, probably`;
  return first === undefined ? name : `${name} (${first.meaning}: ${first.name})`;
}

/** "CPython: module _ssl (PyInit__ssl)", "ABI tag cpython-311-x86_64-linux-gnu"; of others "Node.js (napi_register_module_v1)". */
export function extensionTexts(extension: ExtensionEvidence): readonly ByteText[] {
  const { host, evidence } = extension;
  if (extension.kind !== 'python') return [`${host} (${evidence})`];
  const { module, abiTag, isImportable } = extension;
  return [
    `${host}: module ${module} (${evidence})`,
    abiTag === null
      ? 'no ABI tag in its name: every version of Python tries to load it'
      : abiTagText(extension, abiTag),
    ...(isImportable ? [] : ['not importable under the name that the file has']),
  ];
}

function abiTagText(
  { pythonVersion, isStableAbi, isFreeThreaded }: Extract<ExtensionEvidence, { kind: 'python' }>,
  abiTag: string,
): string {
  const meanings = [
    ...(isStableAbi ? ['the stable ABI'] : []),
    ...(pythonVersion === null ? [] : [`for Python ${pythonVersion} only`]),
    ...(isFreeThreaded ? ['free-threaded'] : []),
  ];
  return `ABI tag ${abiTag}${meanings.length === 0 ? '' : ` (${meanings.join(', ')})`}`;
}

export function debugFileText({ path, isHere }: NonNullable<Origins['debugFile']>): ByteText {
  return isHere ? path : `${path} (not on this machine)`;
}
