export { runChannel } from './run-channel.js';
export type {
  ChannelDefinition,
  FailureReason,
  ProviderReceipt,
  ProviderReply,
  Rendered,
  RouteDriver,
  RouteEvents,
  Submission,
  SubmitAnswer,
} from './channel.js';
export { FAILURE_REASONS } from './failures.js';
export { assertLoopback, isLoopback } from './loopback.js';
export { parseChannelFile, readChannelFile } from './manifest.js';
export type { ChannelFile } from './manifest.js';
export { RenderError, parseTemplate, renderTemplate, templateVariables } from './template.js';
export type { Template } from './template.js';
