/**
 * A request of the wire contract: its method name, and the types of what goes in and comes out. The types exist for the
 * compiler only; on the wire a method is its name.
 */
export interface RequestMethod<Params, Result> {
  readonly method: string;
  readonly types?: readonly [Params, Result];
}

/** A notification of the wire contract; see {@link RequestMethod}. */
export interface NotificationMethod<Params> {
  readonly method: string;
  readonly types?: readonly [Params];
}

export function requestMethod<Params, Result>(method: string): RequestMethod<Params, Result> {
  return { method };
}

export function notificationMethod<Params>(method: string): NotificationMethod<Params> {
  return { method };
}
