import { readdirSync, readFileSync, writeFileSync, mkdtempSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessRules } from '@tocsin/contracts';
import { groundEnv, repositoryRoot, startGround } from '@tocsin/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { at, CHART, chartTool, helm, KUBERNETES, render, type KubernetesObject } from './chart/rendered.js';

const program = chartTool('helm');
const validator = chartTool('kubectl-validate');
const missing = [program ?? 'helm', validator ?? 'kubectl-validate'].filter((name) => name === 'helm' || name === 'kubectl-validate');

/** Everything optional switched on, so that its templates are rendered too. */
const WHOLE = [
  'kafka.strimziCluster="backbone"',
  'links.issuer={"name":"tocsin-ca","kind":"Issuer"}',
  'monitoring.podMonitor=true',
  'monitoring.rules=true',
  'backup.enabled=true',
];

describe.skipIf(program === undefined || validator === undefined)(
  missing.length === 0
    ? 'the chart'
    : `${missing.join(' and ')} not found: run .ci/chart-tools to check the chart (Go, about 4 minutes once)`,
  () => {
    const root = repositoryRoot();
    const services = readdirSync(join(root, 'services'));
    let objects: readonly KubernetesObject[];
    beforeAll(() => {
      objects = render(program ?? '').objects;
    });

    const of = (kind: string): readonly KubernetesObject[] => objects.filter((object) => object.kind === kind);
    const named = (kind: string, name: string): KubernetesObject => {
      const found = of(kind).find((object) => object.metadata.name === `tocsin-${name}`);
      if (!found) throw new Error(`the chart renders no ${kind} for ${name}`);
      return found;
    };
    const containerOf = (name: string): unknown => at(named('Deployment', name), 'spec.template.spec.containers.0');
    const environmentOf = (name: string): Record<string, string> =>
      Object.fromEntries(
        (at(containerOf(name), 'env') as { name: string; value?: string }[]).map(({ name: key, value = '' }) => [key, value]),
      );

    it('lints, and every object is one that Kubernetes knows, field by field', () => {
      expect(helm(program ?? '', 'lint', '--strict', '--kube-version', KUBERNETES, CHART)).toMatchObject({ code: 0 });
      const file = join(mkdtempSync(join(tmpdir(), 'tocsin-chart-')), 'rendered.yaml');
      // Objects of other operators are theirs to validate: their schemas are not here.
      const ofKubernetes = render(program ?? '', 'backup.enabled=true').text;
      writeFileSync(file, ofKubernetes);
      expect(helm(validator ?? '', file)).toMatchObject({ code: 0 });
    });

    it('has a workload for every service and channel of the repository, each started by its own name', () => {
      expect(
        of('Deployment')
          .map((object) => object.metadata.name)
          .toSorted(),
      ).toEqual(services.map((name) => `tocsin-${name}`).toSorted());
      for (const name of services) expect(at(containerOf(name), 'args')).toEqual([name]);
    });

    it.each(readdirSync(join(repositoryRoot(), 'services')))(
      '%s takes the settings the chart gives it, and is given all it needs',
      async (name) => {
        const ground = await startGround();
        const folder = mkdtempSync(join(tmpdir(), 'tocsin-chart-'));
        writeFileSync(join(folder, 'any'), 'x');
        // Files are mounted there; here any file stands for each.
        const told = Object.entries(environmentOf(name)).map(([key, value]) => [
          key,
          value.startsWith('/run/tocsin/') ? join(folder, 'any') : value,
        ]);
        const checked = spawnSync(process.execPath, [join(root, 'services', name, 'dist/main.js'), '--check-config'], {
          env: { PATH: process.env['PATH'], ...Object.fromEntries(told), TOCSIN_KEY_FILE: groundEnv(ground)['TOCSIN_KEY_FILE'] },
          encoding: 'utf8',
        });
        expect([checked.status, checked.stderr]).toEqual([0, '']);
        expect(checked.stdout).not.toContain('is set but nothing reads it');
      },
    );

    it('spreads the instances of each over the sites, and keeps them apart within one', () => {
      for (const name of services) {
        expect(at(named('Deployment', name), 'spec.template.spec.topologySpreadConstraints.0')).toMatchObject({
          maxSkew: 1,
          topologyKey: 'topology.kubernetes.io/zone',
          whenUnsatisfiable: 'DoNotSchedule',
          nodeTaintsPolicy: 'Honor',
          labelSelector: at(named('Deployment', name), 'spec.selector'),
        });
        const apart =
          'spec.template.spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution.0.podAffinityTerm.topologyKey';
        expect(at(named('Deployment', name), apart)).toBe('kubernetes.io/hostname');
      }
    });

    it('asks each whether it lives and is ready, and lets it drain before its end', () => {
      for (const name of services) {
        expect(at(containerOf(name), 'startupProbe.httpGet')).toEqual({ path: '/live', port: 'http' });
        expect(at(containerOf(name), 'livenessProbe.httpGet')).toEqual({ path: '/live', port: 'http' });
        expect(at(containerOf(name), 'readinessProbe.httpGet')).toEqual({ path: '/ready', port: 'http' });
        expect(at(named('Deployment', name), 'spec.template.spec.terminationGracePeriodSeconds')).toBeGreaterThanOrEqual(25);
        expect(named('PodDisruptionBudget', name).spec).toMatchObject({ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' });
      }
    });

    it('runs each under the restricted standard: nobody, read-only root, no capability, no token', () => {
      for (const name of services) {
        expect(at(named('Deployment', name), 'spec.template.spec')).toMatchObject({
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: { runAsNonRoot: true, fsGroup: 10001, seccompProfile: { type: 'RuntimeDefault' } },
        });
        expect(at(containerOf(name), 'securityContext')).toMatchObject({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(at(named('ServiceAccount', name), 'automountServiceAccountToken')).toBe(false);
      }
    });

    it('scales by what waits and never by CPU, on metrics that exist, channels never beyond their shares', () => {
      const source = ['libs', 'services']
        .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name, 'src')))
        .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)))
        .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
        .map((path) => readFileSync(path, 'utf8'))
        .join('\n');
      for (const scaler of of('HorizontalPodAutoscaler')) {
        const metrics = at(scaler, 'spec.metrics') as { type: string; pods: { metric: { name: string } } }[];
        expect(metrics.map((metric) => metric.type)).toEqual(metrics.map(() => 'Pods'));
        for (const { pods } of metrics) expect(source).toContain(`name: '${pods.metric.name.replace('tocsin_', '')}'`);
      }
      expect(of('HorizontalPodAutoscaler')).toHaveLength(services.length);
      const channel = JSON.parse(readFileSync(join(root, 'services/channel-sms/channel.json'), 'utf8')) as { shares: number };
      expect(at(named('HorizontalPodAutoscaler', 'channel-sms'), 'spec.maxReplicas')).toBeLessThanOrEqual(channel.shares);
      const two = render(program ?? '', 'channels={"sms":{"shares":2}}').objects.find(
        (object) => object.kind === 'HorizontalPodAutoscaler' && object.metadata.name === 'tocsin-channel-sms',
      );
      expect(at(two, 'spec.maxReplicas')).toBe(2);
    });

    it('closes the network: only the gateway is reached from outside, callers are those of the peers, channels reach no database and no service', () => {
      expect(named('NetworkPolicy', 'deny').spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'] });
      expect(at(named('NetworkPolicy', 'deny'), 'spec.ingress')).toBeUndefined();
      for (const name of services) {
        const { ingress, egress } = named('NetworkPolicy', name).spec as Policy;
        const open = ingress.filter((rule) => rule.from === undefined);
        expect(open.map((rule) => rule.ports[0]?.port)).toEqual(name === 'gateway' ? [7410] : []);
        const callers = ingress.flatMap((rule) =>
          (rule.from ?? []).flatMap((peer) => peer.podSelector?.matchLabels['app.kubernetes.io/name'] ?? []),
        );
        expect(callers.toSorted()).toEqual(services.filter((other) => callsOf(other).includes(name)).toSorted());
        const reached = egress.flatMap((rule) => rule.to.flatMap((peer) => peer.podSelector?.matchLabels['app.kubernetes.io/name'] ?? []));
        expect(reached.toSorted()).toEqual(callsOf(name).toSorted());
        const namespaces = egress.flatMap((rule) => rule.to.flatMap((peer) => Object.values(peer.namespaceSelector?.matchLabels ?? {})));
        expect(namespaces).toEqual(keepsDocuments(name) ? ['kafka', 'mongo'] : ['kafka']);
      }
    });

    it('opens exactly what a channel says of its providers', () => {
      const rendered = render(program ?? '', 'channels={"sms":{"providers":[{"cidr":"192.0.2.0/28","ports":[2775]}]}}').objects;
      const policy = rendered.find((object) => object.kind === 'NetworkPolicy' && object.metadata.name === 'tocsin-channel-sms');
      const egress = at(policy, 'spec.egress') as Policy['egress'];
      expect(egress.filter((rule) => rule.to.some((peer) => peer.ipBlock))).toEqual([
        { to: [{ ipBlock: { cidr: '192.0.2.0/28' } }], ports: [{ port: 2775, protocol: 'TCP' }] },
      ]);
    });

    it('holds no secret: each is a file from a secret that is named, each service with its own', () => {
      expect(of('Secret')).toEqual([]);
      const names = services.map((name) => JSON.stringify(at(named('Deployment', name), 'spec.template.spec.volumes.0.projected.sources')));
      expect(new Set(names).size).toBe(services.length);
      for (const name of services) {
        const secret = Object.entries(environmentOf(name)).filter(([key]) => /PASSWORD|SECRET|_KEY/.test(key));
        expect(secret.filter(([, value]) => !value.startsWith('/run/tocsin/'))).toEqual([]);
      }
      expect(() => render(program ?? '', 'mongo.uri="mongodb://tocsin:word@mongo:27017"')).toThrow(/pattern/);
    });

    it('gives each user in Kafka the access of the table of topics and no other, that of a new channel included', async () => {
      const rules = accessRules(['<channel>'], '').map(({ user, ...rule }) => [user, rule] as const);
      const table = Object.fromEntries(
        [...new Set(rules.map(([user]) => user))].map((user) => [
          user,
          rules.filter(([holder]) => holder === user).map(([, rule]) => rule),
        ]),
      );
      // Written from libs/contracts: `vitest run integration-tests/chart.int.test.ts -u` renews it.
      await expect(`${JSON.stringify(table, null, 2)}\n`).toMatchFileSnapshot(join(CHART, 'files/access.json'));
      const users = render(program ?? '', ...WHOLE, 'channels.siren={}').objects.filter((object) => object.kind === 'KafkaUser');
      const rendered = users.flatMap((user) =>
        (
          at(user, 'spec.authorization.acls') as { resource: { type: string; name: string; patternType: string }; operations: string[] }[]
        ).map(({ resource, operations }) => ({
          user: user.metadata.name.replace('tocsin-', ''),
          resource: resource.type,
          name: resource.name,
          operations,
        })),
      );
      const byText = (given: readonly object[]): string[] => given.map((rule) => JSON.stringify(rule)).toSorted();
      const named = (operation: string): string => `${operation.slice(0, 1).toUpperCase()}${operation.slice(1)}`;
      const allowed = accessRules(['email', 'siren', 'sms'], '').map(({ user, resource, name, operations }) => ({
        user,
        resource,
        name,
        operations: operations.map(named),
      }));
      expect(byText(rendered)).toEqual(byText(allowed));
    });

    it('brings the recording and alert rules as they are tested, and a backup that runs as restricted as everything else', () => {
      const whole = render(program ?? '', ...WHOLE).objects;
      const rules = whole.filter((object) => object.kind === 'PrometheusRule').map((object) => at(object, 'spec.groups'));
      const tested = ['recording', 'alerts'].map((name) =>
        at(parse(readFileSync(join(root, 'deploy/observability/rules', `${name}.yaml`), 'utf8')), 'groups'),
      );
      expect(rules).toEqual(tested);
      const pod = at(
        whole.find((object) => object.kind === 'CronJob'),
        'spec.jobTemplate.spec.template.spec',
      );
      expect(pod).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } });
      expect(at(pod, 'containers.0')).toMatchObject({
        args: ['admin', 'backup', '--out', '/backups', '--key', '/run/tocsin/backup.key', '--keep', '12'],
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      });
    });

    it('a channel more is one value: it gets everything the others have', () => {
      const more = render(program ?? '', ...WHOLE, 'channels.siren={}').objects;
      const kindsOf = (name: string): string[] =>
        more.filter((object) => object.metadata.name.startsWith(`tocsin-channel-${name}`)).map((object) => object.kind);
      expect(kindsOf('siren').toSorted()).toEqual(kindsOf('sms').toSorted());
      expect(new Set(kindsOf('siren'))).toEqual(
        new Set([
          'Deployment',
          'ServiceAccount',
          'PodDisruptionBudget',
          'HorizontalPodAutoscaler',
          'NetworkPolicy',
          'Certificate',
          'KafkaUser',
        ]),
      );
    });

    it('with KEDA the same figures are asked of Prometheus', () => {
      const scaled = render(program ?? '', 'autoscaling={"kind":"keda","prometheus":"http://prometheus:9090"}').objects;
      expect(scaled.filter((object) => object.kind === 'ScaledObject')).toHaveLength(services.length);
      expect(scaled.filter((object) => object.kind === 'HorizontalPodAutoscaler')).toEqual([]);
    });

    it.each([
      ['an unknown value', 'sevices={}'],
      ['a port that is none', 'services.gateway.port=0'],
      ['a channel named like no key', 'channels.Sms={}'],
      ['a record form nobody knows', 'records="0.0"'],
    ])('refuses %s', (_what, set) => {
      expect(() => render(program ?? '', set)).toThrow(/values don't meet the specifications/);
    });

    /** Peers of a service as it says itself. */
    function callsOf(name: string): string[] {
      const main = readFileSync(join(root, 'services', name, 'src/main.ts'), 'utf8');
      return [...(/peers: \[([^\]]*)\]/.exec(main)?.[1] ?? '').matchAll(/'([^']+)'/g)].map((match) => match[1] ?? '');
    }

    function keepsDocuments(name: string): boolean {
      return readdirSync(join(root, 'services', name, 'src'), { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
        .some((path) => readFileSync(join(root, 'services', name, 'src', path), 'utf8').includes('connectMongo('));
    }
  },
);

interface Peer {
  readonly podSelector?: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly namespaceSelector?: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly ipBlock?: { readonly cidr: string };
}

interface Policy {
  readonly ingress: readonly { readonly from?: readonly Peer[]; readonly ports: readonly { readonly port: number }[] }[];
  readonly egress: readonly { readonly to: readonly Peer[]; readonly ports: readonly { readonly port: number }[] }[];
}
