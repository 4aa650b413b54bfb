// What customers read about the review of a recipient, and why operators may decline one.
// Must stay true: operators' own notes are never among these; a reason without its words does not compile.

import type { Locale } from '../context.ts'

type Words = { readonly [L in Locale]: string }
const say = (zh: string, en: string): Words => ({ zh, en })

/** Why operators may decline, in words that tell the customer what to do. */
export const recipientRejections = {
  declined: say(
    '审核未通过。如有疑问,请联系客服。',
    'It was declined after a review. If you have questions, contact support.',
  ),
  name_mismatch: say(
    '姓名与证件或账户不一致。请核对后修改,重新提交审核。',
    'The name does not match the document or the account. Correct it to have it reviewed again.',
  ),
  account_wrong: say(
    '账号与银行不符。请核对后修改,重新提交审核。',
    'The account number does not fit the bank. Correct it to have it reviewed again.',
  ),
  not_allowed: say('不能向该收款人汇款。请联系客服。', 'Nothing can be sent to this recipient. Contact support.'),
} as const satisfies Record<string, Words>
export type RecipientRejection = keyof typeof recipientRejections

const isRejection = (word: string): word is RecipientRejection => Object.hasOwn(recipientRejections, word)

/** The sentence of a reason; empty for none, or for one that a newer release wrote. */
export const recipientReason = (reason: string, locale: Locale): string =>
  isRejection(reason) ? recipientRejections[reason][locale] : ''

/** A note that begins with one of the reasons tells the customer that one, e.g. `name_mismatch: Zhang, not Zheng`. */
export function recipientRejectionOf(note: string): RecipientRejection {
  const word = /^[a-z_]+/.exec(note)?.[0] ?? ''
  return isRejection(word) ? word : 'declined'
}
