import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { TocsinError } from '@tocsin/errors';

/** PEM files of one end of a TLS link, by path; the authority may be a bundle of several. */
export interface LinkFiles {
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

/** What they hold. */
export interface LinkPems {
  readonly ca: Buffer | undefined;
  readonly certificate: Buffer | undefined;
  readonly key: Buffer | undefined;
}

/**
 * The files of a link, read anew whenever one was replaced, so that certificates are renewed without a restart. While they are being replaced (a
 * certificate is there and its key not yet) the pair read before goes on being served.
 */
export class LinkSource {
  readonly #files: LinkFiles;
  #stamp = '';
  #pems: LinkPems | undefined;

  constructor(files: LinkFiles) {
    this.#files = files;
  }

  /** Throws TocsinError FAILED_PRECONDITION naming the file, only while nothing was ever read. */
  current(): LinkPems {
    const stamp = stampOf(this.paths());
    if (this.#pems !== undefined && stamp === this.#stamp) return this.#pems;
    try {
      this.#pems = readLink(this.#files);
      this.#stamp = stamp;
    } catch (error) {
      if (this.#pems === undefined) throw error;
    }
    return this.#pems;
  }

  paths(): readonly string[] {
    return [this.#files.ca, this.#files.certificate, this.#files.key].filter((path) => path !== undefined);
  }
}

/** Changes when one of the files is written or replaced. */
export function stampOf(paths: readonly string[]): string {
  return paths
    .map((path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found === undefined ? '-' : `${found.ino}.${found.size}.${found.mtimeMs}`;
    })
    .join(' ');
}

/** The secret in a file, without the line end; throws TocsinError FAILED_PRECONDITION naming the file. */
export function readSecretFile(path: string): string {
  const secret = readFile(path).toString('utf8').trim();
  if (secret === '') throw refused('SECRET_FILE_EMPTY', `The file ${path} is empty: it must hold the password.`);
  return secret;
}

function readLink(files: LinkFiles): LinkPems {
  const read = (path: string | undefined): Buffer | undefined => (path === undefined ? undefined : readFile(path));
  const pems = { ca: read(files.ca), certificate: read(files.certificate), key: read(files.key) };
  if (pems.certificate !== undefined && pems.key !== undefined && !isPair(pems.certificate, pems.key)) {
    throw refused('TLS_PAIR_MISMATCHED', `The key ${files.key} is not the one of the certificate ${files.certificate}.`);
  }
  return pems;
}

function isPair(certificate: Buffer, key: Buffer): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw refused('TLS_FILE_UNREADABLE', `The file ${path} cannot be read.`, error);
  }
}

function refused(reason: string, sentence: string, cause?: unknown): TocsinError {
  return new TocsinError('FAILED_PRECONDITION', reason, sentence, cause === undefined ? {} : { cause });
}
