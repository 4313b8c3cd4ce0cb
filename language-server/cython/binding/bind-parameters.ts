import type { Parameter } from '../syntax/syntax.ts';
import { resolveAnnotation } from './annotation.ts';
import type { ExtensionType, Scope } from './model.ts';
import { object, objectOf } from './types.ts';

/**
 * Binds the parameters of a function in its scope.
 *
 * @param around Where the types of the parameters are looked up.
 * @param owner The extension type that the function is a method of, `class` for a method of a Python class.
 */
export function bindParameters(
  parameters: readonly Parameter[],
  inner: Scope,
  around: Scope,
  owner: 'class' | ExtensionType | null,
): void {
  for (const [index, parameter] of parameters.entries()) {
    if (parameter.name === '') continue;
    const binding = inner.bind(parameter.name);
    binding.origin = 'parameter';
    binding.parameter = parameter;
    const { type, annotation } = parameter;
    if (parameter.star !== '') {
      binding.origin = 'starParameter';
      binding.declared = () => objectOf(parameter.star === '*' ? 'tuple' : 'dict');
    } else if (type !== null) {
      binding.declared = { syntax: type, scope: around };
    } else if (index === 0 && owner !== null) {
      binding.origin = 'self';
      binding.declared = () => (owner === 'class' ? object : owner);
    } else if (annotation !== null) {
      binding.origin = 'annotatedParameter';
      binding.declared = () => resolveAnnotation(annotation, around) ?? object;
    } else {
      binding.declared = () => object;
    }
  }
}
