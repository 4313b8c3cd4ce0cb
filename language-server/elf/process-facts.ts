import type { ByteText } from '../protocol/elf.ts';
import type { CoreFile } from './core/core-file.ts';
import type { FactReader } from './fact-reader.ts';
import type { KernelModule } from './kernel-module/kernel-module.ts';
import { hex } from './reader/fields.ts';

/** What a core file tells of the process that it was made of. */
export const coreFacts: readonly FactReader[] = [
  coreFact('Process', ['readelf', '-nW'], ({ process }) =>
    process === null ? [] : [process.command === '' ? process.program : process.command, `process ${process.id}`],
  ),
  coreFact('Signal', ['eu-readelf', '-n'], core => signalTexts(core)),
  coreFact('Threads', ['eu-readelf', '-n'], ({ threads }) => [String(threads.length)]),
];

function coreFact(
  label: string,
  command: readonly string[],
  values: (core: CoreFile) => readonly ByteText[],
): FactReader {
  return {
    label,
    command,
    values(file) {
      const core = file.core();
      return core === null ? [] : values(core);
    },
  };
}

/** "SIGSEGV", "SEGV_MAPERR (nothing is mapped at the address)", "at address 0x0". */
function signalTexts({ signal }: CoreFile): readonly string[] {
  if (signal === null) return [];
  const { name, codeName, address, senderId } = signal;
  return [
    name,
    ...(codeName === null ? [] : [codeName]),
    ...(address === null ? [] : [`at address ${hex(address)}`]),
    ...(senderId === null || senderId === 0 ? [] : [`sent by process ${senderId}`]),
  ];
}

/** What a kernel module says of itself. */
export const moduleFacts: readonly FactReader[] = [
  moduleFact('Module', ({ name }) => present(name)),
  moduleFact('Description', ({ description }) => present(description)),
  moduleFact('License', ({ license }) => present(license)),
  moduleFact('Built for kernel', ({ versionMagic }) =>
    versionMagic === null ? [] : [[versionMagic.kernel, ...versionMagic.options].join(' ')],
  ),
  moduleFact('Depends on', ({ depends }) => depends),
  moduleFact('Parameters', ({ parameters }) =>
    parameters.map(
      ({ name, type, description }) =>
        `${name}${type === null ? '' : ` (${type})`}${description === null ? '' : `: ${description}`}`,
    ),
  ),
  moduleFact('Firmware', ({ firmware }) => firmware),
  moduleFact('Signature', ({ signature }) =>
    signature === null ? ['none'] : [`${signature.kind}, ${signature.sizeBytes} bytes`],
  ),
];

function moduleFact(label: string, values: (module: KernelModule) => readonly ByteText[]): FactReader {
  return {
    label,
    command: ['modinfo'],
    values(file, { kind }) {
      const module = kind === 'kernel-module' ? file.kernelModule() : null;
      return module === null ? [] : values(module);
    },
  };
}

function present(text: ByteText | null): readonly ByteText[] {
  return text === null ? [] : [text];
}
