import { isAscii, isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { TocsinError } from '@tocsin/errors';

/** How a file is written; "ascii" while nothing has decided yet. */
export type Encoding = 'ascii' | 'utf-8' | 'utf-8-bom' | 'windows-1252' | 'utf-16le' | 'utf-16be';

interface Decoder {
  write(bytes: Buffer): string;
  end(): string | undefined;
}

/** Files that are no text at all, by their first bytes, with what a person should do. */
const NOT_TEXT: readonly { readonly signature: Buffer; readonly what: string }[] = [
  { signature: Buffer.from('504b0304', 'hex'), what: 'a spreadsheet or zip archive' },
  { signature: Buffer.from('d0cf11e0', 'hex'), what: 'an Excel 97 workbook' },
  { signature: Buffer.from('1f8b', 'hex'), what: 'a gzip archive' },
  { signature: Buffer.from('25504446', 'hex'), what: 'a PDF' },
];

/** Bytes looked at before the first decision: the longest signature and byte order mark. */
const SIGNATURE_BYTES = 4;
/** Well-formed UTF-8 sequences for each stray byte from which a damaged file is still read as UTF-8. */
const SEQUENCES_PER_STRAY_BYTE = 20;

/**
 * Decodes a file as its bytes come: by its byte order mark, else UTF-8 or Windows-1252, decided on the first bytes outside ASCII (they may come
 * megabytes after the header). Throws INVALID_ARGUMENT "UNREADABLE_FILE" for what is no text.
 */
export class TextReader {
  private held: Buffer = Buffer.alloc(0);
  private started = false;
  private decoder: Decoder | undefined;
  private found: Encoding = 'ascii';

  get encoding(): Encoding {
    return this.found;
  }

  push(bytes: Buffer): string {
    const all = this.held.length === 0 ? bytes : Buffer.concat([this.held, bytes]);
    this.held = Buffer.alloc(0);
    if (!this.started) {
      if (all.length < SIGNATURE_BYTES) return this.hold(all);
      return this.start(all);
    }
    return this.decode(all);
  }

  end(): string {
    const rest = this.held;
    this.held = Buffer.alloc(0);
    if (!this.started) {
      const text = this.start(rest);
      return text + this.end();
    }
    if (rest.length > 0 && !this.decoder) this.lock(isUtf8(rest) ? 'utf-8' : 'windows-1252');
    return (this.decoder ? this.decoder.write(rest) : '') + (this.decoder?.end() ?? '');
  }

  private start(bytes: Buffer): string {
    this.started = true;
    for (const { signature, what } of NOT_TEXT) {
      if (bytes.subarray(0, signature.length).equals(signature))
        throw unreadable(`This is ${what}: export the register as CSV and import that.`);
    }
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
      this.lock('utf-8-bom');
      return this.decode(bytes.subarray(3));
    }
    if (bytes[0] === 0xff && bytes[1] === 0xfe) {
      this.lock('utf-16le');
      return this.decode(bytes.subarray(2));
    }
    if (bytes[0] === 0xfe && bytes[1] === 0xff) {
      this.lock('utf-16be');
      return this.decode(bytes.subarray(2));
    }
    return this.decode(bytes);
  }

  private decode(bytes: Buffer): string {
    if (!this.found.startsWith('utf-16') && bytes.includes(0)) {
      throw unreadable('The file holds NUL bytes: it is not text, or UTF-16 without a byte order mark. Save it as "CSV UTF-8".');
    }
    if (this.decoder) return this.decoder.write(bytes);
    if (isAscii(bytes)) return bytes.toString('latin1');
    const whole = bytes.length - incompleteTail(bytes);
    const decided = bytes.subarray(0, whole);
    if (isAscii(decided)) {
      this.held = Buffer.from(bytes.subarray(whole));
      return decided.toString('latin1');
    }
    this.lock(looksLikeUtf8(decided) ? 'utf-8' : 'windows-1252');
    return this.decode(bytes);
  }

  private lock(encoding: Exclude<Encoding, 'ascii'>): void {
    this.found = encoding;
    this.decoder = iconv.getDecoder(encoding === 'utf-8-bom' ? 'utf-8' : encoding) as Decoder;
  }

  private hold(bytes: Buffer): string {
    this.held = Buffer.from(bytes);
    return '';
  }
}

/** Bytes at the end that begin a UTF-8 sequence whose rest has not come yet (0 to 3). */
function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? back : 0;
  }
  return 0;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}

/** A few stray bytes in a file of many well-formed sequences are damage; otherwise they are Windows-1252. */
function looksLikeUtf8(bytes: Buffer): boolean {
  if (isUtf8(bytes)) return true;
  let sequences = 0;
  let stray = 0;
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] ?? 0;
    const length = sequenceLength(byte);
    if (byte < 0x80) at += 1;
    else if (length > 1 && isUtf8(bytes.subarray(at, at + length))) {
      sequences += 1;
      at += length;
    } else {
      stray += 1;
      at += 1;
    }
  }
  return sequences >= stray * SEQUENCES_PER_STRAY_BYTE;
}

function unreadable(message: string): TocsinError {
  return new TocsinError('INVALID_ARGUMENT', 'UNREADABLE_FILE', message, { fieldViolations: [{ field: 'chunk', description: message }] });
}
