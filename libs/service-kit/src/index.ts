export { systemClock } from './clock.js';
export type { Clock } from './clock.js';
export { readLinks } from './read-links.js';
export { runService } from './run-service.js';
export { addresses, choice, duration, file, flag, integer, number, optional, path, port, setting, text, url } from './setting-kinds.js';
export { DRAIN_DEADLINE } from './drain-order.js';
export type {
  Drain,
  DrainStage,
  Health,
  HttpRoute,
  KafkaLink,
  PlatformConfig,
  ServiceContext,
  ServiceSpec,
  Setting,
  SettingsOf,
  StoreLink,
} from './service.js';
