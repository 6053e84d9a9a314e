export { runChannel } from './run-channel.js';
export type {
  ChannelDefinition,
  FailureReason,
  Found,
  LinkTest,
  ProviderReceipt,
  ProviderReply,
  Rendered,
  RouteDriver,
  RouteEvents,
  RouteTerms,
  Submission,
  SubmitAnswer,
} from './channel.js';
export { FAILURE_REASONS } from './failures.js';
export { assertLoopback, isLoopback } from './loopback.js';
export { parseChannelFile, readChannelFile } from './manifest.js';
export type { ChannelFile } from './manifest.js';
export { RenderError, parseTemplate, renderTemplate, templateVariables } from './template.js';
export type { Template } from './template.js';
export { ROUTE_FIELDS, ROUTE_SETTINGS, readableFile, routeTerms, routesFile } from './routes-file.js';
