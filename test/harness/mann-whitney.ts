// Whether two lists of times could be of one kind of answer: for tests that an answer does not tell by how long it takes.

/** Two-sided p of the Mann-Whitney U test, by the normal approximation. */
export function mannWhitney(a: number[], b: number[]): number {
  const all = [...a.map((value) => ({ value, mine: true })), ...b.map((value) => ({ value, mine: false }))].sort(
    (x, y) => x.value - y.value,
  )
  const rankSum = all.reduce((sum, { mine }, i) => sum + (mine ? i + 1 : 0), 0)
  const u = rankSum - (a.length * (a.length + 1)) / 2
  const z = Math.abs(u - (a.length * b.length) / 2) / Math.sqrt((a.length * b.length * (a.length + b.length + 1)) / 12)
  const t = 1 / (1 + 0.2316419 * z)
  const tail =
    (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return Math.min(1, 2 * tail)
}
