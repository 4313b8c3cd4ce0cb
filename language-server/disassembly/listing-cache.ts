import type { Listing } from './listing.ts';
import { parseListing } from './parse-listing.ts';

/** A text document as the server's store of open documents has it. */
export interface ListingDocument {
  readonly version: number;
  getText(): string;
}

/** Reads each version of a document once, and forgets it with the document. */
export function createListingCache(): (document: ListingDocument) => Listing {
  const known = new WeakMap<ListingDocument, { readonly version: number; readonly listing: Listing }>();
  return document => {
    const { version } = document;
    const last = known.get(document);
    if (last?.version === version) return last.listing;
    const listing = parseListing(document.getText());
    known.set(document, { version, listing });
    return listing;
  };
}
