/** A decoded message as the generic forwarder sees it. */
export type Fields = Readonly<Record<string, unknown>>;

/** The text at a dotted path ("campaign.campaignId"), '' where there is none. */
export function textAt(message: unknown, path: string): string {
  let value: unknown = message;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return '';
    value = Object.hasOwn(value, name) ? (value as Fields)[name] : undefined;
  }
  return typeof value === 'string' ? value : '';
}
