import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyse } from '../../language-server/cython/analyse.ts';
import type { Type } from '../../language-server/cython/binding/model.ts';
import { isPythonObject } from '../../language-server/cython/binding/types.ts';
import { analyseSource } from '../../language-server/cython/bridge/analyse-source.ts';
import type { CythonBridge } from '../../language-server/cython/bridge/bridge.ts';
import { includePathOf } from '../../language-server/cython/bridge/include-path.ts';
import { createSourceReader, readSource } from '../../language-server/cython/project/read-source.ts';
import { never } from './cython-bridge.ts';

/** What the two engines say of the casts of one source. */
export interface EngineComparison {
  /** Casts of which both know the operand. */
  readonly both: number;
  readonly agreed: number;
  readonly onlyCompiler: number;
  readonly onlyOwn: number;
  readonly neither: number;
  /** `path:line: <cast>: own, compiler` */
  readonly differences: readonly string[];
  /** Why the compiler says nothing of the whole source. */
  readonly failure: string | null;
}

/** Compares what a cast depends on: whether the operand is an object, of which built-in kind, or what C type in the large. */
export async function compareEngines(
  bridge: CythonBridge,
  path: string,
  root = join(path, '..'),
): Promise<EngineComparison> {
  const text = readSource(path);
  const includePath = [...includePathOf(path), root];
  const answer = await analyseSource(bridge, { path, text, kind: 'pyx', includePath }, never);
  const result = { both: 0, agreed: 0, onlyCompiler: 0, onlyOwn: 0, neither: 0, differences: [] as string[] };
  if (answer.kind === 'none') return { ...result, failure: answer.message };
  const { inference, lines, visits } = analyse(
    text,
    { kind: 'pyx', readSibling: createSourceReader(path) },
    ({ expression }) => expression.kind === 'cast',
  );
  for (const { expression, scope } of visits) {
    if (expression.kind !== 'cast') continue;
    const { line, character } = lines.position(expression.bare.start);
    const facts = answer.value.types.castsAt(line, character);
    // In dead code, or in a line that it had to leave out.
    if (facts.length === 0) continue;
    const own = inference.typeOf(expression.operand, scope);
    const compiled = facts.map(({ operand }) => operand).filter(({ kind }) => kind !== 'unknown');
    const outcome = outcomeOf(own, compiled);
    if (outcome !== 'differs') result[outcome] += 1;
    if (outcome === 'agreed' || outcome === 'differs') result.both += 1;
    if (outcome === 'differs') {
      const source = text.slice(expression.bare.start, expression.bare.end).replace(/\s+/gu, ' ');
      const other = compiled.map(shown).join(' or ');
      result.differences.push(`${path}:${line + 1}: ${source}: own ${shown(own)}, compiler ${other}`);
    }
  }
  return { ...result, failure: null };
}

function outcomeOf(
  own: Type,
  compiled: readonly Type[],
): 'agreed' | 'differs' | 'onlyCompiler' | 'onlyOwn' | 'neither' {
  if (compiled.length === 0) return own.kind === 'unknown' ? 'neither' : 'onlyOwn';
  if (own.kind === 'unknown' || compiled.every(type => isCloser(type, own))) return 'onlyCompiler';
  // Each specialisation is looked at where the rules are.
  if (own.kind === 'fused') return 'agreed';
  return compiled.some(type => isSameKind(own, type)) ? 'agreed' : 'differs';
}

/** Where we have just `object`, the compiler may know which. */
function isCloser(compiled: Type, own: Type): boolean {
  const isPlain = own.kind === 'object' && own.of === 'object';
  return isPlain && isPythonObject(compiled) === true && !(compiled.kind === 'object' && compiled.of === 'object');
}

function isSameKind(own: Type, compiled: Type): boolean {
  if (isPythonObject(own) !== isPythonObject(compiled)) return false;
  if (isPythonObject(own) === true) return isSameObject(own, compiled);
  // `other` is any C type of which nothing else matters.
  if (own.kind === 'other' || compiled.kind === 'other') return true;
  // The name of an array is the address of its first element.
  const isAddress = (type: Type): boolean => type.kind === 'pointer' || type.kind === 'array';
  return own.kind === compiled.kind || (isAddress(own) && isAddress(compiled));
}

/** A closer name of ours (`callable`, `None`, `module`) is no difference where the compiler has just `object`. */
function isSameObject(own: Type, compiled: Type): boolean {
  if (compiled.kind === 'object' && compiled.of === 'object') {
    return (
      own.kind === 'object' && !['bytes', 'bytearray', 'memoryview', 'list', 'dict', 'tuple', 'set'].includes(own.of)
    );
  }
  if (own.kind === 'object' && own.of === 'object') return false;
  return own.kind === 'object' && compiled.kind === 'object' ? textual(own.of) === textual(compiled.of) : true;
}

function textual(name: string): string {
  return name === 'unicode' || name === 'basestring' ? 'str' : name;
}

function shown(type: Type): string {
  switch (type.kind) {
    case 'object':
      return type.of;
    case 'extension':
    case 'record':
      return `${type.kind} ${type.name}`;
    case 'pointer':
      return `${shown(type.to)}*`;
    default:
      return type.kind;
  }
}

/** Every `.pyx` below a folder that is no template and is UTF-8. */
export function pyxBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.pyx'))
    .sort()
    .map(name => join(folder, name))
    .filter(path => !readFileSync(path, 'utf8').includes('�'));
}

export function totalled(results: readonly EngineComparison[]): EngineComparison {
  const sum = (field: 'both' | 'agreed' | 'onlyCompiler' | 'onlyOwn' | 'neither'): number =>
    results.reduce((total, result) => total + result[field], 0);
  return {
    both: sum('both'),
    agreed: sum('agreed'),
    onlyCompiler: sum('onlyCompiler'),
    onlyOwn: sum('onlyOwn'),
    neither: sum('neither'),
    differences: results.flatMap(({ differences }) => differences),
    failure: results.find(({ failure }) => failure !== null)?.failure ?? null,
  };
}
