import { runCommandLine } from './cli/run.ts';

void runCommandLine(process.argv.slice(2)).then(exitCode => {
  // Not process.exit: what was printed into a pipe may still be on its way.
  process.exitCode = exitCode;
});
