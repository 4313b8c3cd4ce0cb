import type { ByteText } from '../../protocol/elf.ts';

/** `unknown`: a stripped file keeps no trace of it. */
export interface LtoVerdict {
  readonly verdict: 'yes' | 'unknown';
  readonly evidence: readonly string[];
}

export interface LtoSigns {
  addSymbol(name: ByteText): void;
  verdict(sectionNames: readonly ByteText[]): LtoVerdict;
}

interface Trace {
  readonly pattern: RegExp;
  readonly meaning: string;
}

const symbolTraces: readonly Trace[] = [
  { pattern: /\.lto_priv(?:\.\d+)?$/u, meaning: 'a local name that GCC made unique across files' },
  { pattern: /\.ltrans\d*(?:\.ltrans)?\.o$/u, meaning: "the object file of GCC's second pass" },
  { pattern: /\.llvm\.\d{5,}(?:$|\.)/u, meaning: 'a local name that LLVM (ThinLTO) made visible across files' },
  {
    pattern: /^(?:ld-temp\.o|lto\.tmp|.*\.lto\.o|.*\.thinlto\.o)$/u,
    meaning: 'the object file of the link-time optimiser',
  },
];

const sectionTraces: readonly Trace[] = [
  { pattern: /^\.gnu\.lto_/u, meaning: "GCC's intermediate code for the linker" },
  { pattern: /^\.llvm(?:\.lto|bc)$/u, meaning: "LLVM's intermediate code for the linker" },
];

export function linkTimeOptimisation(): LtoSigns {
  const found = new Map<Trace, ByteText>();
  return {
    addSymbol(name) {
      if (!name.includes('.')) return;
      for (const trace of symbolTraces) if (!found.has(trace) && trace.pattern.test(name)) found.set(trace, name);
    },
    verdict(sectionNames) {
      for (const trace of sectionTraces) {
        const name = sectionNames.find(section => trace.pattern.test(section));
        if (name !== undefined) found.set(trace, name);
      }
      const evidence = [...found].map(([{ meaning }, name]) => `${name}: ${meaning}`);
      return { verdict: evidence.length === 0 ? 'unknown' : 'yes', evidence };
    },
  };
}
