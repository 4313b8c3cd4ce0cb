import { machine } from '../names/machines.ts';

/** `asm-generic/signal.h`, and so most machines; place 0 is signal 1. */
const generic =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS';
const mips =
  'HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM USR1 USR2 CHLD PWR WINCH URG IO STOP TSTP CONT TTIN TTOU VTALRM PROF XCPU XFSZ';
const sparc =
  'HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM URG STOP TSTP CONT CHLD TTIN TTOU IO XCPU XFSZ VTALRM PROF WINCH PWR USR1 USR2';
const parisc =
  'HUP INT QUIT ILL TRAP ABRT STKFLT FPE KILL BUS SEGV XCPU PIPE ALRM TERM USR1 USR2 CHLD PWR VTALRM PROF IO WINCH STOP TSTP CONT TTIN TTOU URG XFSZ SYS';

const namesOfMachine: ReadonlyMap<number, readonly string[]> = new Map<number, readonly string[]>([
  [machine.mips, mips.split(' ')],
  [machine.mipsLittleEndian, mips.split(' ')],
  [machine.sparc, sparc.split(' ')],
  [machine.sparc32plus, sparc.split(' ')],
  [machine.sparcV9, sparc.split(' ')],
  [machine.alpha, sparc.split(' ')],
  [machine.parisc, parisc.split(' ')],
]);
const genericNames: readonly string[] = generic.split(' ');

/** "SIGSEGV"; "SIG42" for real-time signals and those that do not exist. */
export function signalName(machineCode: number, number: number): string {
  const name = (namesOfMachine.get(machineCode) ?? genericNames)[number - 1];
  return `SIG${name ?? number}`;
}

/** Meanings of `si_code` (`asm-generic/siginfo.h`), for all signals. */
const commonCodes: Readonly<Record<number, string>> = {
  0: 'SI_USER (sent by kill)',
  128: 'SI_KERNEL (sent by the kernel)',
  [-1]: 'SI_QUEUE (sent by sigqueue)',
  [-2]: 'SI_TIMER (a timer ran out)',
  [-3]: 'SI_MESGQ (a message arrived)',
  [-4]: 'SI_ASYNCIO (asynchronous I/O ended)',
  [-5]: 'SI_SIGIO (queued SIGIO)',
  [-6]: 'SI_TKILL (sent to the thread, as abort and raise do)',
};

/** By signal; place 0 is code 1. */
const codes: Readonly<Record<string, readonly string[]>> = {
  SIGSEGV: [
    'SEGV_MAPERR (nothing is mapped at the address)',
    'SEGV_ACCERR (the mapping does not allow the access)',
    'SEGV_BNDERR (out of bounds)',
    'SEGV_PKUERR (protection key)',
    'SEGV_ACCADI',
    'SEGV_ADIDERR',
    'SEGV_ADIPERR',
    'SEGV_MTEAERR (memory tag, asynchronous)',
    'SEGV_MTESERR (memory tag)',
    'SEGV_CPERR (control protection: shadow stack or branch target)',
  ],
  SIGBUS: [
    'BUS_ADRALN (not aligned)',
    'BUS_ADRERR (no such physical address, or behind the end of a mapped file)',
    'BUS_OBJERR (hardware)',
    'BUS_MCEERR_AR (memory error)',
    'BUS_MCEERR_AO (memory error)',
  ],
  SIGILL: [
    'ILL_ILLOPC (no such instruction)',
    'ILL_ILLOPN (operand)',
    'ILL_ILLADR (addressing mode)',
    'ILL_ILLTRP (trap)',
    'ILL_PRVOPC (privileged instruction)',
    'ILL_PRVREG (privileged register)',
    'ILL_COPROC (coprocessor)',
    'ILL_BADSTK (stack)',
  ],
  SIGFPE: [
    'FPE_INTDIV (integer division by zero)',
    'FPE_INTOVF (integer overflow)',
    'FPE_FLTDIV (division by zero)',
    'FPE_FLTOVF (overflow)',
    'FPE_FLTUND (underflow)',
    'FPE_FLTRES (inexact)',
    'FPE_FLTINV (invalid operation)',
    'FPE_FLTSUB (subscript)',
  ],
  SIGTRAP: ['TRAP_BRKPT (breakpoint)', 'TRAP_TRACE (single step)', 'TRAP_BRANCH', 'TRAP_HWBKPT (watchpoint)'],
  SIGSYS: ['SYS_SECCOMP (refused by a seccomp filter)'],
};

export function signalCodeName(signal: string, code: number): string | null {
  return commonCodes[code] ?? codes[signal]?.[code - 1] ?? null;
}
