import { runChannel } from '@tocsin/channel-kit';
import { emailChannel } from './email.channel.js';

await runChannel(emailChannel);
