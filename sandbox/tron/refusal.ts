// Why a transaction is not taken, in java-tron's codes and words, because clients read them.
// Must stay true: a refusal is thrown before anything has changed.

export type RefusedCode =
  | 'SIGERROR'
  | 'CONTRACT_VALIDATE_ERROR'
  | 'CONTRACT_EXE_ERROR'
  | 'BANDWITH_ERROR'
  | 'DUP_TRANSACTION_ERROR'
  | 'TAPOS_ERROR'
  | 'TOO_BIG_TRANSACTION_ERROR'
  | 'TRANSACTION_EXPIRATION_ERROR'
  | 'OTHER_ERROR'

/** A transaction that is not taken. */
export class Refused extends Error {
  readonly code: RefusedCode

  constructor(code: RefusedCode, message: string) {
    super(message)
    this.code = code
  }
}
/** `bare`: the words without the prefix that broadcasting puts before them. */
export class Invalid extends Refused {
  readonly bare: string

  constructor(bare: string) {
    super('CONTRACT_VALIDATE_ERROR', `Contract validate error : ${bare}`)
    this.bare = bare
  }
}
