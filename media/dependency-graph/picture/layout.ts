import type { Layout, LayoutAnswer, LayoutRequest } from './layout-messages.ts';

let program: Promise<string> | undefined;

/**
 * Lays out a picture beside the page, in a worker of its own that an aborted signal ends at once.
 *
 * @throws the signal's reason, or an Error with a sentence.
 */
export async function layOutBeside(request: LayoutRequest, signal: AbortSignal): Promise<Layout> {
  program ??= loadProgram();
  const worker = new Worker(await program);
  try {
    return await new Promise((resolve, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      worker.onerror = event => reject(new Error(event.message));
      worker.onmessage = ({ data }: MessageEvent<LayoutAnswer>) => {
        if (data.kind === 'layout') resolve(data.layout);
        else reject(new Error(data.message));
      };
      worker.postMessage(request);
    });
  } finally {
    worker.terminate();
  }
}

/** A worker has to be of the page's own origin, which nothing that VS Code serves to a page is. */
async function loadProgram(): Promise<string> {
  const response = await fetch(new URL('dependency-graph-layout.js', import.meta.url));
  if (!response.ok) throw new Error(response.statusText);
  return URL.createObjectURL(new Blob([await response.text()], { type: 'text/javascript' }));
}
