import { homedir } from 'node:os';
import { basename, sep } from 'node:path';

/** What the variables of VS Code (code.visualstudio.com/docs/reference/variables-reference) stand for. */
export interface VariableScope {
  readonly folder: string;
  readonly folders: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, string>>;
}

/** A text with its variables replaced, or a sentence about the first that cannot be. */
export type Expanded = { readonly text: string } | { readonly problem: string };

export function expandVariables(text: string, scope: VariableScope): Expanded {
  let problem: string | undefined;
  const expanded = text.replace(/\$\{([^}]*)\}/gu, (whole, name: string) => {
    const value = variableValue(name, scope);
    if (value !== undefined) return value;
    problem ??= whyNot(whole, name);
    return whole;
  });
  return problem === undefined ? { text: expanded } : { problem };
}

function variableValue(name: string, { folder, folders, config }: VariableScope): string | undefined {
  const colon = name.indexOf(':');
  if (colon < 0) {
    switch (name) {
      case 'workspaceFolder':
      case 'workspaceRoot':
      case 'cwd':
        return folder;
      case 'workspaceFolderBasename':
      case 'workspaceRootFolderName':
        return basename(folder);
      case 'userHome':
        return homedir();
      case 'pathSeparator':
      case '/':
        return sep;
      default:
        return undefined;
    }
  }
  const argument = name.slice(colon + 1);
  switch (name.slice(0, colon)) {
    case 'workspaceFolder':
      return own(folders, argument);
    case 'workspaceFolderBasename': {
      const named = own(folders, argument);
      return named === undefined ? undefined : basename(named);
    }
    // As VS Code does: a variable that is not set is empty.
    case 'env':
      return process.env[argument] ?? '';
    case 'config':
      return own(config, argument);
    default:
      return undefined;
  }
}

function own(values: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function whyNot(whole: string, name: string): string {
  const [kind = ''] = name.split(':');
  switch (kind) {
    case 'input':
    case 'command':
      return `${whole} is only known when somebody is asked or a command runs; name the value itself in binaryDetective.faults.targets.`;
    case 'workspaceFolder':
    case 'workspaceFolderBasename':
      return `${whole}: no folder of this workspace has that name.`;
    case 'config':
      return `${whole}: there is no such setting with a text in it.`;
    default:
      if (/^(?:file|relativeFile|selectedText|lineNumber|columnNumber|fileWorkspaceFolder)/u.test(name)) {
        return `${whole} depends on the editor that is open; name the file itself in binaryDetective.faults.targets.`;
      }
      return `${whole} is not a variable that is known here.`;
  }
}
