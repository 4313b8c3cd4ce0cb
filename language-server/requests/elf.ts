import { demangleRows } from '../demangle/demangle-rows.ts';
import { inspectedPath } from '../elf/archive/member-path.ts';
import { disassembleAny, rawTextOfAny } from '../elf/archive/member-text.ts';
import { readBytes } from '../elf/bytes/read-bytes.ts';
import { readRowRange } from '../elf/bytes/row-range.ts';
import { compareFiles } from '../elf/compare/compare-files.ts';
import { readHardeningReport } from '../elf/hardening/hardening-report.ts';
import { readOverview } from '../elf/overview.ts';
import { createTextParts } from '../elf/raw/text-parts.ts';
import { collectText, type PrintedEnd, type PrintOptions } from '../elf/raw/text-writer.ts';
import { compareWithRevision } from '../elf/revision/compare-revision.ts';
import { readSize } from '../elf/size/size-tree.ts';
import { nameColumnOf, readRows } from '../elf/tables.ts';
import { findTwins } from '../elf/twins/find-twins.ts';
import { readVersionsReport } from '../elf/versions/versions-report.ts';
import { withLoaderFindings } from '../file-findings.ts';
import * as schemas from '../lsp/schemas.ts';
import { fileUriToPath } from '../native/file-uri.ts';
import { elfCompare } from '../protocol/compare.ts';
import { disassemble } from '../protocol/disassembly.ts';
import { type ElfOverview, elfOverview, elfRows, type FileParams } from '../protocol/elf.ts';
import { elfBytes, elfRowRange } from '../protocol/elf-bytes.ts';
import { elfHardening } from '../protocol/hardening.ts';
import type { PrintedPart, PrintedText, PrintedTextParams } from '../protocol/printed-text.ts';
import { elfRaw } from '../protocol/raw.ts';
import { elfCompareRevision } from '../protocol/revision.ts';
import { elfSize } from '../protocol/size.ts';
import { elfSourceLocation } from '../protocol/source-location.ts';
import { elfTwins } from '../protocol/twins.ts';
import { elfVersions } from '../protocol/versions.ts';
import { createSourceLocator } from '../symbolize/source-location.ts';
import type { ServerContext } from './server-context.ts';

/** Answers what is asked about one file, or two. Nothing here runs or loads it. */
export function answerElf(context: ServerContext): void {
  const { answer, door, demangler, treeOptions, reporter } = context;
  const sources = createSourceLocator(door);

  answer(elfOverview, schemas.fileParams, ({ uri }, signal) => overviewOf(treeOptions, uri, signal));
  answer(elfRows, schemas.rowsParams, async ({ uri, demangle = false, ...request }, signal) => {
    const page = await readRows(inspectedPath(uri), request, signal);
    return demangle ? await demangleRows(demangler, page, nameColumnOf(request.table), signal) : page;
  });
  answer(elfBytes, schemas.bytesParams, ({ uri, ...range }, signal) => readBytes(inspectedPath(uri), range, signal));
  answer(elfRowRange, schemas.rowRangeParams, ({ uri, ...row }, signal) =>
    readRowRange(inspectedPath(uri), row, signal),
  );
  answer(elfSourceLocation, schemas.sourceLocationParams, ({ uri, ...asked }, signal) =>
    sources.locate(inspectedPath(uri), asked, signal),
  );
  const printed = createPrinting(context);
  answer(disassemble, schemas.disassembleParams, (params, signal) =>
    printed(params, signal, options => disassembleAny(door, inspectedPath(params.uri), params, options)),
  );
  answer(elfRaw, schemas.rawParams, (params, signal) =>
    printed(params, signal, options => rawTextOfAny(door, inspectedPath(params.uri), params.view, options)),
  );
  answer(elfHardening, schemas.fileParams, ({ uri }, signal) => readHardeningReport(inspectedPath(uri), signal));
  answer(elfVersions, schemas.fileParams, ({ uri }, signal) => readVersionsReport(inspectedPath(uri), signal));
  answer(elfSize, schemas.sizeParams, ({ uri, ...options }, signal) =>
    readSize(inspectedPath(uri), { ...options, signal }),
  );
  answer(elfCompare, schemas.compareParams, ({ before, after, ...options }, signal) =>
    compareFiles(inspectedPath(before), inspectedPath(after), { ...options, signal }),
  );
  answer(elfCompareRevision, schemas.compareRevisionParams, ({ uri, ...options }, signal) =>
    compareWithRevision(door, fileUriToPath(uri), { ...options, signal }),
  );
  answer(elfTwins, schemas.twinsParams, ({ uri, folders, partialResultToken }, signal) =>
    findTwins(fileUriToPath(uri), folders.map(fileUriToPath), { signal, onProgress: reporter(partialResultToken) }),
  );
}

/** A client that takes no stream waits for the whole text, and gets what there is by then. */
const collectingDeadlineMs = 60_000;

type Print = (options: PrintOptions) => Promise<PrintedEnd>;

/** Answers with what a program prints: in parts where the client gave a token for them. */
function createPrinting({ settings, reporter }: ServerContext) {
  return async (
    { uri, maximumLines, partialResultToken }: PrintedTextParams & FileParams,
    signal: AbortSignal,
    print: Print,
  ): Promise<PrintedText> => {
    const limit = maximumLines ?? (await settings.forFile(uri)).textMaximumLines;
    const options = { maximumLines: limit, signal };
    if (partialResultToken === undefined) {
      return await collectText(onText => print({ ...options, onText, deadlineMs: collectingDeadlineMs }));
    }
    const report = reporter(partialResultToken);
    const parts = createTextParts(text => report({ text } satisfies PrintedPart));
    try {
      return { text: '', ...(await print({ ...options, onText: parts.onText })) };
    } finally {
      parts.end();
    }
  };
}

/** The overview with what the loader's rules add to its findings. */
export async function overviewOf(
  treeOptions: ServerContext['treeOptions'],
  uri: string,
  signal: AbortSignal,
): Promise<ElfOverview> {
  const path = inspectedPath(uri);
  return withLoaderFindings(await readOverview(path, signal), path, await treeOptions(uri), signal);
}
