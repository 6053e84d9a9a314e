import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LinkSource } from '../link-files.js';
import {
  authorityFiles,
  credentialFiles,
  forgetOldAuthority,
  isReplacing,
  makeCredentials,
  replaceEverything,
  storeUsersFile,
  trustNextAuthority,
} from './index.js';
import type { StoreUser } from './store-users.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2031, 4, 6);

describe('a folder of credentials', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'tocsin-credentials-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const options = (now = NOW, hosts = ['127.0.0.1', 'routing.example']) => ({
    dir,
    names: ['routing', 'channel-sms'],
    databases: new Map([['routing', 'tocsin_routing']]),
    hosts,
    now,
  });
  const text = (path: string): string => readFileSync(path, 'utf8');
  const certificate = (name: string): X509Certificate => new X509Certificate(text(credentialFiles(dir, name).certificate));
  const authority = (which: 'current' | 'next'): X509Certificate => new X509Certificate(text(authorityFiles(dir, which).certificate));
  const bundle = (name: string): number => text(credentialFiles(dir, name).ca).split('BEGIN CERTIFICATE').length - 1;

  it('has a certificate, its key and passwords of its own for each, for its owner only', () => {
    expect(makeCredentials(options())).toEqual({ certificates: ['routing', 'channel-sms'], passwords: ['routing', 'channel-sms'] });
    const made = certificate('routing');
    expect(made.subject).toBe('CN=routing');
    expect(made.checkHost('routing.example')).toBe('routing.example');
    expect(made.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(made.checkIssued(authority('current')) && made.verify(authority('current').publicKey)).toBe(true);
    expect(made.checkPrivateKey(createPrivateKey(text(credentialFiles(dir, 'routing').key)))).toBe(true);
    expect(certificate('channel-sms').serialNumber).not.toBe(made.serialNumber);
    expect(text(credentialFiles(dir, 'routing').kafkaPassword)).not.toBe(text(credentialFiles(dir, 'channel-sms').kafkaPassword));
    for (const path of [
      ...Object.values(credentialFiles(dir, 'routing')).slice(1),
      storeUsersFile(dir),
      authorityFiles(dir, 'current').key,
    ]) {
      expect({ path, mode: (statSync(path).mode & 0o777).toString(8) }).toEqual({ path, mode: '600' });
    }
  });

  it('made again changes nothing', () => {
    makeCredentials(options());
    const before = [certificate('routing').serialNumber, text(storeUsersFile(dir))];
    expect(makeCredentials(options(NOW + 59 * DAY))).toEqual({ certificates: [], passwords: [] });
    expect([certificate('routing').serialNumber, text(storeUsersFile(dir))]).toEqual(before);
  });

  it.each([
    ['expires within a third of its life', { now: NOW + 61 * DAY, hosts: ['127.0.0.1'] }],
    ['lacks a host', { now: NOW, hosts: ['10.1.1.1'] }],
  ])('makes a certificate anew that %s, and keeps the passwords', (_what, { now, hosts }) => {
    makeCredentials(options());
    expect(makeCredentials(options(now, hosts))).toEqual({ certificates: ['routing', 'channel-sms'], passwords: [] });
  });

  it('replaces everything in three steps, after each of which old and new trust each other', () => {
    makeCredentials(options());
    const old = {
      certificate: certificate('routing'),
      password: text(credentialFiles(dir, 'routing').storePassword),
      users: text(storeUsersFile(dir)),
    };
    const first = authority('current');

    trustNextAuthority(options());
    trustNextAuthority(options());
    expect([bundle('routing'), bundle('channel-sms'), certificate('routing').serialNumber]).toEqual([2, 2, old.certificate.serialNumber]);

    expect(replaceEverything(options()).certificates).toEqual(['routing', 'channel-sms']);
    expect([bundle('routing'), isReplacing(dir)]).toEqual([2, true]);
    expect(certificate('routing').verify(authority('next').publicKey)).toBe(true);
    expect(text(credentialFiles(dir, 'routing').storePassword)).not.toBe(old.password);
    expect(text(storeUsersFile(dir))).not.toBe(old.users);

    forgetOldAuthority(options());
    forgetOldAuthority(options());
    expect([bundle('routing'), isReplacing(dir)]).toEqual([1, false]);
    expect(certificate('routing').verify(authority('current').publicKey)).toBe(true);
    expect(authority('current').fingerprint256).not.toBe(first.fingerprint256);
    expect(makeCredentials(options())).toEqual({ certificates: [], passwords: [] });
  });

  it('refuses to replace before the next authority is trusted', () => {
    makeCredentials(options());
    expect(() => replaceEverything(options())).toThrow(/next authority first/);
  });

  it('gives a user of the store one database and no password in the clear', () => {
    makeCredentials(options());
    const users = JSON.parse(text(storeUsersFile(dir))) as StoreUser[];
    expect(users).toEqual([expect.objectContaining({ user: 'routing', database: 'tocsin_routing', iterations: 15_000 })]);
    expect(text(storeUsersFile(dir))).not.toContain(text(credentialFiles(dir, 'routing').storePassword).trim());
  });

  it('is read anew when it was replaced, and as it was while only a half of it is', () => {
    makeCredentials(options());
    const { ca, certificate: path, key } = credentialFiles(dir, 'routing');
    const source = new LinkSource({ ca, certificate: path, key });
    const before = source.current();
    expect(source.current()).toBe(before);
    rmSync(key);
    expect(source.current().certificate).toEqual(before.certificate);
    trustNextAuthority(options());
    replaceEverything(options());
    expect(source.current().certificate?.toString()).toBe(text(path));
    expect(source.current().key?.toString()).toBe(text(key));
  });
});
