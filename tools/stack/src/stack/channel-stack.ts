import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UNTABLED_OFFSETS } from './port-plan.js';

/**
 * What a channel's folder says about running it in the development stack (services/channel-<key>/stack.json, optional): port offsets, settings with
 * "{standInHost}", "{standInPort}" and "{ratePerSecond}" filled in, the stand-in that plays its provider, and a second one beside it for those who want two.
 */
const stackFile = z.strictObject({
  httpOffset: z.number().int().min(0).max(99).optional(),
  env: z.record(z.string().startsWith('TOCSIN_CHANNEL_'), z.string()).default({}),
  standIn: z
    .strictObject({
      script: z.string(),
      offset: z.number().int().min(0).max(99),
      httpOffset: z.number().int().min(0).max(99),
      ratePerSecond: z.number().positive(),
      second: z.strictObject({ offset: z.number().int().min(0).max(99), httpOffset: z.number().int().min(0).max(99) }).optional(),
    })
    .optional(),
  /** Routes to both stand-ins, for TOCSIN_STACK_<CHANNEL>_ROUTES=2: the list, and the setting that names the file it is written to. */
  routes: z
    .strictObject({
      variable: z.string().startsWith('TOCSIN_CHANNEL_'),
      list: z.array(z.record(z.string(), z.union([z.string(), z.number()]))),
    })
    .optional(),
});

type StackFile = z.infer<typeof stackFile>;

export interface ChannelStack {
  /** "channel-sms": its folder's name. */
  readonly service: string;
  /** "sms". */
  readonly channel: string;
  readonly httpOffset: number;
  readonly env: Readonly<Record<string, string>>;
  readonly standIn: StackFile['standIn'];
  readonly routes?: StackFile['routes'];
}

/** Every channel is a folder with a manifest; nothing else lists them. */
export function findChannels(root: string): readonly ChannelStack[] {
  let untabled = UNTABLED_OFFSETS.first;
  return readdirSync(join(root, 'services'))
    .filter((name) => name.startsWith('channel-') && existsSync(join(root, 'services', name, 'channel.json')))
    .toSorted()
    .map((service) => {
      const file = join(root, 'services', service, 'stack.json');
      const said = stackFile.parse(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});
      const httpOffset = said.httpOffset ?? untabled++;
      if (httpOffset > UNTABLED_OFFSETS.last) throw new Error('More channels than ports: name an httpOffset in their stack.json.');
      return { service, channel: service.slice('channel-'.length), httpOffset, env: said.env, standIn: said.standIn, routes: said.routes };
    });
}
