import * as v from 'valibot';
import type { Type } from '../binding/model.ts';

/**
 * What the compiler says on its pipe (bridge/python/questions.py). Lines and characters count from 0, in UTF-16 units. A process
 * that says anything else is not believed.
 */
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = v.string();

/** The first line of a process: which compiler it has, or that it has none. */
export const helloSchema = v.object({
  hello: v.object({
    python: text,
    cython: v.nullable(text),
    searched: v.array(text),
    folder: v.exactOptional(text),
    failure: v.exactOptional(text),
  }),
});

export type Hello = v.InferOutput<typeof helloSchema>['hello'];

/** Said of every answer: which question it is of, and why there is no more. */
export const envelopeSchema = v.object({
  id: v.nullable(count),
  failure: v.exactOptional(text),
  peakKiB: v.exactOptional(count),
});

const typeSchema: v.GenericSchema<unknown, Type> = v.pipe(
  v.unknown(),
  v.transform(value => typeOfWire(value)),
);
const lineMessage = v.tuple([count, text]);

export const analysisSchema = v.object({
  /** Line, character, target, operand: indices of `types`. A place is there once a specialisation of fused types. */
  casts: v.array(v.tuple([count, count, count, count])),
  /** Of `.data`: line and character of the dot, the object's type, the attribute's. */
  accesses: v.array(v.tuple([count, count, count, count])),
  types: v.array(v.object({ type: typeSchema, text })),
  /** Modules and includes that are not there: what they declare is unknown. */
  missing: v.array(text),
  /** Files that the answer rests on besides the source. */
  files: v.array(text),
  /** Whether lines had to be left out. */
  isPartial: v.boolean(),
  errors: v.array(lineMessage),
});

export type Analysis = v.InferOutput<typeof analysisSchema>;

export const nameSchema = v.object({
  /** Null where no name is there. */
  name: v.nullable(text),
  /** As a person writes it; empty where it is not known. */
  text: v.exactOptional(text, ''),
});

export const generatedSchema = v.object({
  /** Line of the source, score, the C of it. */
  lines: v.array(v.tuple([count, count, text])),
  generatedLines: count,
});

export type Generated = v.InferOutput<typeof generatedSchema>;

/** Why nothing was generated: the compiler's errors, in the order in which it has them. */
export const compileErrorsSchema = v.object({ errors: v.exactOptional(v.array(lineMessage), []) });

const deepestType = 10;

/** A type as wire_types.py writes it. Members of classes and structs do not travel; what does not fit is unknown. */
function typeOfWire(value: unknown, depth = 0): Type {
  const parsed = v.safeParse(wireType, value);
  if (!parsed.success || depth > deepestType) return { kind: 'unknown' };
  const wire = parsed.output;
  const inner = (part: unknown): Type => typeOfWire(part, depth + 1);
  switch (wire.kind) {
    case 'extension':
      return { kind: 'extension', name: wire.name, members: null, base: () => null };
    case 'record':
      return { ...wire, members: null };
    case 'buffer':
      return { ...wire, owner: inner(wire.owner), element: inner(wire.element) };
    case 'memoryview':
      return { ...wire, element: inner(wire.element) };
    case 'pointer':
      return { kind: 'pointer', to: inner(wire.to) };
    case 'array':
      return { kind: 'array', of: inner(wire.of) };
    case 'function':
      return { kind: 'function', result: inner(wire.result) };
    default:
      return wire;
  }
}

const wireType = v.variant('kind', [
  v.object({ kind: v.literal('object'), of: text }),
  v.object({ kind: v.literal('extension'), name: text }),
  v.object({
    kind: v.literal('buffer'),
    owner: v.unknown(),
    element: v.unknown(),
    dimensions: count,
    isContiguous: v.boolean(),
  }),
  v.object({ kind: v.literal('memoryview'), element: v.unknown(), dimensions: count }),
  v.object({ kind: v.literal('integer'), isBool: v.boolean() }),
  v.object({ kind: v.literal('float') }),
  v.object({ kind: v.literal('void') }),
  v.object({ kind: v.literal('pointer'), to: v.unknown() }),
  v.object({ kind: v.literal('array'), of: v.unknown() }),
  v.object({ kind: v.literal('record'), record: v.picklist(['struct', 'union', 'cppclass']), name: text }),
  v.object({ kind: v.literal('function'), result: v.unknown() }),
  v.object({ kind: v.literal('other') }),
  v.object({ kind: v.literal('unknown') }),
]);
