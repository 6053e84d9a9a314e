export { newId, isId, contactId, parseContactId, deliveryId, parseDeliveryId, sliceKey } from './ids.js';
export type { CampaignId, DeliveryId, DeliveryPlace, IdPrefix, TenantId } from './ids.js';
export { encodeMessage } from './encode-message.js';
export type { MessageEncoder } from './encode-message.js';
export { derivedId } from './derived-id.js';
export { LANES, laneName } from './lanes.js';
export type { LaneName } from './lanes.js';
export {
  CHANNEL_PARTITIONS,
  CHANNEL_TOPICS,
  KEYED_BY_ADDRESS,
  DEAD_LETTER_RETENTION,
  DEFAULT_SHARES,
  LEDGER_PARTITIONS,
  TOPICS,
  acknowledgementsTopic,
  attemptsTopic,
  channelTopicSpecs,
  deadTopic,
  grantedTopic,
  grantedTopicNamed,
  grantedTopics,
  receiptsTopic,
  unmatchedTopic,
} from './topics.js';
export type { TopicSpec } from './topics.js';
export { KAFKA_USERS, accessRules, topicsOf } from './kafka-access.js';
export type { AccessOperation, AccessRule } from './kafka-access.js';
export { CALLERS, DATABASE_OWNERS, mayCall } from './link-parties.js';
export { RECORD_TYPES } from './record-types.js';
export type { RecordOf, RecordType } from './record-types.js';
export { packEnvelope, record, unpackEnvelope } from './envelope.js';
export type { EnvelopeMeta, OutgoingRecord, UnpackedRecord } from './envelope.js';
export { RECORDS_APART, answersOf, attemptFactsOf, attemptRecordsOf, grantsOf, recordsApart } from './bundles.js';
export type { RecordForm } from './bundles.js';
export { CHANNEL_HOLDS, PAGE_SIZE, SLICE_SIZE } from './sizes.js';
export { paceUnitsPerSecond } from './pace-units.js';
export { quotaRules } from './quota-rules.js';
export type { QuotaRule } from './quota-rules.js';
export { addTallies } from './add-tallies.js';
export { NOT_GSM7, messageCost, messageLength, smsSegments, textLength } from './message-cost.js';
export type { TextLength } from './message-cost.js';
export { ControlBook } from './control-book.js';
export type { Controlled } from './control-book.js';
export { controlKey } from './control-key.js';
