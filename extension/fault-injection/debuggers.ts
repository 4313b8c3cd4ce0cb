import type { FaultDebugLaunch } from '../../language-server/protocol/fault-debug.ts';

/** Debuggers of C and C++ programs by the `type` of their launch configurations, in the order in which they are preferred. */
export const debuggerTypes = ['cppdbg', 'lldb', 'lldb-dap', 'gdb'] as const;

export type DebuggerType = (typeof debuggerTypes)[number];

/** What the setting `binaryDetective.faults.debugger` says. */
export type DebuggerChoice = DebuggerType | 'terminal';

export interface LaunchConfiguration {
  readonly type: string;
  readonly request: 'launch';
  readonly name: string;
  readonly [attribute: string]: unknown;
}

/**
 * The debugger to use: the one that the setting names, else the first that an extension brings, else gdb in a terminal.
 * @param setting As the person has it; anything at all.
 * @param installed The `type`s of all debuggers that extensions contribute.
 */
export function chooseDebugger(setting: unknown, installed: ReadonlySet<string>): DebuggerChoice {
  if (setting === 'terminal') return setting;
  const named = debuggerTypes.find(type => type === setting);
  return named ?? debuggerTypes.find(type => installed.has(type)) ?? 'terminal';
}

/** A launch configuration of one debugger for the program and its variables. Each has names of its own for the same things. */
export function launchConfiguration(
  type: DebuggerType,
  name: string,
  { program, args, cwd, env, stdin, shellArguments }: FaultDebugLaunch,
): LaunchConfiguration {
  const common = { type, request: 'launch', name, program, cwd } as const;
  const pairs = Object.entries(env);
  switch (type) {
    // cpptools. gdb starts the program through a shell, which understands "<".
    case 'cppdbg':
      return {
        ...common,
        args: [...args, ...(stdin === null ? [] : ['<', stdin])],
        environment: pairs.map(([variable, value]) => ({ name: variable, value })),
        MIMode: 'gdb',
        externalConsole: false,
        stopAtEntry: false,
        setupCommands: [{ text: '-enable-pretty-printing', ignoreFailures: true }],
      };
    // CodeLLDB.
    case 'lldb':
      return { ...common, args, env, ...(stdin !== null && { stdio: [stdin, null, null] }) };
    // LLVM's own: older ones take a list of variables only.
    case 'lldb-dap':
      return {
        ...common,
        args,
        env: pairs.map(([variable, value]) => `${variable}=${value}`),
        ...(stdin !== null && { preRunCommands: [`settings set target.input-path ${lldbWord(stdin)}`] }),
      };
    // gdb's own adapter, and the MI extension of the same name, which calls it "target" and "arguments".
    case 'gdb':
      return {
        ...common,
        args: stdin === null ? args : shellArguments,
        env,
        target: program,
        arguments: shellArguments,
        autorun: ['set breakpoint pending on'],
      };
  }
}

/** As LLDB's command line reads one argument. */
function lldbWord(text: string): string {
  return `"${text.replace(/["\\`]/gu, String.raw`\$&`)}"`;
}
