/**
 * The main job, end to end, as an editor has it done: builds the sample workspace, starts the bundled language server, asks it
 * over LSP for an inspection, a dependency tree, a fault sweep and a lint, and prints the answers. `npm start` runs it.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import {
  type CodeAction,
  CodeActionRequest,
  type Diagnostic,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  type FullDocumentDiagnosticReport,
  ProgressType,
} from 'vscode-languageserver/node';
import { dependencyTree } from '../../language-server/protocol/dependencies.ts';
import { disassemble } from '../../language-server/protocol/disassembly.ts';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { elfOverview } from '../../language-server/protocol/elf.ts';
import { type FaultProgress, faultSweep } from '../../language-server/protocol/faults.ts';
import { doctor } from '../../language-server/protocol/tools.ts';
import { walkTree } from '../../language-server/protocol/walk-tree.ts';
import { type LanguageClient, startLanguageServer } from '../support/language-client.ts';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..');
const workspace = join(root, 'test/workspace');
const uriOf = (path: string): string => pathToFileURL(path).href;
const shown = (path: string): string => (path.startsWith(root) ? relative(root, path) : path);

async function main(): Promise<void> {
  const began = performance.now();
  heading('Building the sample workspace with make');
  await make();
  heading('Starting the language server');
  const client = await startLanguageServer({
    bundlePath: join(here, 'binary-detective.cjs'),
    initializationOptions: { trusted: true },
    cwd: workspace,
  });
  console.log(
    `  ${client.initialized.serverInfo?.name}, process ${client.process.pid}, over standard input and output`,
  );
  try {
    await showTools(client);
    await showOverview(client, systemLibrary());
    await showOverview(client, join(workspace, 'build/libcallback.so'));
    await showTree(client, join(workspace, 'build/libplugin.so'));
    await showDisassembly(client, join(workspace, 'build/libcsv.so'));
    await showLint(client);
    await showFaults(client);
  } finally {
    await client.close();
  }
  console.log(`\nDone in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
  console.log('The same in VS Code:                 npm run code');
  console.log('The same on the command line:        node dist/binary-detective.cjs --help');
}

async function make(): Promise<void> {
  try {
    const { stdout } = await promisify(execFile)('make', ['-C', workspace]);
    console.log(indented(stdout.trim()));
  } catch (error) {
    const reason = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const help = 'This needs make and a C compiler (Debian: apt-get install make gcc libc6-dev).';
    throw new Error(reason ? help : `The sample could not be built. ${help}\n${String(error)}`);
  }
}

/** The C++ library where there is one, else the C library that runs this program. */
function systemLibrary(): string {
  const maps = readFileSync('/proc/self/maps', 'utf8');
  const mapped = [...maps.matchAll(/(\/\S+\.so[.\d]*)$/gmu)].map(match => match[1] ?? '');
  const library = mapped.find(path => /stdc\+\+/u.test(path)) ?? mapped.find(path => /libc\b/u.test(path)) ?? mapped[0];
  if (library === undefined) throw new Error('This Node is linked statically; there is no library to look at.');
  return library;
}

async function showTools(client: LanguageClient): Promise<void> {
  heading('Native tools');
  const { tools } = await client.request(doctor, {});
  for (const { id, path, version, remedy } of tools) {
    console.log(path === null ? `  ${id}: missing (${remedy})` : `  ${id} ${version ?? ''} ${path}`);
  }
}

async function showOverview(client: LanguageClient, path: string): Promise<void> {
  heading(`Inspection of ${shown(path)}`);
  const { identity, tables, findings } = await client.request(elfOverview, { uri: uriOf(path) });
  console.log(`  ${displayText(identity.summary)}`);
  console.log(
    `  needs ${identity.needed.map(displayText).join(', ') || 'nothing'}; build ID ${identity.buildId ?? 'none'}`,
  );
  const counted = tables.filter(({ isScanned }) => isScanned !== true);
  console.log(`  ${counted.map(({ title, rowCount }) => `${title} ${rowCount.toLocaleString('en')}`).join(', ')}`);
  for (const { severity, message } of findings) console.log(`  ${severity}: ${displayText(message)}`);
}

async function showTree(client: LanguageClient, path: string): Promise<void> {
  heading(`Dependency tree of ${shown(path)}, as the loader will resolve it`);
  const tree = await client.request(dependencyTree, { uri: uriOf(path) });
  for (const { depth, need, object, repeated } of walkTree(tree)) {
    const target = object === undefined ? 'NOT FOUND' : `${shown(object.path)} [${need.how?.rule ?? ''}]`;
    console.log(
      `${'    '.repeat(depth)}${displayText(need.name)} => ${displayText(target)}${repeated ? ' (see above)' : ''}`,
    );
  }
  for (const { severity, message } of tree.problems) console.log(`  ${severity}: ${displayText(message)}`);
}

async function showDisassembly(client: LanguageClient, path: string): Promise<void> {
  const symbol = 'csv_open';
  heading(`Disassembly of ${symbol} in ${shown(path)}`);
  const { text, command } = await client.request(disassemble, { uri: uriOf(path), symbol });
  console.log(`  ${command}`);
  const lines = text
    .trimEnd()
    .split('\n')
    .slice(text.slice(0, text.indexOf(`<${symbol}>:`)).split('\n').length - 1);
  console.log(indented(lines.slice(0, 8).join('\n')));
  if (lines.length > 8) console.log(`  … ${lines.length - 8} more lines`);
}

async function showLint(client: LanguageClient): Promise<void> {
  for (const name of readdirSync(workspace).filter(entry => entry.endsWith('.pyx'))) {
    const path = join(workspace, name);
    heading(`Cython lint of ${shown(path)}`);
    const uri = uriOf(path);
    const text = readFileSync(path, 'utf8');
    const textDocument = { uri, languageId: 'cython', version: 1, text };
    await client.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
    const report = await client.connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument: { uri } });
    for (const diagnostic of (report as FullDocumentDiagnosticReport).items) {
      const { line, character } = diagnostic.range.start;
      console.log(`  ${name}:${line + 1}:${character + 1} ${diagnostic.message}`);
      for (const { title } of await fixesOf(client, uri, diagnostic)) console.log(`    fix: ${title}`);
    }
  }
}

async function fixesOf(client: LanguageClient, uri: string, diagnostic: Diagnostic): Promise<readonly CodeAction[]> {
  const params = { textDocument: { uri }, range: diagnostic.range, context: { diagnostics: [diagnostic] } };
  const actions = await client.connection.sendRequest(CodeActionRequest.type, params);
  return (actions ?? []).filter((action): action is CodeAction => 'edit' in action);
}

async function showFaults(client: LanguageClient): Promise<void> {
  heading('malloc made to fail at every call of build/inventory data/stock.csv');
  let done = 0;
  const token = 'faults';
  const subscription = client.connection.onProgress(new ProgressType<FaultProgress>(), token, progress => {
    if (progress.kind === 'clean') {
      console.log(`  the clean run makes ${progress.clean.allocations} allocations; ${progress.points} runs`);
    } else if (progress.kind === 'run') {
      done += 1;
      if (done % 25 === 0) console.log(`  ${done} runs…`);
    }
  });
  const program = { command: ['build/inventory', 'data/stock.csv'], cwd: workspace };
  const sweep = await client.request(faultSweep, { program, partialResultToken: token });
  subscription.dispose();
  const counts = Object.entries(sweep.verdicts).filter(([, count]) => count > 0);
  console.log(`  ${counts.map(([verdict, count]) => `${count} ${verdict}`).join(', ')}`);
  for (const { verdict, ns, message, crashStack } of sweep.groups) {
    console.log(`  ${verdict}, n = ${ns.join(', ')}: ${displayText(message)}`);
    for (const { function: name, file, line } of crashStack.slice(0, 3)) {
      console.log(`    in ${name ?? '??'}${file === null ? '' : ` (${basename(file)}:${line ?? '?'})`}`);
    }
  }
}

function heading(text: string): void {
  console.log(`\n── ${text}`);
}

function indented(text: string): string {
  return text.replace(/^/gmu, '  ');
}

if (!existsSync(join(here, 'binary-detective.cjs'))) throw new Error('Build first: npm run build.');
await main();
