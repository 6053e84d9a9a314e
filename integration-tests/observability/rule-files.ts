import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@tocsin/testing';

const ROOT = repositoryRoot();
export const OBSERVABILITY = join(ROOT, 'deploy/observability');

/** One alert of the rule files. */
export interface Alert {
  readonly name: string;
  readonly runbook: string;
  readonly severity: string;
  /** The rule as written. */
  readonly text: string;
}

export function ruleText(): string {
  return filesOf('rules', '.yaml').join('\n');
}

export function testText(): string {
  return filesOf('tests', '.yaml').join('\n');
}

export function dashboards(): readonly string[] {
  return filesOf('dashboards', '.json');
}

/** Runbooks by name. */
export function runbooks(): ReadonlyMap<string, string> {
  const folder = join(ROOT, 'deploy/runbooks');
  return new Map(readdirSync(folder).map((file) => [file.replace(/\.md$/, ''), readFileSync(join(folder, file), 'utf8')]));
}

export function alerts(): readonly Alert[] {
  return ruleText()
    .split(/\n(?=\s+- (?:alert|record): )/)
    .flatMap((text) => {
      const name = /- alert: (\w+)/.exec(text)?.[1];
      if (name === undefined) return [];
      return [{ name, text, runbook: /runbook_url: (\S+)/.exec(text)?.[1] ?? '', severity: /severity: (\w+)/.exec(text)?.[1] ?? '' }];
    });
}

/** The PromQL of a runbook's first look. */
export function firstLook(runbook: string): string {
  return /```promql\n([\s\S]+?)\n```/.exec(runbook)?.[1]?.trim() ?? '';
}

/** Every expression a dashboard draws. */
export function expressionsOf(dashboard: string): readonly string[] {
  const { panels } = JSON.parse(dashboard) as { panels: { targets: { expr: string }[] }[] };
  return panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
}

/** Names of metrics an expression or rule file asks for, without what a histogram adds. */
export function metricsIn(text: string): ReadonlySet<string> {
  const names = text.match(/\b(?:tocsin|node|kubelet|process|scrape)_[a-z0-9_]+\b(?!\s*:)/g) ?? [];
  return new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, '')));
}

/** Names of recording rules a text uses or makes. */
export function recordsIn(text: string): ReadonlySet<string> {
  return new Set(text.match(/\btocsin:[a-z_]+:[a-z0-9_]+\b/g) ?? []);
}

function filesOf(folder: string, ending: string): string[] {
  const path = join(OBSERVABILITY, folder);
  return readdirSync(path)
    .filter((file) => file.endsWith(ending))
    .toSorted()
    .map((file) => readFileSync(join(path, file), 'utf8'));
}
