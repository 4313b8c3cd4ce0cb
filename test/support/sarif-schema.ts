import { createRequire } from 'node:module';
import type Ajv from 'ajv-draft-04';
import type { FormatsPlugin } from 'ajv-formats';

const require = createRequire(import.meta.url);
// The schema is one of JSON Schema draft 4.
const ajv = new (require('ajv-draft-04') as typeof Ajv)({ strict: false, allErrors: true, unicodeRegExp: false });
(require('ajv-formats') as FormatsPlugin)(ajv);
const isValid = ajv.compile(require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json') as object);

/** What is wrong with a log by the schema of the standard; null where nothing is. */
export function sarifProblems(log: unknown): string | null {
  return isValid(log) ? null : JSON.stringify(isValid.errors);
}
