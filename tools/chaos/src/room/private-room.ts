import { spawn, spawnSync } from 'node:child_process';

/** Set in the room, so that a program in it does not open another one. */
const IN_ROOM = 'TOCSIN_CHAOS_ROOM';
/** A network, mounts and processes of its own; when its first process ends, everything in it does, whatever was frozen or forked. */
const UNSHARE = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
const TRIAL_DEADLINE_MS = 10_000;

export function isInRoom(): boolean {
  return process.env[IN_ROOM] === '1';
}

/** Why no room can be had on this machine, in one sentence; undefined = it can. */
export function whyNoRoom(): string | undefined {
  if (process.getuid?.() !== 0) return 'Network cuts and full disks need root (namespaces, iptables, tmpfs): those kinds are left out.';
  const trial = spawnSync('unshare', [...UNSHARE, 'sh', '-c', 'ip link set lo up && iptables -L -n >/dev/null'], {
    timeout: TRIAL_DEADLINE_MS,
    encoding: 'utf8',
  });
  if (trial.status === 0) return undefined;
  return 'Network cuts and full disks need unshare, ip and iptables: apt-get install util-linux iproute2 iptables; those kinds are left out.';
}

/**
 * Runs this same program again in a room of its own on the machine, where links can be cut and disks filled without touching anybody else; answers its exit code. The
 * room's program ends when its standard input does, which also happens when this process is killed.
 */
export function runInRoom(): Promise<number> {
  const script = 'ip link set lo up && exec "$0" "$@"';
  const child = spawn('unshare', [...UNSHARE, 'sh', '-c', script, process.execPath, ...process.argv.slice(1)], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { ...process.env, [IN_ROOM]: '1' },
    // A Ctrl-C in the terminal reaches only this process, which then closes the pipe.
    detached: true,
  });
  child.stdin.on('error', () => undefined);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.stdin.end());
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Calls back once whoever opened the room has gone or wants it to end. */
export function onRoomClosed(closed: () => void): void {
  process.stdin.on('end', closed);
  process.stdin.on('error', closed);
  process.stdin.resume();
}
