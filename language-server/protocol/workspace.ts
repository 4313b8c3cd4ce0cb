import { notificationMethod } from './method.ts';

/** What a client may say in `initializationOptions`. Absent means untrusted. */
export interface InitializationOptions {
  /** Whether the person trusts this workspace, so that the server may run code of it. */
  readonly trusted?: boolean;
}

/**
 * Client → server: the person has granted trust. There is no way back within one server: VS Code restarts the extension host
 * when trust is withdrawn.
 */
export const trustGranted = notificationMethod<Record<string, never>>('binaryDetective/workspace/trustGranted');
