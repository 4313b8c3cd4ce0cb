/** Tools print for a program to read: no translations, no colours, the same bytes whoever the person is. */
export function toolEnvironment(server: NodeJS.ProcessEnv, changes: NodeJS.ProcessEnv | undefined): NodeJS.ProcessEnv {
  return { ...server, LC_ALL: 'C.UTF-8', LANGUAGE: undefined, GCC_COLORS: undefined, ...changes };
}

/**
 * A program of the person's own runs as in their terminal, without what VS Code puts into the environment of its own helpers:
 * with ELECTRON_RUN_AS_NODE, for one, every Electron program that it starts would be a bare Node.
 */
export function programEnvironment(
  server: NodeJS.ProcessEnv,
  changes: NodeJS.ProcessEnv | undefined,
): NodeJS.ProcessEnv {
  const own = Object.entries(server).filter(([name]) => !/^(?:ELECTRON_RUN_AS_NODE$|VSCODE_)/u.test(name));
  return { ...Object.fromEntries(own), ...changes };
}
