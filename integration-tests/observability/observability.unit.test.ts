import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '@tocsin/testing';
import { FINDING_KINDS } from '../../tools/admin/dist/doctor/finding.js';
import { dashboardFile, dashboardText } from '../../tools/dashboards/dist/files.js';
import { DASHBOARDS } from '../../tools/dashboards/dist/tables.js';
import { FROM_ELSEWHERE, specifiedMetrics } from './exported-metrics.js';
import { hasPromtool, parseFaults, promtool } from './promtool.js';
import {
  alerts,
  dashboards,
  expressionsOf,
  firstLook,
  metricsIn,
  OBSERVABILITY,
  recordsIn,
  ruleText,
  runbooks,
  testText,
} from './rule-files.js';

/** Sections of every runbook, in this order. */
const SECTIONS = ['What users feel', 'First look', 'Safe actions', 'What not to do'];
const NO_PROMTOOL = hasPromtool() ? '' : 'promtool is missing: install the Debian package "prometheus"';

const names = (): string[] => alerts().map(({ name }) => name);
const drawn = (): string[] => dashboards().flatMap(expressionsOf);
const looked = (): string[] => [...runbooks().values()].map(firstLook);

describe('what wakes the night shift', () => {
  it('every alert is a finding of the doctor and has a runbook of its name, and the other way round', () => {
    expect(names().toSorted()).toEqual([...FINDING_KINDS].toSorted());
    expect(names().toSorted()).toEqual([...runbooks().keys()].toSorted());
    for (const { name, runbook, severity } of alerts()) {
      expect(runbook).toBe(`deploy/runbooks/${name}.md`);
      expect(['critical', 'warning']).toContain(severity);
    }
  });

  it.each([...runbooks()])('the runbook of %s says what users feel, where to look first, what is safe and what is not', (name, text) => {
    expect(text.split('\n')[0]).toMatch(new RegExp(`^# ${name}: `));
    expect([...text.matchAll(/^## (.+)$/gm)].map((match) => match[1])).toEqual(SECTIONS);
    expect(text).toContain('npm run tocsin -- doctor');
    expect(firstLook(text)).not.toBe('');
  });

  it('nothing asks for a metric that nobody exports, nor for a record that no rule makes', () => {
    const everything = [ruleText(), ...drawn(), ...looked()].join('\n');
    const known = new Set([...specifiedMetrics(), ...Object.keys(FROM_ELSEWHERE)]);
    expect([...metricsIn(everything)].filter((name) => !known.has(name))).toEqual([]);
    const made = new Set([...ruleText().matchAll(/- record: (\S+)/g)].map((match) => match[1]));
    expect([...recordsIn(everything)].filter((name) => !made.has(name))).toEqual([]);
  });

  it('every alert has a unit test in which it fires', () => {
    const tests = testText().split(/\n(?=\s+- name: )/);
    const fires = tests.filter((text) => text.includes('exp_labels')).map((text) => /alertname: (\w+)/.exec(text)?.[1]);
    expect(names().filter((name) => !fires.includes(name))).toEqual([]);
  });

  it('dashboards are as their table says (npm run dashboards)', () => {
    for (const dashboard of DASHBOARDS) {
      expect(readFileSync(join(repositoryRoot(), dashboardFile(dashboard)), 'utf8')).toBe(dashboardText(dashboard));
    }
    expect(dashboards()).toHaveLength(DASHBOARDS.length);
  });
});

describe.skipIf(NO_PROMTOOL !== '')(`promtool ${NO_PROMTOOL}`, () => {
  it('takes every rule, and every expression of dashboards and runbooks', () => {
    expect(promtool(['check', 'rules', 'rules/recording.yaml', 'rules/alerts.yaml'], OBSERVABILITY)).toBe('');
    expect(parseFaults([...drawn(), ...looked()])).toBe('');
  });

  it.each(['platform', 'processes', 'channels', 'flow', 'keeping'])(
    'sees the %s alerts fire when they should and be silent when not',
    (group) => {
      expect(promtool(['test', 'rules', `tests/${group}.test.yaml`], OBSERVABILITY)).toBe('');
    },
  );
});
