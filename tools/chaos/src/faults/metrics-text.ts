/** Value of one series with these labels written as Prometheus does (`channel="sms"`); undefined when there is none. */
export function seriesValue(text: string, name: string, label: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${name}{`) && one.includes(label));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1));
}

/** Value of a metric without labels; undefined when there is none. */
export function plainValue(text: string, name: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}
