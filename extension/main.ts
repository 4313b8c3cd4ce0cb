import * as vscode from 'vscode';
import { registerArrayViewer } from './array-viewer/register.ts';
import type { ArrayViewerSession } from './array-viewer/session.ts';
import { createLanguageServer } from './client.ts';
import { registerServerControls } from './client-controls.ts';
import { registerCompare } from './compare/register.ts';
import { registerCython } from './cython/register.ts';
import { registerDependencyGraph } from './dependency-graph/register.ts';
import type { DependencyGraphSession } from './dependency-graph/session.ts';
import type { DependencyNode } from './dependency-tree/model.ts';
import { registerDependencyTree } from './dependency-tree/register.ts';
import { registerDisassembly } from './disassembly/register.ts';
import { registerElfEditor } from './elf-editor/register.ts';
import type { ElfEditorSession } from './elf-editor/session.ts';
import { registerEnvironment } from './environment/register.ts';
import { registerExplain } from './explain/register.ts';
import { type FaultInjection, registerFaultInjection } from './fault-injection/register.ts';
import { createFileProblems } from './file-problems.ts';
import type { LanguageServer } from './language-server.ts';
import { type LoaderTraceFeature, registerLoaderTrace } from './loader-trace/register.ts';
import { registerLoaderVerify } from './loader-verify/register.ts';
import { registerRawText } from './raw-text/register.ts';
import { registerScan } from './scan/register.ts';
import type { Services } from './services.ts';
import { registerStreamedTexts } from './streamed-text/register.ts';
import { registerToolReport } from './tools/register.ts';
import { registerTwins } from './twins/register.ts';
import { registerWatchedFiles } from './watched-files/register.ts';
import type { WhoNeedsNode } from './who-needs/model.ts';
import { registerWhoNeeds } from './who-needs/register.ts';

/** What other extensions (and the tests in a real VS Code) can see of the views, which VS Code itself does not let be read. */
export interface BinaryDetectiveApi {
  readonly dependencyTree: vscode.TreeDataProvider<DependencyNode>;
  readonly dependencyGraphs: () => readonly DependencyGraphSession[];
  readonly whoNeeds: vscode.TreeDataProvider<WhoNeedsNode>;
  readonly faultTests: FaultInjection;
  readonly loaderTrace: LoaderTraceFeature;
  /** What is underlined in terminals. */
  readonly explainLinks: vscode.TerminalLinkProvider;
  readonly elfEditors: () => readonly ElfEditorSession[];
  readonly arrayViewers: () => readonly ArrayViewerSession[];
  /** Asks the language server: any request of language-server/protocol, answered or refused as for ourselves. */
  readonly request: LanguageServer['request'];
}

/** Starts nothing: the language server is started by the first thing that needs it. */
export function activate(context: vscode.ExtensionContext): BinaryDetectiveApi {
  const began = performance.now();
  const log = vscode.window.createOutputChannel('Binary Detective', { log: true });
  const server = createLanguageServer(context, log);
  context.subscriptions.push(log, server);
  const services: Services = { context, log, server };

  registerServerControls(services);
  registerToolReport(services);
  const texts = registerStreamedTexts(services);
  const disassembly = registerDisassembly(services, texts);
  const problems = createFileProblems(services);
  context.subscriptions.push(problems);
  const elfEditors = registerElfEditor(services, disassembly, problems);
  registerWatchedFiles(services, problems);
  registerRawText(services, texts);
  registerCython(services, texts);
  registerTwins(services);
  registerCompare(services);
  const explainLinks = registerExplain(services);
  registerEnvironment(services);
  const arrayViewers = registerArrayViewer(services);
  const dependencyGraphs = registerDependencyGraph(services);
  const dependencyTree = registerDependencyTree(services, dependencyGraphs);
  registerScan(services, problems);
  const whoNeeds = registerWhoNeeds(services);
  const faultTests = registerFaultInjection(services);
  const loaderTrace = registerLoaderTrace(services);
  registerLoaderVerify(services);

  log.info(`Activated in ${(performance.now() - began).toFixed(1)} ms.`);
  return {
    dependencyTree,
    dependencyGraphs: dependencyGraphs.sessions,
    whoNeeds,
    explainLinks,
    faultTests,
    loaderTrace,
    elfEditors,
    arrayViewers,
    request: server.request,
  };
}
