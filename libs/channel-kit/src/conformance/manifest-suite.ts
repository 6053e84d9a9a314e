import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { channelTopicSpecs } from '@tocsin/contracts';
import { announcedManifest, readChannelFile } from '../manifest.js';
import type { ConformanceSubject } from './subject.js';

/** The channel describes itself, and its folder, topics and announcement agree. */
export function manifestSuite(subject: ConformanceSubject): void {
  describe('manifest', () => {
    it('is valid and named like its folder', async () => {
      const file = await readChannelFile(subject.manifest);
      expect(basename(dirname(fileURLToPath(subject.manifest)))).toBe(`channel-${file.key}`);
    });

    it('waits for receipts exactly where accepted is not the end', async () => {
      const file = await readChannelFile(subject.manifest);
      expect(file.receipt_timeout > 0).toBe(!file.accepted_is_terminal);
    });

    it('has one granted topic a lane with one partition a share', async () => {
      const file = await readChannelFile(subject.manifest);
      const granted = channelTopicSpecs(file.key, file.shares).filter((spec) => spec.name.startsWith(`delivery.granted.${file.key}.`));
      expect(granted.map((spec) => spec.partitions)).toEqual([file.shares, file.shares, file.shares, file.shares]);
    });

    it('announces its routes with their rate', async () => {
      const file = await readChannelFile(subject.manifest);
      const rig = await subject.rig();
      try {
        const manifest = announcedManifest(file, [rig.driver], file.receipt_timeout, 1);
        expect(manifest.routes).toHaveLength(1);
        expect(manifest.routes[0]?.ratePerSecond).toBeGreaterThan(0);
        expect(manifest.routes[0]?.binds).toBeGreaterThan(0);
        expect(rig.driver.window).toBeGreaterThanOrEqual(1);
        expect(rig.driver.window).toBeLessThanOrEqual(64);
      } finally {
        await rig.stop();
      }
    });
  });
}
