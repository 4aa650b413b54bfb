// What the log may say of an error that came from a node's client: its text carries the node's address, and that may carry
// a key. Must stay true: no address leaves here.

export const plainError = (error: unknown) => ({
  name: error instanceof Error ? error.name : 'unknown',
  message: String(
    (error as { shortMessage?: unknown } | null)?.shortMessage ?? (error instanceof Error ? error.message : error),
  )
    .replace(/https?:\/\/\S+/g, '[node]')
    .slice(0, 300),
})
