import { type Connection, DidChangeConfigurationNotification, type InitializeParams } from 'vscode-languageserver/node';
import { defaultSettings, parseSettings, type Settings } from './settings.ts';

const section = 'binaryDetective';
/** A window has few folders, and settings differ between folders, not files; beyond this it is cheaper to ask again. */
const rememberedScopes = 500;

/** The settings as the client has them now. Each value is parsed once; what is not usable is logged once. */
export interface SettingsSource {
  /** From the `initialize` request: what the client can tell later, and what it tells at once. */
  initialize(params: InitializeParams): void;
  /** After `initialized`: only then may the client be asked. */
  start(): Promise<void>;
  /** Resolves when the client has answered; a request that came before must not see the defaults instead. */
  loaded(): Promise<void>;
  /** What holds for the machine, whatever file it is about. */
  machine(): Settings;
  forFile(uri: string): Promise<Settings>;
  onChange(listener: () => void): void;
}

export function createSettingsSource(connection: Connection): SettingsSource {
  const told = new Set<string>();
  const byScope = new Map<string, Promise<Settings>>();
  const listeners: (() => void)[] = [];
  let machine = defaultSettings;
  let canAsk = false;
  let canRegister = false;
  let answered = (): void => undefined;
  let loaded = new Promise<void>(resolve => {
    answered = resolve;
  });

  const parse = (value: unknown): Settings => {
    const { settings, problems } = parseSettings(value);
    for (const problem of problems.filter(text => !told.has(text))) {
      told.add(problem);
      connection.console.warn(problem);
    }
    return settings;
  };
  const ask = async (scopeUri?: string): Promise<Settings> =>
    parse(await connection.workspace.getConfiguration({ section, ...(scopeUri !== undefined && { scopeUri }) }));
  const reload = async (): Promise<void> => {
    byScope.clear();
    machine = await ask();
    for (const listener of listeners) listener();
  };

  connection.onDidChangeConfiguration(async ({ settings }: { settings: unknown }) => {
    if (canAsk) {
      // Where the client does not answer, what it said before still holds.
      loaded = reload().catch((error: unknown) => connection.console.warn(`Settings: ${String(error)}`));
      return await loaded;
    }
    // Clients that cannot be asked send the values themselves: the section, or an object that has it.
    machine = parse(sectionOf(settings));
    for (const listener of listeners) listener();
  });

  return {
    initialize({ capabilities, initializationOptions }) {
      canAsk = capabilities.workspace?.configuration === true;
      canRegister = capabilities.workspace?.didChangeConfiguration?.dynamicRegistration === true;
      machine = parse(member(initializationOptions, 'settings'));
      if (!canAsk) answered();
    },
    async start() {
      try {
        if (canAsk) await reload();
        if (canRegister) await connection.client.register(DidChangeConfigurationNotification.type, { section });
      } finally {
        answered();
      }
    },
    loaded: () => loaded,
    machine: () => machine,
    forFile(uri) {
      if (!canAsk) return Promise.resolve(machine);
      const known = byScope.get(uri);
      if (known !== undefined) return known;
      if (byScope.size >= rememberedScopes) byScope.clear();
      const asked = ask(uri);
      byScope.set(uri, asked);
      // Not an answer: the next request asks again.
      asked.catch(() => byScope.delete(uri));
      return asked;
    },
    onChange: listener => listeners.push(listener),
  };
}

function sectionOf(settings: unknown): unknown {
  return member(settings, section) ?? settings;
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
