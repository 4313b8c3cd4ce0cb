import type { ByteText, ElfIdentity, Origins, OverviewFact } from '../protocol/elf.ts';
import type { ElfFile } from './elf-file.ts';
import type { FactReader } from './fact-reader.ts';
import { compilersOf, debugLinkOf, isStripped } from './identity.ts';
import { originFacts } from './origin-facts.ts';
import { coreFacts, moduleFacts } from './process-facts.ts';
import { describeNote, gnuNote } from './reader/note-description.ts';
import { expandedRunPath } from './run-path-text.ts';

const readHeader = ['readelf', '-hW'];
const readDynamic = ['readelf', '-dW'];
const readNotes = ['readelf', '-nW'];

const factReaders: readonly FactReader[] = [
  { label: 'Type', command: readHeader, values: (_, { type }) => [type] },
  { label: 'Machine', command: readHeader, values: (_, { machine }) => [machine] },
  {
    label: 'Class and byte order',
    command: readHeader,
    values: (_, identity) => [`ELF${identity.class}, ${identity.byteOrder}-endian`],
  },
  { label: 'OS/ABI', command: readHeader, values: (_, { osAbi }) => [osAbi] },
  ...coreFacts,
  ...moduleFacts,
  { label: 'Entry point', command: readHeader, values: (_, { entry }) => (entry === '0x0' ? [] : [entry]) },
  { label: 'SONAME', command: readDynamic, values: (_, { soname }) => present(soname) },
  { label: 'Needed', command: readDynamic, values: (_, { needed }) => needed },
  { label: 'RPATH', command: readDynamic, values: ({ path }, { rpath }) => expandedRunPath(rpath, path) },
  { label: 'RUNPATH', command: readDynamic, values: ({ path }, { runpath }) => expandedRunPath(runpath, path) },
  { label: 'Interpreter', command: ['readelf', '-lW'], values: (_, { interpreter }) => present(interpreter) },
  { label: 'Build ID', command: readNotes, values: (_, { buildId }) => present(buildId) },
  { label: 'ABI tag', command: readNotes, values: gnuNoteTexts(gnuNote.abiTag) },
  { label: 'Properties', command: readNotes, values: gnuNoteTexts(gnuNote.property) },
  { label: 'Compiler', command: ['readelf', '-p', '.comment'], values: ({ image }) => compilersOf(image) },
  ...originFacts,
  {
    label: 'Symbols',
    command: ['readelf', '-SW'],
    values: (file, { kind }) =>
      kind !== 'executable' && kind !== 'shared-library'
        ? []
        : [isStripped(file) ? 'stripped (no .symtab)' : 'not stripped'],
  },
  {
    label: 'Debug link',
    command: ['readelf', '-p', '.gnu_debuglink'],
    values: ({ image }) => present(debugLinkOf(image)),
  },
];

export function readFacts(file: ElfFile, identity: ElfIdentity, origins: Origins): readonly OverviewFact[] {
  return factReaders.flatMap(({ label, command, values }) => {
    const found = values(file, identity, origins);
    return found.length === 0 ? [] : [{ label, values: found, command: file.command(command) }];
  });
}

function present(value: ByteText | null): readonly ByteText[] {
  return value === null ? [] : [value];
}

function gnuNoteTexts(type: number): FactReader['values'] {
  return file =>
    file
      .notes()
      .filter(note => note.owner === 'GNU' && note.type === type)
      .map(note => describeNote(file.image, note).text);
}
