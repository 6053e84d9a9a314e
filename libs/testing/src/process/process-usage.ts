import { readFileSync } from 'node:fs';

/** Clock ticks a second of /proc; fixed at 100 on every Linux that Node supports. */
const TICKS_PER_SECOND = 100;

export interface ProcessUsage {
  /** Largest resident set so far, MiB (VmHWM). */
  readonly peakRssMiB: number;
  /** User and system time so far, seconds. */
  readonly cpuSeconds: number;
}

/** What the kernel says about a live process; undefined once it is gone. */
export function readUsage(pid: number): ProcessUsage | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const highWaterKiB = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
    if (highWaterKiB === undefined) return undefined;
    const fields = statFields(pid);
    return { peakRssMiB: Number(highWaterKiB) / 1024, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND };
  } catch {
    return undefined;
  }
}

/** Start time of a process in ticks since boot: with the pid it names one process for good. Undefined once it is gone. */
export function readStartTicks(pid: number): number | undefined {
  try {
    const fields = statFields(pid);
    return fields[0] === 'Z' ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}

/** Fields of /proc/<pid>/stat after the command name, which may hold blanks and brackets. */
function statFields(pid: number): readonly string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
