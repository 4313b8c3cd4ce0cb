import { ErrorCodes, LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import { type ErrorData, UserError } from '../protocol/errors.ts';

/**
 * Any failure as the error of an LSP response: a {@link UserError} with its code and its remedy, an abort as "request
 * cancelled"; anything else is a defect of ours and says so.
 */
export function responseError(error: unknown): ResponseError<ErrorData | undefined> {
  if (error instanceof ResponseError) return error;
  if (error instanceof UserError) {
    const data: ErrorData = { kind: error.kind, ...(error.remedy !== undefined && { remedy: error.remedy }) };
    return new ResponseError(error.code, error.message, data);
  }
  if (isAbort(error)) return new ResponseError(LSPErrorCodes.RequestCancelled, 'The request was cancelled.');
  const reason = error instanceof Error ? error.message : String(error);
  return new ResponseError(
    ErrorCodes.InternalError,
    `Binary Detective failed on this request, which is a bug: ${reason}`,
  );
}

/** Whether it is a defect, which belongs in the log, and not an answer. */
export function isDefect(error: unknown): boolean {
  return !(error instanceof ResponseError || error instanceof UserError || isAbort(error));
}

/** What `AbortSignal.throwIfAborted` throws when nobody gave another reason. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
