// Ids in events as readers get them: with the prefix that the same thing has in the endpoints of its kind.
// Must stay true: the live stream and webhooks name a thing alike.

const prefixes: Readonly<Record<string, string>> = {
  deposit: 'r',
  transfer: 't',
  withdrawal: 'w',
  remittance: 'rm',
  recipient: 'rc',
  node: 'n',
  cashback: 'cb',
  commission: 'cr',
  yield: 'y',
}

/** The data of an event of the outbox, its `id` as it is in answers. */
export function withWireIds(type: string, data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const prefix = prefixes[type.split('.')[0] ?? '']
  return prefix && typeof data.id === 'string' ? { ...data, id: `${prefix}-${data.id}` } : data
}
