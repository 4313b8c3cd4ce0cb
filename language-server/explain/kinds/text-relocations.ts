import { dynamicFlag, dynamicTag } from '../../elf/reader/dynamic-section.ts';
import { shellCommand, shellWord } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import { type ErrorKind, type Explained, explained } from '../error-kind.ts';
import { ofElfFile } from '../file-facts.ts';
import { errorObject, fileName } from '../loading.ts';
import type { Origin } from '../origin.ts';
import { originError } from '../origin-error.ts';
import type { World } from '../world.ts';

/** glibc elf/dl-reloc.c `_dl_relocate_object`, musl's "RELRO protection failed" aside. */
export const textRelocations: ErrorKind = originError(
  'text-relocations',
  ['cannot restore segment prot after reloc', 'cannot make segment writable for relocation'],
  explainTextRelocations,
);

async function explainTextRelocations(world: World, origin: Origin): Promise<Explained> {
  const { object } = origin;
  const { path, program } = await errorObject(world, origin);
  const has =
    path === null
      ? null
      : await ofElfFile(path, file => {
          const dynamic = file.dynamic();
          return (
            dynamic?.value(dynamicTag.textRelocations) !== undefined ||
            ((dynamic?.value(dynamicTag.flags) ?? 0n) & dynamicFlag.textRelocations) !== 0n
          );
        });
  const known = typeof has === 'boolean' && path !== null;
  return explained(
    {
      kind: 'text-relocations',
      title: `The loader may not write into the code of ${fileName(object)}`,
      summary: `${fileName(object)} has relocations in its code (DT_TEXTREL): it was not compiled with -fPIC. The loader has to make its code writable for them and executable again, which the system forbids (SELinux, systemd’s MemoryDenyWriteExecute).`,
    },
    {
      object: { name: object, path },
      program,
      facts: known && has ? [`${displayText(path)} has DT_TEXTREL.`] : [],
      state: !known
        ? { kind: 'unknown', text: 'The file is not here, or cannot be read.' }
        : has
          ? { kind: 'persists', text: `${displayText(path)} still has relocations in its code.` }
          : { kind: 'resolved', text: `${displayText(path)} as it is now has no relocations in its code.` },
      remedies:
        known && !has
          ? []
          : [
              {
                id: 'compile-pic',
                title: 'Compile all of it with -fPIC',
                why: 'Code that does not depend on its place needs no relocations. -Wl,-z,text makes the link editor refuse what would need them, and name the object file.',
                command: '-fPIC -Wl,-z,text',
              },
              {
                id: 'selinux-textrel',
                title: 'With SELinux: allow it for this file',
                why: 'Only where it cannot be built again: it allows code that is both writable and executable.',
                command: `sudo chcon -t textrel_shlib_t ${shellWord(path ?? object)}`,
              },
            ],
      evidence: [
        {
          rule: 'glibc elf/dl-reloc.c _dl_relocate_object',
          ...(path === null ? {} : { command: `${shellCommand(['readelf', '-dW', path])} | grep TEXTREL` }),
        },
      ],
    },
  );
}
