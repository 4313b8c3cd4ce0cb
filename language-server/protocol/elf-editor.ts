import type { DisassembledPart } from './disassembly.ts';
import type { ElfOverview, ElfRows, ElfRowsParams } from './elf.ts';
import type { ElfBytesParams, ElfRowRangeParams } from './elf-bytes.ts';
import type { PageTexts } from './elf-editor-texts.ts';
import type { SizeParams } from './size.ts';
import type { SourceLocationParams } from './source-location.ts';

/**
 * Messages between the ELF editor's page and the extension (not the wire of the language server). The page speaks first
 * (`ready`); nothing of the file is in its HTML. Sent with vscode-messenger: a request that fails is answered with its error.
 */
export const elfEditorMessages = {
  /** Page → host, request: the page is up; the answer is what to show, or the sentence that says why not. */
  ready: { method: 'elfEditor/ready' },
  /** Page → host, request: a page of a table. */
  rows: { method: 'elfEditor/rows' },
  /** Page → host, request: the protections, as the language server answers. */
  hardening: { method: 'elfEditor/hardening' },
  /** Page → host, request: the needed versions and who has them. */
  versions: { method: 'elfEditor/versions' },
  /** Page → host, request: what takes the room. */
  size: { method: 'elfEditor/size' },
  /** Page → host, request: some bytes, and what lies on them. */
  bytes: { method: 'elfEditor/bytes' },
  /** Page → host, request: where the bytes of a row are. */
  rowRange: { method: 'elfEditor/rowRange' },
  /** Page → host, request: open the source line of a symbol beside, or say why there is none. */
  showSource: { method: 'elfEditor/showSource' },
  /** Page → host, request: open what a row stands for (a member of an archive) in an editor of its own. */
  openRow: { method: 'elfEditor/openRow' },
  /** Page → host, request: open the disassembly of a symbol or a section in a text editor beside. */
  disassemble: { method: 'elfEditor/disassemble' },
  /** Page → host, request: put text on the clipboard. */
  copy: { method: 'elfEditor/copy' },
  /** Page → host, request: show the file in the dependency tree view. */
  showDependencies: { method: 'elfEditor/showDependencies' },
  /** Page → host, request: choose another editor for the file (it may be text, or of another format). */
  openOtherwise: { method: 'elfEditor/openOtherwise' },
  /** Host → page, notification: the file changed on disk; the page asks again. */
  changed: { method: 'elfEditor/changed' },
} as const;

/** What to show, and the page's own words in the language of the person. */
export type ReadyResult = { readonly texts: PageTexts } & (
  | { readonly kind: 'overview'; readonly overview: ElfOverview }
  | { readonly kind: 'error'; readonly message: string; readonly remedy?: string }
);

export type RowsParams = Omit<ElfRowsParams, 'uri'>;
export type RowsResult = ElfRows;
/** A symbol, or a section. */
export type DisassembleRowParams = Pick<DisassembledPart, 'symbol' | 'section'>;
export type SizeOfFileParams = Omit<SizeParams, 'uri'>;
export type BytesParams = Omit<ElfBytesParams, 'uri'>;
export type RowRangeParams = Omit<ElfRowRangeParams, 'uri'>;
export type ShowSourceParams = Omit<SourceLocationParams, 'uri'>;
export interface OpenRowParams {
  /** As `ElfRow.opens` has it. */
  readonly uri: string;
}
export interface CopyParams {
  readonly text: string;
}
