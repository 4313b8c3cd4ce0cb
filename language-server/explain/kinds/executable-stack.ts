import { readStackPermission } from '../../elf/hardening/stack-permission.ts';
import { shellCommand, shellWord } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { PresentState, Remedy } from '../../protocol/explain.ts';
import { type ErrorKind, type Explained, explained } from '../error-kind.ts';
import { ofElfFile } from '../file-facts.ts';
import { baseName } from '../file-remedies.ts';
import { errorObject, fileName } from '../loading.ts';
import type { Origin } from '../origin.ts';
import { originError } from '../origin-error.ts';
import type { World } from '../world.ts';

/** glibc elf/dl-load.c `_dl_map_object_from_fd`: "OBJECT: cannot enable executable stack as shared object requires: ERROR". */
export const executableStack: ErrorKind = originError(
  'executable-stack',
  ['cannot enable executable stack as shared object requires'],
  explainExecutableStack,
);

interface StackFacts {
  readonly executable: boolean | null;
  readonly evidence: string;
  /** Where the flags of PT_GNU_STACK stand in the file, and what they are to be. */
  readonly patch: { readonly offset: number; readonly bytes: readonly number[] } | null;
}

async function explainExecutableStack(world: World, origin: Origin, error: string | null): Promise<Explained> {
  const { object } = origin;
  const { path, program } = await errorObject(world, origin);
  const stack =
    path === null
      ? null
      : await ofElfFile(path, (file): StackFacts => {
          const { executable, evidence, segment } = readStackPermission(file);
          const { fields } = file.image;
          const patch =
            segment === null
              ? null
              : {
                  offset: segment.headerOffset + (fields.class === 64 ? 4 : 24),
                  bytes: fields.byteOrder === 'little' ? [6, 0, 0, 0] : [0, 0, 0, 6],
                };
          return { executable, evidence, patch };
        });
  const facts = typeof stack === 'object' ? stack : null;
  return explained(
    {
      kind: 'executable-stack',
      title: `${fileName(object)} wants an executable stack, and may not have it`,
      summary: `${fileName(object)} is marked as code that runs on the stack, so the loader would make the stacks of the process executable. ${reasonOf(error)} Hardly any code needs this: the mark mostly comes from one assembler file that does not say otherwise.`,
    },
    {
      object: { name: object, path },
      program,
      facts: facts === null || path === null ? [] : [`${displayText(path)}: ${facts.evidence}.`],
      state: stateOf(path, facts),
      remedies: facts?.executable === false ? [] : remediesOf(path, facts),
      evidence: [
        {
          rule: 'glibc elf/dl-load.c, PT_GNU_STACK',
          ...(path === null ? {} : { command: `${shellCommand(['readelf', '-lW', path])} | grep GNU_STACK` }),
        },
      ],
    },
  );
}

function reasonOf(error: string | null): string {
  if (error === 'Invalid argument')
    return 'glibc 2.41 and later refuse that for what is loaded by dlopen, as Python loads its modules.';
  if (error === 'Permission denied' || error === 'Operation not permitted')
    return 'The system forbids it (SELinux, systemd’s MemoryDenyWriteExecute, a container).';
  return 'The system, or glibc since 2.41 for what is loaded by dlopen, forbids it.';
}

function stateOf(path: ByteText | null, facts: StackFacts | null): PresentState {
  if (path === null || facts === null) return { kind: 'unknown', text: 'The file is not here, or cannot be read.' };
  if (facts.executable === false)
    return { kind: 'resolved', text: `${displayText(path)} as it is now does not ask for an executable stack.` };
  return { kind: 'persists', text: `${displayText(path)} still asks for it.` };
}

function remediesOf(path: ByteText | null, facts: StackFacts | null): readonly Remedy[] {
  const patch = facts?.patch ?? null;
  const clear: readonly Remedy[] =
    path === null || patch === null
      ? []
      : [
          {
            id: 'clear-executable-stack',
            title: `Take the mark out of ${baseName(path)}`,
            why: 'Sets the flags of its PT_GNU_STACK header to RW. Right where no code is run on the stack (no nested functions of GNU C whose address is taken); patchelf 0.18 does the same with --clear-execstack.',
            command: `printf '${patch.bytes.map(byte => `\\${byte.toString(8).padStart(3, '0')}`).join('')}' | dd of=${shellWord(path)} bs=1 seek=${patch.offset} conv=notrunc status=none`,
          },
        ];
  return [
    ...clear,
    {
      id: 'link-noexecstack',
      title: 'Link it again without the mark',
      why: 'Or mark the assembler source, which also keeps the link editor from warning: .section .note.GNU-stack,"",@progbits',
      command: '-Wl,-z,noexecstack',
    },
    {
      id: 'execstack-tunable',
      title: 'Or allow it for one process',
      why: 'glibc 2.41 and later; it takes a protection away from all of the process, so it is the last resort.',
      command: 'GLIBC_TUNABLES=glibc.rtld.execstack=2 COMMAND',
    },
  ];
}
