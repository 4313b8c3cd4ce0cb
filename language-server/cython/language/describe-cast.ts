import type { Type } from '../binding/model.ts';
import { isPythonObject } from '../binding/types.ts';

export interface DescribedCast {
  readonly target: Type;
  readonly operand: Type;
  /** As they stand in the source. */
  readonly targetText: string;
  readonly operandText: string;
  /** `<T?>x` */
  readonly isChecked: boolean;
}

/** What a cast does when it runs, in a sentence or two (Cython.Compiler.ExprNodes.TypecastNode). */
export function describeCast(cast: DescribedCast): string {
  const fromObject = isPythonObject(cast.operand);
  const toObject = isPythonObject(cast.target);
  if (fromObject === null || toObject === null) {
    return `What this cast does depends on the type of \`${cast.operandText}\`, which is not known here.`;
  }
  if (fromObject) return toObject ? betweenObjects(cast) : fromObjectToC(cast);
  return toObject ? fromCToObject(cast) : betweenC(cast);
}

function betweenObjects({ targetText, operandText, isChecked }: DescribedCast): string {
  return isChecked
    ? `Checks when it runs that \`${operandText}\` is a \`${targetText}\`, and raises TypeError where it is not.`
    : `Takes \`${operandText}\` for a \`${targetText}\` without a look: nothing is converted or checked. \`<${targetText}?>\` would check.`;
}

function fromObjectToC({ target, operandText, targetText }: DescribedCast): string {
  if (target.kind === 'pointer') {
    if (target.to.kind === 'void' || (target.to.kind === 'record' && target.to.record === 'struct')) {
      return `Takes the address of the Python object \`${operandText}\` itself; the number stored in it is not read. No reference is counted: the address is good only while somebody else keeps the object. To get the number, go by way of an integer: \`<${targetText}><size_t>${operandText}\`.`;
    }
    if (target.to.kind === 'integer') {
      return `Gives the address of the characters inside of the bytes object \`${operandText}\`. They are not copied: the address is good only while the object lives. What is no bytes object raises TypeError.`;
    }
    return `Cython refuses to cast the Python object \`${operandText}\` to this pointer.`;
  }
  if (target.kind === 'integer' || target.kind === 'float') {
    return `Converts the Python object \`${operandText}\` to the C number \`${targetText}\`; what does not fit raises.`;
  }
  return `Converts the Python object \`${operandText}\` to \`${targetText}\`.`;
}

function fromCToObject({ operand, target, operandText, targetText }: DescribedCast): string {
  if (operand.kind !== 'pointer' && operand.kind !== 'array') {
    return `Makes a Python object of the C value \`${operandText}\`.`;
  }
  const pointed = operand.kind === 'pointer' ? operand.to : operand.of;
  if (pointed.kind === 'integer')
    return `Copies the characters at \`${operandText}\`, up to the first NUL, into a new object.`;
  const wanted = target.kind === 'object' && target.of === 'object' ? 'Python object' : `\`${targetText}\``;
  return `Takes the memory at \`${operandText}\` for a ${wanted}, and counts a reference to it. Nothing is checked: NULL, or an address of anything else, crashes.`;
}

function betweenC({ target, operand, operandText, targetText }: DescribedCast): string {
  const fromAddress = operand.kind === 'pointer' || operand.kind === 'array';
  if (target.kind === 'pointer') {
    if (fromAddress) return `Reads the same address as \`${targetText}\`; nothing is converted.`;
    if (operand.kind === 'integer') return `Takes the number \`${operandText}\` for an address.`;
    return `Takes \`${operandText}\` for \`${targetText}\`, as C does.`;
  }
  if (target.kind === 'integer' && fromAddress) {
    return `Gives the address \`${operandText}\` as a number; a type narrower than \`size_t\` loses its upper bits.`;
  }
  if (target.kind === 'integer' && operand.kind === 'float')
    return `Cuts the fraction of \`${operandText}\` off, as C does.`;
  return `Converts \`${operandText}\` to \`${targetText}\` as C does: what does not fit is cut without a word.`;
}
