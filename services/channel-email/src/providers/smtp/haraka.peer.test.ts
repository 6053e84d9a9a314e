import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePorts, waitUntil } from '@tocsin/testing';
import { connect } from 'node:net';

/** A real MTA that nobody here wrote, on loopback: takes mail for one domain and keeps it in files. */
export interface Haraka {
  readonly port: number;
  /** The mails taken, as received, in the order of arrival. */
  mails(): string[];
  stop(): Promise<void>;
}

/** Haraka loads its whole plug-in set and public suffix lists before it listens. */
const START_DEADLINE_MS = 30_000;

const KEEP_PLUGIN = `
const fs = require('node:fs');
let count = 0;
// No name server is asked: the test must not depend on one.
exports.hook_lookup_rdns = (next) => next(OK, 'localhost');
exports.hook_queue = function (next, connection) {
  const name = String(count++).padStart(6, '0');
  const file = fs.createWriteStream(process.env.KEEP_FOLDER + '/' + name + '.part');
  file.once('close', () => fs.rename(file.path, process.env.KEEP_FOLDER + '/' + name + '.eml', () => next(OK)));
  connection.transaction.message_stream.pipe(file);
};
`;

export async function startHaraka(domain: string): Promise<Haraka> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-haraka-'));
  const kept = join(folder, 'kept');
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('no free port');
  const home = dirname(createRequire(import.meta.url).resolve('haraka/package.json'));
  for (const name of ['config', 'plugins', 'kept']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'config', 'smtp.ini'), `listen=127.0.0.1:${port}\nnodes=0\n`);
  // Haraka's defaults of this file are only in the file itself.
  copyFileSync(join(home, 'config', 'connection.ini'), join(folder, 'config', 'connection.ini'));
  writeFileSync(join(folder, 'config', 'plugins'), 'rcpt_to.in_host_list\nkeep\n');
  writeFileSync(join(folder, 'config', 'host_list'), `${domain}\n`);
  writeFileSync(join(folder, 'plugins', 'keep.js'), KEEP_PLUGIN);
  const child = spawn(process.execPath, [join(home, 'bin', 'haraka'), '-c', folder], {
    env: { ...process.env, KEEP_FOLDER: kept },
    stdio: 'ignore',
  });
  await waitUntil('Haraka listens', () => child.exitCode === null && answers(port), START_DEADLINE_MS);
  return {
    port,
    mails: () =>
      readdirSync(kept)
        .filter((name) => name.endsWith('.eml'))
        .sort()
        .map((name) => readFileSync(join(kept, name), 'latin1')),
    stop: () => end(child),
  };
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
    socket.setTimeout(2_000, () => {
      socket.destroy();
      resolve(false);
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
