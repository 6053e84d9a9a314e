export { runChannel } from './channel.js';
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
export { RenderError, parseTemplate, renderTemplate, templateVariables } from './template.js';
export type { Template } from './template.js';
