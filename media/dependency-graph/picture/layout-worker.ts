import { layOut } from './lay-out.ts';
import type { LayoutAnswer, LayoutRequest } from './layout-messages.ts';

/** The program of a worker: lays out one picture, so that the page stays alive meanwhile, and can end it. */
const worker = globalThis as unknown as {
  onmessage: (event: { readonly data: LayoutRequest }) => void;
  postMessage(answer: LayoutAnswer): void;
};

worker.onmessage = ({ data }) => {
  try {
    worker.postMessage({ kind: 'layout', layout: layOut(data) });
  } catch (error) {
    worker.postMessage({ kind: 'error', message: error instanceof Error ? error.message : String(error) });
  }
};
