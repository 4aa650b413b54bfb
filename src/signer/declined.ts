// Why the signer does not sign. Thrown, so that nothing is signed on the way; the words are for operators.
// Must stay true: what is wrong with the payment itself is final; what may be cured (a draft, an hour's limit) is not.

export class Declined extends Error {
  /** It will never sign this payment; without it the same payment may be asked for again. */
  readonly final: boolean

  constructor(reason: string, final: boolean) {
    super(reason)
    this.name = 'Declined'
    this.final = final
  }
}

/** The payment is not what it must be. */
export function demand(condition: unknown, reason: string): asserts condition {
  if (!condition) throw new Declined(reason, true)
}

/** Not now, or not with this draft. */
export function demandNow(condition: unknown, reason: string): asserts condition {
  if (!condition) throw new Declined(reason, false)
}
