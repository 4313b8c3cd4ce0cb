/** Writes the pages that are made from sources. `npm run docs` runs it, in the folder of the project. */
import { writeFileSync } from 'node:fs';
import { protocolPage, protocolPagePath } from './protocol-page.ts';

writeFileSync(protocolPagePath(process.cwd()), protocolPage(process.cwd()));
