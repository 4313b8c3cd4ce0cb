/** Joins lines to parts that are worth a message. */
export interface TextParts {
  readonly onText: (text: string) => void;
  /** Sends what is left; nothing comes behind it. */
  end(): void;
}

const partCharacters = 128 << 10;
/** No longer than this is a line kept back. */
const patienceMs = 15;

export function createTextParts(send: (text: string) => void): TextParts {
  let pending: string[] = [];
  let characters = 0;
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (characters === 0) return;
    const text = pending.join('');
    pending = [];
    characters = 0;
    send(text);
  };
  return {
    onText(text) {
      pending.push(text);
      characters += text.length;
      if (characters >= partCharacters) flush();
      else timer ??= setTimeout(flush, patienceMs);
    },
    end: flush,
  };
}
