// A model of the card issuer, for tests: it decides card payments one after the other as an issuer does, and keeps the
// statement that the bank is later told, in any order. It shares no code with the bank.

import type { IssuerTransaction } from '../../src/domain/ports.ts'
import type { Draws } from './ledger.ts'

interface Payment {
  root: string
  open: bigint
}

export class IssuerModel {
  readonly statement: IssuerTransaction[] = []
  /** What the card holds before anything that is authorised is taken off; may go below zero. */
  balance = 0n
  readonly #payments: Payment[] = []
  readonly #cardId: string
  #clock = Date.UTC(2026, 5, 26)
  #serial = 0

  constructor(cardId: string) {
    this.#cardId = cardId
  }

  get open(): bigint {
    return this.#payments.reduce((sum, payment) => sum + payment.open, 0n)
  }

  load(cents: bigint): void {
    this.balance += cents
  }

  /** One more thing that happens to the card. */
  step(draws: Draws): void {
    const amount = BigInt(1 + draws.below(4_000))
    const payment = this.#payments[draws.below(this.#payments.length)]
    if (payment && draws.below(4) > 0) this.#goOn(payment, amount, draws.below(8))
    else this.#begin(amount, draws.below(4))
  }

  #begin(amount: bigint, what: number): void {
    if (what === 0) this.#forcePost(amount)
    else if (what === 1) this.#charge(amount / 100n + 1n)
    else this.#authorize(amount)
  }

  #goOn(payment: Payment, amount: bigint, what: number): void {
    const { open } = payment
    if (what === 0) this.#increment(payment, amount)
    if (what === 1) this.#release(payment, open)
    if (what === 2) this.#release(payment, amount < open ? amount : open)
    if (what === 3) this.#capture(payment, open === 0n ? amount : open)
    if (what === 4) this.#capture(payment, open > 1n ? open / 2n : amount)
    if (what === 5) this.#capture(payment, open + amount) // more than was authorised
    if (what === 6) this.#refund(payment, amount) // also before anything is captured
    if (what === 7) this.#expire(payment)
  }

  #charge(amount: bigint): void {
    this.balance -= amount
    this.#record('FEE', 'APPROVED', amount, undefined)
  }

  #authorize(amount: bigint): void {
    const isGood = amount <= this.balance - this.open
    const root = this.#nextId()
    if (isGood) this.#payments.push({ root, open: amount })
    this.#record('AUTHORIZATION', isGood ? 'APPROVED' : 'DECLINED', amount, undefined, root)
  }

  #increment(payment: Payment, amount: bigint): void {
    const isGood = amount <= this.balance - this.open
    if (isGood) payment.open += amount
    this.#record('AUTHORIZATION', isGood ? 'APPROVED' : 'DECLINED', amount, payment.root)
  }

  #release(payment: Payment, amount: bigint): void {
    if (amount === 0n) return
    payment.open -= amount
    this.#record('REVERSAL', 'APPROVED', amount, payment.root)
  }

  #capture(payment: Payment, amount: bigint): void {
    payment.open = amount > payment.open ? 0n : payment.open - amount
    this.balance -= amount
    this.#record('SETTLEMENT_DEBIT', 'APPROVED', amount, payment.root)
  }

  #forcePost(amount: bigint): void {
    const root = this.#nextId()
    this.#payments.push({ root, open: 0n })
    this.balance -= amount
    this.#record('SETTLEMENT_DEBIT', 'APPROVED', amount, undefined, root)
  }

  #refund(payment: Payment, amount: bigint): void {
    const kind = amount % 2n === 0n ? 'REFUND' : 'SETTLEMENT_CREDIT'
    // a refund may name the capture that it gives back instead of the first authorisation
    const captures = this.statement.filter((one) => one.originalId === payment.root && one.type === 'SETTLEMENT_DEBIT')
    const of = captures.find((_one, i) => BigInt(i) === amount % BigInt(captures.length + 1))?.transactionId
    this.balance += amount
    this.#record(kind, 'APPROVED', amount, of ?? payment.root)
  }

  #expire(payment: Payment): void {
    const rest = payment.open
    payment.open = 0n
    this.#record('AUTHORIZATION_EXPIRY', 'APPROVED', rest, payment.root)
  }

  #nextId(): string {
    this.#serial += 1
    return `${this.#cardId}-${this.#serial}`
  }

  #record(
    type: string,
    status: IssuerTransaction['status'],
    cents: bigint,
    originalId: string | undefined,
    id = this.#nextId(),
  ): void {
    this.#clock += 1_000
    const amount = print(cents)
    this.statement.push({
      transactionId: id,
      ...(originalId ? { originalId } : {}),
      cardId: this.#cardId,
      type,
      status,
      billing: { amount, currency: 'USD' },
      transaction: { amount, currency: 'USD' },
      fee: { amount: '0', currency: 'USD' },
      availableAfter: print(this.balance - this.open),
      merchant: { name: 'Alipay', city: 'Shanghai', country: 'CN', categoryCode: '5411' },
      description: '',
      at: new Date(this.#clock),
    })
  }
}

const print = (cents: bigint) => {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0')
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}
