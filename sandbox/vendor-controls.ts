// Buttons for the vendors: answer an identity check, spend with a card, end a payout; and make their wires fail.
// Must stay true: a button does what the vendor itself would do, and says the same over the same webhooks.

import { ControlError } from './chain.ts'
import { type Controls, type Input, integer, only } from './control.ts'
import type { SumsubServer } from './sumsub.ts'
import type { UqpayServer } from './uqpay.ts'
import { type Fault, faultKinds } from './uqpay-faults.ts'
import type { PayoutStep } from './uqpay-payouts.ts'
import { fairWeather, type WebhookSender } from './webhook-sender.ts'

const answers = ['approve', 'reject', 'retry'] as const
const cardSteps = {
  authorise: 'authorization',
  decline: 'authorization',
  increment: 'increment',
  clear: 'capture',
  reverse: 'reversal',
  refund: 'refund',
  expire: 'expiry',
  'force-post': 'force-post',
} as const
const payoutSteps = ['send', 'complete', 'fail', 'reject', 'return'] as const

export interface Vendors {
  uqpay?: UqpayServer | undefined
  sumsub?: SumsubServer | undefined
}

function oneOf<const W extends string>(value: unknown, name: string, words: readonly W[]): W {
  const found = words.find((word) => word === value)
  if (found === undefined) throw new ControlError(`${name} must be one of ${words.join(', ')}`)
  return found
}

function textOf(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw new ControlError(`${name} must be a text`)
  return value
}

/** A vendor's refusal is the caller's to read. */
function told<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    const status = (error as { status?: unknown }).status
    if (typeof status === 'number' && error instanceof Error) throw new ControlError(error.message, status)
    throw error
  }
}

export function vendorControls({ uqpay, sumsub }: Vendors): Controls {
  const issuer = () => uqpay ?? none('card issuer')
  const examiner = () => sumsub ?? none('identity check')
  const sideOf = (vendor: unknown): { faults: Fault[]; webhooks: WebhookSender } =>
    oneOf(vendor, 'vendor', ['uqpay', 'sumsub']) === 'uqpay' ? issuer() : examiner()

  /** The card's own step, with the names that the vendor's simulation has for its fields. */
  function card(input: Input): object {
    only(input, ['action', 'card_id', 'transaction_id', 'amount', 'merchant', 'category', 'final'])
    const action = oneOf(input.action, 'action', Object.keys(cardSteps) as (keyof typeof cardSteps)[])
    const { amount, merchant, category, final } = input
    const isNew = action === 'authorise' || action === 'decline'
    const isNamed = input.card_id !== undefined || input.transaction_id !== undefined
    const card_id = isNamed || !isNew ? input.card_id : issuer().newestCard()
    const transaction_id = isNamed || isNew ? input.transaction_id : issuer().newestTransaction()
    const body = {
      ...(card_id === undefined ? {} : { card_id }),
      ...(transaction_id === undefined ? {} : { transaction_id }),
      ...(amount === undefined ? {} : { [isNew ? 'transaction_amount' : 'amount']: amount }),
      ...(merchant === undefined ? {} : { merchant_name: merchant }),
      ...(category === undefined ? {} : { merchant_category_code: category }),
      ...(final === undefined ? {} : { final }),
      ...(action === 'decline' ? { transaction_status: 'DECLINED' } : {}),
    }
    return told(() => issuer().simulate(cardSteps[action], body))
  }

  return {
    'POST /sandbox/identity': (input) => {
      only(input, ['user', 'answer'])
      const user = input.user === undefined ? examiner().newest() : textOf(input.user, 'user')
      if (!user) throw new ControlError('nobody has asked for an identity check yet', 404)
      const answer = oneOf(input.answer, 'answer', answers)
      return { user, answer, ...told(() => examiner().decide(user, answer)) }
    },
    'POST /sandbox/cardholder': (input) => {
      only(input, ['cardholder_id', 'answer'])
      const [id, answer] = [textOf(input.cardholder_id, 'cardholder_id'), oneOf(input.answer, 'answer', answers)]
      told(() => issuer().issuing.decide(id, answer === 'approve' ? 'GREEN' : answer === 'reject' ? 'RED' : 'RETRY'))
      return { cardholder_id: id, answer }
    },
    'POST /sandbox/card': card,
    'POST /sandbox/payout': (input) => {
      only(input, ['payout_id', 'action'])
      const id = input.payout_id === undefined ? issuer().newestPayout() : textOf(input.payout_id, 'payout_id')
      if (!id) throw new ControlError('there is no payout yet', 404)
      const step: PayoutStep = oneOf(input.action, 'action', payoutSteps)
      return told(() => issuer().payout(id, step))
    },
    'POST /sandbox/vendor-fault': (input) => {
      only(input, ['vendor', 'kind', 'on', 'times'])
      const { faults } = sideOf(input.vendor)
      const fault = {
        kind: oneOf(input.kind, 'kind', faultKinds),
        on: input.on === undefined ? '' : textOf(input.on, 'on'),
        times: integer(input.times ?? 1, 'times', 1, 1_000),
      }
      faults.push(fault)
      return fault
    },
    'POST /sandbox/webhooks': (input) => {
      only(input, ['vendor', 'delay_ms', 'copies', 'reversed', 'lose', 'leaking'])
      const { webhooks } = sideOf(input.vendor)
      webhooks.weather = {
        delay: integer(input.delay_ms ?? fairWeather.delay, 'delay_ms', 0, 600_000),
        copies: integer(input.copies ?? fairWeather.copies, 'copies', 1, 100),
        reversed: input.reversed === true,
        lose: integer(input.lose ?? fairWeather.lose, 'lose', 0, 1_000),
        leaking: input.leaking === true,
      }
      return webhooks.weather
    },
  }
}

function none(what: string): never {
  throw new ControlError(`the sandbox runs no ${what}: another one is configured`, 404)
}
