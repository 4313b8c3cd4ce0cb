import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { instructionAtAddress, type Listing, lineText } from '../../language-server/disassembly/listing.ts';
import { parseListing } from '../../language-server/disassembly/parse-listing.ts';
import { destinationOf, instructionOf } from '../../language-server/disassembly/places.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/**
 * Small programs for other machines, assembled here: what the model makes of GNU's listing and of LLVM's is the same program,
 * and it is the one that readelf and the source tell of.
 */
const folder = temporaryFolder();

interface Machine {
  readonly prefix: string;
  readonly assemblerOptions?: readonly string[];
  readonly llvmOptions?: readonly string[];
  /** Some instructions of `first`, between its start and its label `inside`. */
  readonly body: string;
  /** A jump to `inside` and a call of `second`. */
  readonly jump: string;
  readonly call: string;
  readonly leave: string;
  /** False: LLVM before version 15 prints distances instead of addresses. */
  readonly hasTargetsOfLlvm?: boolean;
}

const machines: readonly Machine[] = [
  {
    prefix: 'aarch64-linux-gnu',
    body: 'stp x29, x30, [sp, #-16]!\nadd x0, x0, #4095\nfmov d0, #1.0',
    jump: 'cbz x0, inside',
    call: 'bl second',
    leave: 'ret',
  },
  {
    prefix: 'arm-linux-gnueabihf',
    assemblerOptions: ['-mthumb', '-march=armv7-a'],
    llvmOptions: ['--triple=thumbv7-linux-gnueabihf'],
    body: '.syntax unified\n.thumb\npush {r4, lr}\nmovw r1, #1234\nadds r0, r0, r1',
    jump: 'beq inside',
    call: 'bl second',
    leave: 'bx lr',
  },
  {
    prefix: 'riscv64-linux-gnu',
    llvmOptions: ['--mattr=+c,+m,+a,+f,+d'],
    body: 'addi sp, sp, -16\nsd ra, 8(sp)\nmul a0, a1, a2',
    jump: 'beqz a0, inside',
    call: 'jal second',
    leave: 'ret',
  },
  {
    prefix: 'mips-linux-gnu',
    body: '.set noreorder\naddiu $sp, $sp, -16\nsw $ra, 12($sp)\nlui $a0, 0x12',
    // Both leave out zeros, which "nop" is here, though not the same ones.
    jump: 'beqz $v0, inside\naddiu $v0, $v0, 1',
    call: 'jal second\naddiu $v0, $v0, 2',
    leave: 'jr $ra\naddiu $v0, $v0, 3',
    hasTargetsOfLlvm: false,
  },
  {
    prefix: 'powerpc64le-linux-gnu',
    body: 'mflr 0\nstd 0, 16(1)\naddi 3, 3, -5',
    jump: 'beq inside',
    call: 'bl second',
    leave: 'blr',
  },
  {
    prefix: 's390x-linux-gnu',
    body: 'stmg %r14, %r15, 112(%r15)\nlhi %r2, 4\nar %r2, %r3',
    jump: 'je inside',
    call: 'brasl %r14, second',
    leave: 'br %r14',
  },
];

interface Program {
  readonly path: string;
  readonly gnu: Listing;
  readonly llvm: Listing;
}

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] });
}

function build({ prefix, assemblerOptions = [], llvmOptions = [], body, jump, call, leave }: Machine): Program {
  const path = join(folder, prefix);
  const type = prefix.startsWith('arm') ? '%function' : '@function';
  writeFileSync(
    `${path}.s`,
    [
      '.text\n.globl first, second',
      `.type first, ${type}\n.type second, ${type}`,
      `first:\n${body}\n${jump}\n${call}\ninside:\n${body}\n${call}\n${leave}\n.size first, .-first`,
      `.balign 16\nsecond:\n${leave}\n.size second, .-second`,
      '',
    ].join('\n'),
  );
  run(`${prefix}-as`, ...assemblerOptions, '-o', `${path}.o`, `${path}.s`);
  run(`${prefix}-ld`, '-e', 'first', '-o', path, `${path}.o`);
  const select = ['-d', '-j', '.text', path];
  return {
    path,
    gnu: parseListing(run(`${prefix}-objdump`, ...select)),
    llvm: parseListing(run('llvm-objdump', ...llvmOptions, ...select)),
  };
}

/** "address → target" of each branch. */
function branches(listing: Listing): readonly string[] {
  return Array.from(listing.instructionAddresses).flatMap((address, index) => {
    const target = destinationOf(listing, index);
    return target?.isBranch === true ? [`${address.toString(16)} → ${target.address?.toString(16)}`] : [];
  });
}

describe.each(machines)('$prefix', machine => {
  const program = build(machine);
  const writers = [
    ['GNU', program.gnu],
    ['LLVM', program.llvm],
  ] as const;

  test('GNU and LLVM list the same instructions', () => {
    expect(program.gnu.instructionLines.length).toBeGreaterThan(10);
    expect(program.llvm.instructionAddresses).toEqual(program.gnu.instructionAddresses);
    const bytes = (listing: Listing): readonly (number | undefined)[] =>
      Array.from(listing.instructionLines, (_, index) => instructionOf(listing, index).bytes?.count);
    expect(bytes(program.llvm)).toEqual(bytes(program.gnu));
  });

  test('GNU and LLVM list the same branches', () => {
    expect(branches(program.gnu).length).toBe(3);
    const isOld = machine.hasTargetsOfLlvm === false && branches(program.llvm).length === 0;
    expect(branches(program.llvm)).toEqual(isOld ? [] : branches(program.gnu));
  });

  test.each(writers)('functions of %s are those of the symbol table', (_, listing) => {
    const expected = [
      ...run('readelf', '-Ws', program.path).matchAll(/: ([0-9a-f]+) +(\d+) FUNC .* (first|second)$/gmu),
    ];
    expect(expected.length).toBe(2);
    for (const [, value = '', size = '', name] of expected) {
      // The lowest bit of a Thumb function's address is its mode (ARM ELF ABI, section 5.5.3).
      const address = BigInt(`0x${value}`) & ~(machine.prefix.startsWith('arm') ? 1n : 0n);
      const listed = listing.functions.find(found => found.name === name);
      expect(listed?.address).toBe(address);
      const ends = Array.from(
        listing.instructionAddresses,
        (at, index) => at + BigInt(instructionOf(listing, index).bytes?.count ?? 0),
      );
      expect(ends).toContain(address + BigInt(size));
    }
  });

  test.each(writers)('every branch of %s leads to the line with its address', (_, listing) => {
    const [section] = listing.sections.filter(({ name }) => name === '.text');
    for (let index = 0; index < listing.instructionLines.length; index += 1) {
      const target = destinationOf(listing, index);
      if (section === undefined || target?.isBranch !== true || target.address === null) continue;
      expect(target.instruction).toBe(instructionAtAddress(listing, section, target.address));
      const line = lineText(listing, listing.instructionLines[target.instruction] ?? 0);
      expect(line.trimStart()).toMatch(new RegExp(`^${target.address.toString(16)}:`, 'u'));
    }
  });
});
