import type * as vscode from 'vscode';

/** What the Testing view was told about one test. VS Code lets nobody read that back. */
export interface FaultTestResult {
  readonly test: vscode.TestItem;
  readonly outcome: 'passed' | 'failed' | 'skipped' | 'errored';
  readonly message: vscode.TestMessage | undefined;
}

/** A test run whose results are told to listeners as well. */
export interface ReportedRun {
  readonly token: vscode.CancellationToken;
  started(test: vscode.TestItem): void;
  passed(test: vscode.TestItem, durationMs: number): void;
  /** Without a message where the tests below say why. */
  failed(test: vscode.TestItem, message: vscode.TestMessage | undefined, durationMs: number): void;
  skipped(test: vscode.TestItem): void;
  errored(test: vscode.TestItem, message: vscode.TestMessage): void;
  /** As a terminal takes it. */
  appendOutput(output: string, test: vscode.TestItem): void;
  end(): void;
}

export function reportResults(run: vscode.TestRun, results: vscode.EventEmitter<FaultTestResult>): ReportedRun {
  return {
    token: run.token,
    started: test => run.started(test),
    passed: (test, durationMs) => {
      run.passed(test, durationMs);
      results.fire({ test, outcome: 'passed', message: undefined });
    },
    failed: (test, message, durationMs) => {
      run.failed(test, message ?? [], durationMs);
      results.fire({ test, outcome: 'failed', message });
    },
    skipped: test => {
      run.skipped(test);
      results.fire({ test, outcome: 'skipped', message: undefined });
    },
    errored: (test, message) => {
      run.errored(test, message);
      results.fire({ test, outcome: 'errored', message });
    },
    appendOutput: (output, test) => run.appendOutput(output, undefined, test),
    end: () => run.end(),
  };
}
