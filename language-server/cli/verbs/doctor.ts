import type { ToolStatus } from '../../protocol/tools.ts';
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
  if (format === 'json') printer.json({ schema: 'binary-detective/doctor@1', tools });
  else for (const tool of tools) printTool(printer, tool);
  return tools.some(tool => tool.path === null) ? exitCodes.findings : exitCodes.clean;
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
