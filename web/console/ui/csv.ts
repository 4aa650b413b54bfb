// Tables as CSV files. Must stay true: what a spreadsheet would take for a formula is told to be text, since customers
// choose some of these texts; amounts keep every digit.

/** One cell: quoted where it must be, and never a formula. A plain number stays one. */
export function cellText(value: string): string {
  const isNumber = /^-?\d+(?:\.\d+)?$/.test(value)
  const harmless = !isNumber && /^[=+\-@\t\r＝＋－＠]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

export const csvText = (rows: readonly (readonly string[])[]): string =>
  `\uFEFF${rows.map((row) => row.map(cellText).join(',')).join('\r\n')}\r\n`

export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
