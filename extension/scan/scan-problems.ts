import * as vscode from 'vscode';
import { diagnosticSource } from '../../language-server/protocol/cython.ts';
import { displayText } from '../../language-server/protocol/display-text.ts';
import type { Finding, Severity } from '../../language-server/protocol/finding.ts';
import type { ScanAnswer, ScanFinding, ScannedFile } from '../../language-server/protocol/scan.ts';
import type { FileProblems } from '../file-problems.ts';

/** What a scan has found, under Problems. */
export interface ScanProblems extends vscode.Disposable {
  /** Files as they are found; what earlier scans found stands until {@link replace}. */
  add(files: readonly ScannedFile[]): void;
  /** All that a scan has found, instead of what was shown. The number of files with entries. */
  replace(answer: ScanAnswer): number;
  clear(): void;
  has(uri: vscode.Uri): boolean;
}

interface Entry {
  readonly uri: vscode.Uri;
  /** What the editor of the file shows as well. */
  readonly ofTree: vscode.Diagnostic[];
  readonly ofScan: vscode.Diagnostic[];
}

/**
 * A collection of its own, so that a scan and an open editor do not take each other's entries away. What an open file shows by
 * itself is left out here: nothing stands there twice.
 */
export function createScanProblems(fileProblems: FileProblems): ScanProblems {
  const collection = vscode.languages.createDiagnosticCollection('binaryDetective.scan');
  const entries = new Map<string, Entry>();
  const publish = ({ uri, ofTree, ofScan }: Entry): void => {
    const shown = fileProblems.isShown(uri) ? ofScan : [...ofTree, ...ofScan];
    if (shown.length === 0) collection.delete(uri);
    else collection.set(uri, shown);
  };
  const subscription = fileProblems.onDidChangeShown(uri => {
    const entry = entries.get(uri.toString());
    if (entry !== undefined) publish(entry);
  });
  const add = (files: readonly ScannedFile[], links: ScanAnswer['links'] = {}): void => {
    for (const file of files) {
      const ofTree = file.problems.filter(isProblem).map(problem => diagnostic(problem, links));
      const uri = vscode.Uri.parse(file.uri, true);
      const key = uri.toString();
      if (ofTree.length > 0) entries.set(key, { uri, ofTree, ofScan: entries.get(key)?.ofScan ?? [] });
    }
  };
  const addFindings = (findings: readonly ScanFinding[], links: ScanAnswer['links']): void => {
    for (const finding of findings) {
      for (const copy of finding.copies) {
        const uri = vscode.Uri.parse(copy.uri, true);
        const known = entries.get(uri.toString());
        const ofScan = [...(known?.ofScan ?? []), copyDiagnostic(finding, copy.uri, links)];
        entries.set(uri.toString(), { uri, ofTree: known?.ofTree ?? [], ofScan });
      }
    }
  };
  return {
    add(files) {
      add(files);
      for (const { uri } of files) {
        const entry = entries.get(vscode.Uri.parse(uri, true).toString());
        if (entry !== undefined) publish(entry);
      }
    },
    replace({ files, findings, links }) {
      const before = [...entries.values()];
      entries.clear();
      add(files, links);
      addFindings(findings, links);
      for (const { uri } of before) if (!entries.has(uri.toString())) collection.delete(uri);
      entries.forEach(publish);
      return entries.size;
    },
    clear() {
      entries.clear();
      collection.clear();
    },
    has: uri => entries.has(uri.toString()),
    dispose() {
      subscription.dispose();
      collection.dispose();
    },
  };
}

/** What only tells about a file, such as that it is for another machine, is no problem of it. */
function isProblem({ severity }: Finding): boolean {
  return severity === 'error' || severity === 'warning';
}

const severities: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
  hint: vscode.DiagnosticSeverity.Hint,
};

/** A binary has no lines: what is wrong with it stands at its beginning. */
const beginning = new vscode.Range(0, 0, 0, 0);

function diagnostic({ code, severity, message }: Finding, links: ScanAnswer['links']): vscode.Diagnostic {
  const item = new vscode.Diagnostic(beginning, displayText(message), severities[severity]);
  const link = links[code];
  item.source = diagnosticSource;
  item.code = link === undefined ? code : { value: code, target: vscode.Uri.parse(link) };
  return item;
}

function copyDiagnostic(finding: ScanFinding, own: string, links: ScanAnswer['links']): vscode.Diagnostic {
  const item = diagnostic(finding, links);
  item.relatedInformation = finding.copies
    .filter(({ uri }) => uri !== own)
    .map(({ uri, buildId, sha256 }) => {
      const identity = buildId === null ? `SHA-256 ${sha256 ?? '?'}` : `build ID ${buildId}`;
      const place = new vscode.Location(vscode.Uri.parse(uri, true), beginning);
      return new vscode.DiagnosticRelatedInformation(place, identity);
    });
  return item;
}
