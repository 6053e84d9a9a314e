import { TocsinError } from '@tocsin/errors';
import { readHeader, type Header } from '../csv/header.js';
import { MAX_ROW_CHARACTERS, RowReader, type RawRow } from '../csv/row-reader.js';
import { TextReader } from '../csv/text-reader.js';

/** Bytes of a file at most. */
export const MAX_FILE_BYTES = 512 * 1024 * 1024;
/** Rows of a file at most. */
export const MAX_ROWS = 2_000_000;

/** Excel's own first line, which tells the delimiter and holds no titles. */
const EXCEL_HINT = /^"?sep=.?"?$/i;

/** Cuts a file into its header and rows as its bytes come. */
export class FileRows {
  private readonly text = new TextReader();
  private bytes = 0;
  private first = '';
  private lines = 0;
  private reader: RowReader | undefined;
  private found: Header | undefined;

  get header(): Header | undefined {
    return this.found;
  }

  /** What the file is written in; pure ASCII is UTF-8. */
  get encoding(): string {
    return this.text.encoding === 'ascii' ? 'utf-8' : this.text.encoding;
  }

  push(chunk: Buffer): Iterable<RawRow> {
    this.bytes += chunk.length;
    if (this.bytes > MAX_FILE_BYTES) {
      throw new TocsinError(
        'RESOURCE_EXHAUSTED',
        'FILE_TOO_LARGE',
        `The file is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB: cut it in parts.`,
      );
    }
    return this.rows(this.text.push(chunk));
  }

  /** The last rows. Throws INVALID_ARGUMENT "EMPTY_FILE" when there was not even a header. */
  *end(): Generator<RawRow> {
    yield* this.rows(this.text.end());
    if (!this.reader) yield* this.rows('\n');
    if (!this.reader) {
      const message = 'The file is empty: a first line with the titles of the columns is needed.';
      throw new TocsinError('INVALID_ARGUMENT', 'EMPTY_FILE', message, { fieldViolations: [{ field: 'chunk', description: message }] });
    }
    yield* this.reader.end();
  }

  private rows(text: string): Iterable<RawRow> {
    if (this.reader) return this.reader.push(text);
    this.first += text;
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(this.first);
      if (!end) {
        if (this.first.length > MAX_ROW_CHARACTERS) this.begin(this.first);
        return [];
      }
      const line = this.first.slice(0, end.index);
      this.first = this.first.slice(end.index + end[0].length);
      this.lines += 1;
      if (line.replaceAll(/[;,\t"\s]/g, '') === '' || EXCEL_HINT.test(line.trim())) continue;
      this.begin(line);
      const rest = this.first;
      this.first = '';
      return this.reader ? (this.reader as RowReader).push(rest) : [];
    }
  }

  private begin(line: string): void {
    this.found = readHeader(line);
    this.reader = new RowReader(this.found.delimiter, this.lines + 1);
  }
}
