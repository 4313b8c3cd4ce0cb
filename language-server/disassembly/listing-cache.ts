import type { Listing } from './listing.ts';
import { beginReading, canReadOn, listingOf, type Reading, readOn } from './parse-listing.ts';

/** A text document as the server's store of open documents has it. */
export interface ListingDocument {
  readonly version: number;
  getText(): string;
}

interface Known {
  readonly version: number;
  readonly reading: Reading;
  readonly listing: Listing;
}

/**
 * Reads each version of a document once, and forgets it with the document. Of a text that is still coming only the new lines are
 * read.
 */
export function createListingCache(): (document: ListingDocument) => Listing {
  const documents = new WeakMap<ListingDocument, Known>();
  return document => {
    const { version } = document;
    const last = documents.get(document);
    if (last?.version === version) return last.listing;
    const text = document.getText();
    const reading = last !== undefined && canReadOn(last.reading, text) ? last.reading : beginReading();
    readOn(reading, text);
    const listing = listingOf(reading);
    documents.set(document, { version, reading, listing });
    return listing;
  };
}
