import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { startServer } from '../../server.ts';
import { cacheFolder, cythonBridgeProgram, findingsPage, scanMemory, shimFolder } from '../paths.ts';
import type { Verb } from '../verb.ts';

/** The language server. Which stream it speaks on is read from the arguments by vscode-languageserver itself. */
export const lspVerb: Verb = {
  name: 'lsp',
  declare: program => {
    program
      .command('lsp')
      .description('the language server')
      .option('--stdio', 'speak LSP over standard input and output')
      // What language clients add: --node-ipc, --socket=PORT, --pipe=NAME, --clientProcessId=PID.
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        const connection = createConnection(ProposedFeatures.all);
        startServer(connection, {
          shimFolder: shimFolder(),
          cacheFolder: cacheFolder(),
          findingsPage: findingsPage(),
          scanMemory: scanMemory(),
          cythonBridge: cythonBridgeProgram(),
        });
      });
  },
};
