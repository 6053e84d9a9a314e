export { systemClock } from './clock.js';
export type { Clock } from './clock.js';
export { runService } from './run-service.js';
export type {
  Drain,
  DrainStage,
  Health,
  HttpRoute,
  PlatformConfig,
  ServiceContext,
  ServiceSpec,
  Setting,
  SettingsOf,
} from './service.js';
