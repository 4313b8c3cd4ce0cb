import type { RecordType, Type } from '../binding/model.ts';
import { boolean, integer, pointerTo, unknown } from '../binding/types.ts';

/** C++ containers of libcpp whose first argument is what they hold, by position. */
const sequences = /(^|[.:])(vector|deque|array|list)$/u;
const maps = /(^|[.:])(map|unordered_map)$/u;
const owners = /(^|[.:])(unique_ptr|shared_ptr|weak_ptr)$/u;

/** What `c[i]` of a C++ container is; `unknown` for what overloads the operator in a way of its own. */
export function elementOfContainer({ record, name, arguments: given = [] }: RecordType): Type {
  if (record !== 'cppclass') return unknown;
  if (sequences.test(name)) return given[0] ?? unknown;
  return maps.test(name) ? (given[1] ?? unknown) : unknown;
}

/** What a method of a C++ container gives back; null where that is not known. */
export function methodOfContainer(type: RecordType, method: string): Type | null {
  const { record, name, members, arguments: given = [] } = type;
  // What is declared in full says it better.
  if (record !== 'cppclass' || members !== null) return null;
  const [first] = given;
  if (sequences.test(name) && first !== undefined) {
    if (method === 'data') return pointerTo(first);
    if (['at', 'front', 'back'].includes(method)) return first;
  }
  if (maps.test(name) && method === 'at') return given[1] ?? null;
  if (owners.test(name) && method === 'get' && first !== undefined) return pointerTo(first);
  if (method === 'size' || method === 'length' || method === 'capacity') return integer;
  return method === 'empty' ? boolean : null;
}
