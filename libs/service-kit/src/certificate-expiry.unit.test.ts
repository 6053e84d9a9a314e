import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMetrics } from '@tocsin/observability';
import { certificateFiles, showCertificates } from './certificate-expiry.js';

// Made for this test; valid until ENDS_FIRST and ENDS_LAST.
const FIRST = `-----BEGIN CERTIFICATE-----
MIIBbTCCAROgAwIBAgIUAibLak2pW5yksdW1e+cTqhDjBmcwCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBYTAeFw0yNjExMjYwNjExNDZaFw0yNjEyMjYwNjExNDZaMAwx
CjAIBgNVBAMMAWEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASBqcYbGT0rmLH9
lpRvOJRsghtni3ozaQti3oHCvHXdAlazHIXbr2eXM5TT3dib3QFlbfPaAdhseG+f
I1CxUsFeo1MwUTAdBgNVHQ4EFgQUpRNOwLPtMzC9SfRqQmO8VuRqFzUwHwYDVR0j
BBgwFoAUpRNOwLPtMzC9SfRqQmO8VuRqFzUwDwYDVR0TAQH/BAUwAwEB/zAKBggq
hkjOPQQDAgNIADBFAiEAwxaJrl9g/Ak7TlwEjH9IXQ7HeM4XQNwMCq0dhLXQ8mUC
IFY9ajg5mPrCIsJwy+7FSdnpLVAzQZZTeLvD9TrnELey
-----END CERTIFICATE-----`;
const LAST = `-----BEGIN CERTIFICATE-----
MIIBbjCCAROgAwIBAgIUQXlJFP+AXhw/qforjRMgS6NxLFMwCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBYjAeFw0yNjExMjYwNjExNDZaFw0yNzAxMjUwNjExNDZaMAwx
CjAIBgNVBAMMAWIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASm73Yo86Oue2ce
UWoNWM0T/Q8KHlTnB+uJfljg6GcVgyLvB+5AKk1tcCEbdaenv/s16y+LK84ghv0l
A5Z7ogj8o1MwUTAdBgNVHQ4EFgQUpCPlzRFV0ln+plTVRAmCiEjHET0wHwYDVR0j
BBgwFoAUpCPlzRFV0ln+plTVRAmCiEjHET0wDwYDVR0TAQH/BAUwAwEB/zAKBggq
hkjOPQQDAgNJADBGAiEA/rd72Z3zSRQjyYuDV9lRHgVJJ3/J35sZxReN3CTpPtEC
IQDzEshut7yBIFgNj6LDhHwcdNJAhSIh470Kio4/7JPhmA==
-----END CERTIFICATE-----`;
const ENDS_FIRST = 1798265506000;
const ENDS_LAST = 1800857506000;

describe('how long certificates hold', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tocsin-certificates-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const put = (name: string, text: string, mtime = 1): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    utimesSync(file, mtime, mtime);
    return file;
  };

  async function shown(
    files: Readonly<Record<string, string>>,
    now: number,
    look: () => void = () => undefined,
  ): Promise<Record<string, number>> {
    const metrics = createMetrics();
    showCertificates(metrics, new Map(Object.entries(files)), () => now);
    await metrics.text();
    look();
    const read = (await metrics.text()).matchAll(/^tocsin_certificate_expires_seconds\{certificate="(.+)"\} (.+)$/gm);
    return Object.fromEntries([...read].map(([, name = '', value]) => [name, Number(value)]));
  }

  it('the first to end of a chain, the last of authorities that stand beside each other', async () => {
    const chain = put('chain', FIRST + '\n' + LAST);
    expect(await shown({ link: chain, 'link-ca': chain }, ENDS_FIRST - 5_000)).toEqual({
      link: 5,
      'link-ca': (ENDS_LAST - ENDS_FIRST) / 1_000 + 5,
    });
  });

  it('a file that was replaced is read anew', async () => {
    const file = put('tls', FIRST);
    expect(await shown({ kafka: file }, ENDS_LAST - 7_000, () => put('tls', LAST, 2))).toEqual({ kafka: 7 });
  });

  it('one that has ended is negative, one that is missing or holds none is 0', async () => {
    const files = { link: put('tls', FIRST), kafka: join(folder, 'missing'), mongo: put('empty', 'nothing') };
    expect(await shown(files, ENDS_FIRST + 3_000)).toEqual({ link: -3, kafka: 0, mongo: 0 });
  });

  it('are those of the links that are closed', () => {
    const open = { links: undefined, kafka: { brokers: [], prefix: '', security: undefined }, mongo: { uri: '', security: undefined } };
    expect(certificateFiles(open).size).toBe(0);
    expect([...certificateFiles({ ...open, links: { certificate: 'c', key: 'k', ca: 'a' } })]).toEqual([
      ['link', 'c'],
      ['link-ca', 'a'],
    ]);
    expect([...certificateFiles(open, { public: 'p', other: undefined })]).toEqual([['public', 'p']]);
  });
});
