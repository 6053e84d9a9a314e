import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { TocsinError } from '@tocsin/errors';
import { isPortFree } from '@tocsin/testing';

/** A port the stack is about to use, with the word people know it by. */
export interface NamedPort {
  readonly name: string;
  readonly port: number;
}

/** Throws PORT_BUSY with who holds the first busy one of these ports. */
export async function requireFreePorts(ports: readonly NamedPort[]): Promise<void> {
  for (const { name, port } of ports) {
    if (await isPortFree(port)) continue;
    throw new TocsinError(
      'FAILED_PRECONDITION',
      'PORT_BUSY',
      `Port ${port} (${name}) is in use by ${describeHolder(port)}: stop it, then start again.`,
    );
  }
}

/** "process 4711 (node server.js)", or "another program" when the kernel does not tell us. */
function describeHolder(port: number): string {
  const inodes = listeningInodes(port);
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (!holdsSocket(pid, inodes)) continue;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return `process ${pid} (${command.length > 80 ? `${command.slice(0, 80)}...` : command})`;
  }
  return 'another program';
}

const LISTEN = '0A';

function listeningInodes(port: number): ReadonlySet<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => {
    try {
      return readFileSync(file, 'latin1').split('\n').slice(1);
    } catch {
      return [];
    }
  });
  const fields = rows.map((row) => row.trim().split(/\s+/));
  return new Set(fields.filter((row) => row[1]?.endsWith(suffix) === true && row[3] === LISTEN).map((row) => `socket:[${row[9]}]`));
}

function holdsSocket(pid: string, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}
