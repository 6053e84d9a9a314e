import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@tocsin/testing';
import { parseAllDocuments } from 'yaml';

/** A Kubernetes that this chart is for; helm built from source names one of 2020. */
export const KUBERNETES = '1.31.0';
export const CHART = join(repositoryRoot(), 'charts', 'tocsin');

/** An object as it would be sent to Kubernetes; its fields are looked at by path. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: unknown;
}

/** A program of the chart's checks: where .ci/chart-tools puts it, or on the PATH; undefined: not here. */
export function chartTool(name: string): string | undefined {
  const own = join(repositoryRoot(), '.tocsin', 'cache', 'bin', name);
  if (existsSync(own)) return own;
  return spawnSync(name, ['--help'], { stdio: 'ignore' }).error === undefined ? name : undefined;
}

export interface HelmAnswer {
  readonly code: number | null;
  readonly said: string;
}

export function helm(program: string, ...args: readonly string[]): HelmAnswer {
  const run = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  return { code: run.status, said: run.stdout + run.stderr };
}

/** What `helm install tocsin` would send, with values beside the chart's own. */
export function render(
  program: string,
  ...set: readonly string[]
): { readonly text: string; readonly objects: readonly KubernetesObject[] } {
  const values = set.flatMap((value) => ['--set-json', value]);
  const run = spawnSync(program, ['template', 'tocsin', CHART, '--namespace', 'tocsin', '--kube-version', KUBERNETES, ...values], {
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
  });
  if (run.status !== 0) throw new Error(run.stderr);
  const objects = parseAllDocuments(run.stdout)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null);
  return { text: run.stdout, objects };
}

/** The value at a path such as "spec.template.spec.containers.0.env"; undefined where there is none. */
export function at(object: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, step) => (inner as Readonly<Record<string, unknown>> | undefined)?.[step], object);
}
