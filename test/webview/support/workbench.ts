import type { Browser, Frame, FrameLocator, Locator, Page } from 'playwright-core';
import { launchBrowser } from '../../vscode/browse.mjs';
import { installVscode } from '../../vscode/install.mjs';
import { pageAddress, serveVscode, trustedSettings } from '../../vscode/serve.mjs';

const root = new URL('../../..', import.meta.url).pathname.replace(/\/$/u, '');

export type Look = 'dark' | 'light' | 'high-contrast';

/** A VS Code with the extension in it, as a person has it before their eyes. */
export interface Workbench {
  readonly page: Page;
  /** Opens a file by its absolute path, as Quick Open does. */
  openFile(path: string): Promise<void>;
  /** Runs a command by its title in the command palette. */
  runCommand(title: string): Promise<void>;
  /** The page of the ELF editor that is shown. */
  readonly elf: FrameLocator;
  /** The same as a frame, to run programs in. */
  elfFrame(): Promise<Frame>;
  /** The rows of a tree in the side bar or the panel, by their accessible name. */
  row(name: string | RegExp): Locator;
  close(): Promise<void>;
}

export interface WorkbenchServer {
  open(folder: string, look?: Look): Promise<Workbench>;
  close(): Promise<void>;
}

/** One server and one browser for many windows. */
export async function startWorkbenches(): Promise<WorkbenchServer> {
  const installed = await installVscode('newest', line => console.log(line));
  const settings = { ...trustedSettings, 'workbench.colorTheme': 'Default Dark Modern' };
  const [dark, light] = await Promise.all([
    serveVscode(installed, settings),
    serveVscode(installed, { ...settings, 'workbench.colorTheme': 'Default Light Modern' }),
  ]);
  const browser = await launchBrowser(installed.browser);
  return {
    open: (folder, look = 'dark') =>
      openWorkbench(browser, look === 'light' ? light.origin : dark.origin, folder, look),
    close: async () => {
      await browser.close();
      await Promise.all([dark.close(), light.close()]);
    },
  };
}

async function openWorkbench(browser: Browser, origin: string, folder: string, look: Look): Promise<Workbench> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    permissions: ['clipboard-read', 'clipboard-write'],
    // VS Code takes its high contrast theme when the system asks for one.
    ...(look === 'high-contrast' && { forcedColors: 'active' }),
    // And what the system prefers goes before its setting until that is read.
    colorScheme: look === 'light' ? 'light' : 'dark',
  });
  const page = await context.newPage();
  await page.goto(pageAddress(origin, { folder, extensionDevelopmentPath: root }));
  // The explorer shows the folder once the extension host is up; a file that is opened before the extension's contributions
  // are known opens as text. They come together, its view container is the one that can be seen.
  await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor();
  await page.locator('.activitybar [aria-label^="Binary Detective"]').first().waitFor();

  const choose = (shortcut: string, text: string): Promise<void> => chooseInQuickInput(page, shortcut, text);
  const shownWebview = page.locator('iframe.webview.ready:visible');
  return {
    page,
    openFile: path => choose('Control+P', path),
    runCommand: title => choose('F1', `>${title}`),
    elf: shownWebview.contentFrame().locator('iframe#active-frame').contentFrame(),
    elfFrame: async () => {
      const outer = await (await shownWebview.elementHandle())?.contentFrame();
      const inner = await (await outer?.waitForSelector('iframe#active-frame'))?.contentFrame();
      if (inner === null || inner === undefined) throw new Error('The page of the ELF editor is not there.');
      return inner;
    },
    row: name => page.getByRole('treeitem', { name }),
    close: () => context.close(),
  };
}

/** Whatever takes the focus closes Quick Input, and VS Code moves the focus while it opens editors and views. */
async function chooseInQuickInput(page: Page, shortcut: string, text: string): Promise<void> {
  const widget = page.locator('.quick-input-widget');
  const wanted = text.replace(/^>/u, '').split('/').at(-1) ?? '';
  const choice = widget.locator('.monaco-list-row.focused').filter({ hasText: wanted });
  const offered = async (): Promise<boolean> => {
    try {
      await page.keyboard.press(shortcut);
      await widget.locator('input[type="text"]').first().fill(text, { timeout: 2000 });
      await choice.waitFor({ timeout: 5000 });
      return true;
    } catch {
      await page.keyboard.press('Escape');
      return false;
    }
  };
  while (!(await offered())) await widget.waitFor({ state: 'hidden' });
  await page.keyboard.press('Enter');
  // Not the widget: a command may ask something of its own in it at once.
  await choice.waitFor({ state: 'hidden' });
}
