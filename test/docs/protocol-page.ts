import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export function protocolPagePath(root: string): string {
  return join(root, 'docs/protocol.md');
}

/** Files of the contract that are no messages of the language server. */
const otherFiles = new Set([
  'array-viewer.ts',
  'array-viewer-texts.ts',
  'dependency-graph.ts',
  'dependency-graph-texts.ts',
  'display-text.ts',
  'elf-editor.ts',
  'elf-editor-texts.ts',
  'how-found-text.ts',
  'member.ts',
  'method.ts',
  'severity-by-code.ts',
  'tree-graph.ts',
  'tree-paths.ts',
  'tree-filter.ts',
  'walk-tree.ts',
]);

const introduction = `# The protocol

The language server speaks LSP 3.17 over standard input and output (\`binary-detective lsp --stdio\`), a pipe, a socket or
Node's IPC. This page is made from \`language-server/protocol/\` (\`npm run docs\`), and a test holds the two equal.

From LSP it has: diagnostics, by pull (\`textDocument/diagnostic\`, for an ELF file as well, which need not be open) and by
push for clients that do not pull, each with a link to the explanation of its code; to a client that gives back the
\`resultId\` of an ELF file (empty before the first), also what a build has lost of the protections of the one before; quick fixes and
\`source.fixAll.binaryDetective\` (\`textDocument/codeAction\`); settings by \`workspace/configuration\` or
\`workspace/didChangeConfiguration\`, section \`binaryDetective\`; cancellation of every request.

Every failure that a person can act on is a \`ResponseError\` whose \`message\` is a sentence for them, whose \`code\` is one of
the numbers below, and whose \`data\` is an \`ErrorData\`. A client shows the sentence and, where there is one, the remedy.
`;

/**
 * The page about the wire contract, from the sources of the contract.
 *
 * @param root The folder of the project.
 */
export function protocolPage(root: string): string {
  const folder = join(root, 'language-server/protocol');
  const names = readdirSync(folder)
    .filter(name => name.endsWith('.ts') && !otherFiles.has(name))
    .sort((a, b) => weight(a) - weight(b) || a.localeCompare(b));
  return `${introduction}\n${names.map(name => section(name, readFileSync(join(folder, name), 'utf8'))).join('\n')}`;
}

/** Messages before the types that they share. */
function weight(name: string): number {
  return ['errors.ts', 'finding.ts'].includes(name) ? 1 : 0;
}

function section(name: string, source: string): string {
  const methods = [
    ...source.matchAll(
      /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport const \w+ = (request|notification)Method<([^(]+)>\(\s*'([^']+)',?\s*\)/gu,
    ),
  ].map(([, comment = '', kind = '', types = '', method = '']) => {
    const signature = kind === 'request' ? types.replace(/, /u, ' → ') : types;
    return `### \`${method}\`\n\n*${kind}* \`${signature.replace(/\s+/gu, ' ')}\`\n\n${prose(comment)}\n`;
  });
  const declarations = source
    .replace(/^import[^;]*;\n/gmu, '')
    .replace(/(?:\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?export const \w+ = (?:request|notification)Method[\s\S]*?;\n/gu, '')
    .replace(/(?:\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?export function [\s\S]*?\n\}\n/gu, '')
    .replace(/\n{3,}/gu, '\n\n')
    .trim();
  const title = `## ${name.replace(/\.ts$/u, '').replace(/^./u, letter => letter.toUpperCase())}`;
  return [title, ...methods, ...(declarations === '' ? [] : [`\`\`\`ts\n${declarations}\n\`\`\`\n`])]
    .join('\n\n')
    .replace(/\n{3,}/gu, '\n\n');
}

function prose(comment: string): string {
  return comment
    .split('\n')
    .map(line => line.replace(/^\s*\* ?/u, ''))
    .join('\n')
    .replace(/\{@link ([\w.]+)\}/gu, '`$1`')
    .trim();
}
