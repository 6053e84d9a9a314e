import { describe, expect, it } from 'vitest';
import { createMetrics } from './create-metrics.js';

describe('createMetrics', () => {
  it('shows every known series at zero before anything happened', async () => {
    const metrics = createMetrics();
    metrics.counter({ name: 'attempts_total', help: 'x', labels: { channel: ['sms', 'email'], outcome: ['ok', 'failed'] } });
    metrics.histogram({ name: 'wait_seconds', help: 'x', labels: { lane: ['bulk'] }, buckets: [1] });
    metrics.gauge({ name: 'in_doubt', help: 'x' });
    const text = await metrics.text();
    expect(text.match(/^tocsin_attempts_total\{.*\} 0$/gm)).toHaveLength(4);
    expect(text).toContain('tocsin_wait_seconds_count{lane="bulk"} 0');
    expect(text).toContain('tocsin_in_doubt 0');
    expect(text).toContain('process_resident_memory_bytes');
  });

  it('counts, also through a second handle of the same name, and collects gauges when asked', async () => {
    const metrics = createMetrics();
    const spec = { name: 'records_total', help: 'x', labels: { topic: ['a'] } };
    metrics.counter(spec).add({ topic: 'a' }, 2);
    metrics.counter(spec).add({ topic: 'a' });
    let depth = 3;
    metrics.gauge({ name: 'depth', help: 'x' }, () => depth);
    depth = 5;
    const text = await metrics.text();
    expect(text).toContain('tocsin_records_total{topic="a"} 3');
    expect(text).toContain('tocsin_depth 5');
  });

  it('reads every collector of a gauge at a scrape, each with its own series', async () => {
    const metrics = createMetrics();
    const spec = { name: 'batch_running_seconds', help: 'x', labels: { reader: [] } };
    metrics.gauge(spec, () => [{ labels: { reader: 'a' }, value: 1 }]);
    metrics.gauge(spec, () => [{ labels: { reader: 'b' }, value: 2 }]);
    const text = await metrics.text();
    expect(text).toContain('tocsin_batch_running_seconds{reader="a"} 1');
    expect(text).toContain('tocsin_batch_running_seconds{reader="b"} 2');
  });

  it('refuses one name with two types', () => {
    const metrics = createMetrics();
    metrics.counter({ name: 'a', help: 'x' });
    expect(() => metrics.gauge({ name: 'a', help: 'x' })).toThrow('another type');
  });
});
