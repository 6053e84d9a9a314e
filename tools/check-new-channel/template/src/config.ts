import { z } from 'zod';

export const settings = {
  url: { env: 'PROVIDER_URL', schema: z.string().default('http://127.0.0.1:7498/submit'), doc: "The provider's address." },
  rate: {
    env: 'RATE',
    schema: z.string().default('50').transform(Number).pipe(z.number().positive().max(10_000)),
    doc: 'Messages a second of the whole route.',
  },
} as const;
