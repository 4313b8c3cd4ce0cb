import { thisLoader } from '../../loader-trace/this-loader.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { LoaderStatus, ToolStatus } from '../../protocol/tools.ts';
import { formatOption } from '../options.ts';
import type { Printer } from '../printer.ts';
import { exitCodes, type Verb, type VerbContext } from '../verb.ts';

export const doctorVerb: Verb = {
  name: 'doctor',
  declare: (program, run) => {
    program
      .command('doctor')
      .description('which native tools are here, which features they switch on, how to get the missing ones')
      .addOption(formatOption())
      .action(({ format }) => run(runDoctor, format));
  },
};

async function runDoctor({ door, printer, format }: VerbContext): Promise<number> {
  const tools = await door.report();
  const loader = await thisLoader();
  if (format === 'json') printer.json({ schema: 'binary-detective/doctor@1', tools, loader });
  else {
    for (const tool of tools) printTool(printer, tool);
    if (loader !== null) printLoader(printer, loader);
  }
  return tools.some(tool => tool.path === null) ? exitCodes.findings : exitCodes.clean;
}

/** Not counted as missing: where there is another loader, it is the one that belongs there. */
function printLoader(printer: Printer, { path, kind, version, traces }: LoaderStatus): void {
  const purpose = traces ? 'verification of trees, loader trace' : 'verification of trees; it has no LD_DEBUG to trace';
  const name = kind === 'unknown' ? 'the loader' : `the loader of ${kind}`;
  printer.line(`${printer.style('green', '✓')} ${name} ${version ?? ''}  ${displayText(path)}  (${purpose})`);
}

function printTool(printer: Printer, { id, purpose, path, version, searched, remedy }: ToolStatus): void {
  if (path !== null) {
    const of = version === null ? '' : ` ${version}`;
    printer.line(`${printer.style('green', '✓')} ${id}${of}  ${path}  (${purpose})`);
    return;
  }
  printer.line(`${printer.style('red', '✗')} ${id} is missing, so there is no ${purpose}. Get it with: ${remedy}`);
  for (const place of searched) printer.line(`    looked in ${place}`);
}
