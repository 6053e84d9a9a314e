import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { TocsinError } from '@tocsin/errors';
import { issueCertificate, makeAuthority } from './certificate.js';
import { authorityFiles, credentialFiles, storeUsersFile } from './credential-paths.js';
import { storeUser, type StoreUser } from './store-users.js';
import { readIfThere, writeSecret } from './write-secret.js';

export interface CredentialOptions {
  readonly dir: string;
  /** Services, channels and what they connect to: each gets a certificate and a Kafka password. */
  readonly names: readonly string[];
  /** Users of the document store with the one database each may use; '*' all of them. */
  readonly databases: ReadonlyMap<string, string>;
  /** Host names and IP addresses anything is reached at. */
  readonly hosts: readonly string[];
  /** Unix ms. */
  readonly now: number;
  /** Days a certificate is valid; it is renewed when a third of them is left. */
  readonly days?: number;
}

/** What a call changed, by name; all empty when everything was there and fresh. */
export interface CredentialChanges {
  readonly certificates: readonly string[];
  readonly passwords: readonly string[];
}

const DAY_MS = 86_400_000;
/** A quarter: renewed every two months, with one month in which somebody may notice that it was not. */
const CERTIFICATE_DAYS = 90;
const AUTHORITY_DAYS = 1_825;
const PASSWORD_BYTES = 32;
/** Part of a certificate's life that is left when it is renewed. */
const RENEWED_AT = 1 / 3;

/** Makes what is missing, and anew what expires soon, lacks a host or is of another authority; what is well is left alone. */
export function makeCredentials(options: CredentialOptions): CredentialChanges {
  const { dir, now } = options;
  if (readIfThere(authorityFiles(dir, 'current').key) === undefined) writeAuthority(dir, 'current', now);
  return issue(options, false);
}

/** First step of replacing everything: a new authority is made and trusted beside the old one. Hand the files out before the next step. */
export function trustNextAuthority(options: CredentialOptions): void {
  const { dir, now } = options;
  if (readIfThere(authorityFiles(dir, 'next').key) === undefined) writeAuthority(dir, 'next', now);
  writeBundles(options);
}

/** Second step: every certificate and key by the new authority, and every password anew; the old authority is still trusted. */
export function replaceEverything(options: CredentialOptions): CredentialChanges {
  if (readIfThere(authorityFiles(options.dir, 'next').key) === undefined) {
    throw new TocsinError(
      'FAILED_PRECONDITION',
      'NEXT_AUTHORITY_MISSING',
      'Make the next authority first, and let everybody trust it (step trust).',
    );
  }
  return issue(options, true);
}

/** Last step: the old authority is trusted no more. */
export function forgetOldAuthority(options: CredentialOptions): void {
  const next = authorityFiles(options.dir, 'next');
  const current = authorityFiles(options.dir, 'current');
  // The key last: as long as it is there, a step that was cut is repeated whole.
  if (readIfThere(next.certificate) !== undefined) renameSync(next.certificate, current.certificate);
  if (readIfThere(next.key) !== undefined) renameSync(next.key, current.key);
  writeBundles(options);
}

/** Whether a replacement is under way. */
export function isReplacing(dir: string): boolean {
  return readIfThere(authorityFiles(dir, 'next').key) !== undefined;
}

function issue(options: CredentialOptions, anew: boolean): CredentialChanges {
  const { dir, names, hosts, now, days = CERTIFICATE_DAYS } = options;
  writeBundles(options);
  const files = authorityFiles(dir, isReplacing(dir) && anew ? 'next' : 'current');
  const authority = { certificate: required(files.certificate), key: createPrivateKey(required(files.key)) };
  const certificates: string[] = [];
  const passwords: string[] = [];
  for (const name of names) {
    const own = credentialFiles(dir, name);
    if (anew || !isFresh(own, hosts, bundle(dir), now)) {
      const issued = issueCertificate({ name, hosts, from: now, until: now + days * DAY_MS }, authority);
      // Who reads between the two sees that they do not belong together, and keeps what it has.
      writeSecret(own.key, issued.key);
      writeSecret(own.certificate, issued.certificate);
      certificates.push(name);
    }
    writeSecret(own.pair, required(own.key) + required(own.certificate));
    for (const path of options.databases.has(name) ? [own.kafkaPassword, own.storePassword] : [own.kafkaPassword]) {
      if (!anew && readIfThere(path) !== undefined) continue;
      writeSecret(path, `${randomBytes(PASSWORD_BYTES).toString('base64url')}\n`);
      passwords.push(name);
    }
  }
  writeStoreUsers(options);
  return { certificates, passwords: [...new Set(passwords)] };
}

function isFresh(
  own: ReturnType<typeof credentialFiles>,
  hosts: readonly string[],
  authorities: readonly X509Certificate[],
  now: number,
): boolean {
  const text = readIfThere(own.certificate);
  const key = readIfThere(own.key);
  if (text === undefined || key === undefined) return false;
  const certificate = new X509Certificate(text);
  const from = certificate.validFromDate.getTime();
  const until = certificate.validToDate.getTime();
  return (
    until - now > (until - from) * RENEWED_AT &&
    certificate.checkPrivateKey(createPrivateKey(key)) &&
    authorities.some((authority) => certificate.verify(authority.publicKey)) &&
    hosts.every((host) => certificate.checkHost(host) !== undefined || certificate.checkIP(host) !== undefined)
  );
}

/** Those that are trusted now: the current one first. */
function bundle(dir: string): readonly X509Certificate[] {
  return (['current', 'next'] as const).flatMap((which) => {
    const text = readIfThere(authorityFiles(dir, which).certificate);
    return text === undefined ? [] : [new X509Certificate(text)];
  });
}

function writeBundles({ dir, names }: CredentialOptions): void {
  const text = bundle(dir)
    .map((authority) => authority.toString())
    .join('');
  for (const name of names) writeSecret(credentialFiles(dir, name).ca, text);
}

function writeAuthority(dir: string, which: 'current' | 'next', now: number): void {
  const files = authorityFiles(dir, which);
  const made = makeAuthority(now - DAY_MS, now + AUTHORITY_DAYS * DAY_MS);
  rmSync(files.key, { force: true });
  writeSecret(files.certificate, made.certificate);
  writeSecret(files.key, made.key);
}

function writeStoreUsers({ dir, databases }: CredentialOptions): void {
  const path = storeUsersFile(dir);
  const before = JSON.parse(readIfThere(path) ?? '[]') as readonly StoreUser[];
  const users = [...databases].map(([user, database]) =>
    storeUser(
      user,
      database,
      required(credentialFiles(dir, user).storePassword).trim(),
      before.find((one) => one.user === user),
    ),
  );
  writeSecret(path, `${JSON.stringify(users, undefined, 1)}\n`);
}

function required(path: string): string {
  const text = readIfThere(path);
  if (text === undefined)
    throw new TocsinError('FAILED_PRECONDITION', 'CREDENTIAL_MISSING', `${path} is missing: make the credentials first.`);
  return text;
}
