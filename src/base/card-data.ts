// Card numbers and what proves their possession, taken out of whatever a vendor says before it is kept, logged or passed
// on. Must stay true: of a card number no more than the last four digits leaves here; a security code leaves not at all;
// ids and amounts stay as they are.

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi
/** 13 to 19 digits that begin as cards do, together or in groups, in any script's full-width form too. */
const LONG_NUMBER = /(?<![0-9])(?:[3-6]|2(?=[2-7]))(?:[ \-.\u00a0_]?[0-9]){12,18}(?![0-9])/g
/** Digits on both sides of a point, and nothing else. */
const AMOUNT = /^-?[0-9]{1,12}\.[0-9]{1,18}$/
const ID_FIELD = /(?:^|_)ids?$|Id$/
/** What vendors show of a number themselves: 40963608****1234. */
const MASKED = /(?<![0-9])[0-9]{4,8}[*xX•·.]{2,12}([0-9]{4})(?![0-9])/g
const NUMBER_FIELD = /^(?:card_?(?:number|no)|pan|account_number_pan|primary_account_number|full_card_number)$/i
const SECRET_FIELD =
  /^(?:cvv2?|cvc2?|cvn2?|cid|csc|security_?code|card_?(?:cvv|cvc|pin|verification_value)|pin|pin_block|expir(?:y|e|ation)_?(?:date|month|year)?|exp_?(?:date|month|year)|track_?[12]?(?:_data)?|otp|activation_code)$/i
const SECRET_IN_TEXT =
  /\b(cvv2?|cvc2?|cvn2?|csc|security[ _]?code|pin|expire_date|expiry(?:[ _]date)?)("?\s*(?:is|[:=])?\s*"?)\d{2,6}(?:\s?\/\s?\d{2,4})?/gi

const fullWidth = (text: string) =>
  text.replace(/[\uff10-\uff19]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))

const lastFour = (text: string) => `[card …${text.replace(/\D/g, '').slice(-4)}]`

/** A text without card numbers. Ids in UUID form are left alone although they may hold as many digits. */
export function withoutCardNumbers(text: string, field = ''): string {
  if (AMOUNT.test(text)) return text
  const cutNumbers = ID_FIELD.test(field) ? cutSureNumbers : cutLongNumbers
  const plain = fullWidth(text)
  let cut = ''
  let from = 0
  for (const id of plain.matchAll(UUID)) {
    cut += cutNumbers(plain.slice(from, id.index)) + id[0]
    from = id.index + id[0].length
  }
  const whole = cut + cutNumbers(plain.slice(from))
  return whole === plain ? text : whole
}

/** An id may be a long number by right: there only those count whose check digit is a card's. */
const cutSureNumbers = (text: string) =>
  text.replace(LONG_NUMBER, (found) => (hasCheckDigit(found) ? lastFour(found) : found))

function hasCheckDigit(number: string): boolean {
  const digits = [...number.replace(/\D/g, '')].reverse().map(Number)
  const sum = digits.reduce((all, digit, i) => all + (i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2), 0)
  return sum % 10 === 0
}

const cutLongNumbers = (text: string) =>
  text
    .replace(LONG_NUMBER, lastFour)
    .replace(MASKED, (_all, last: string) => `[card …${last}]`)
    .replace(SECRET_IN_TEXT, '$1$2[cut]')

/** The same for a whole JSON value: every text, number and field name at any depth. */
export function withoutCardData(value: unknown, field = ''): unknown {
  if (SECRET_FIELD.test(field) && value !== null && typeof value !== 'object') return '[cut]'
  if (typeof value === 'string') {
    const digits = fullWidth(value).replace(/\D/g, '')
    if (NUMBER_FIELD.test(field) && digits.length > 4) return lastFour(digits)
    return withoutCardNumbers(value, field)
  }
  if (typeof value === 'number' || typeof value === 'bigint') {
    const text = String(value)
    const cut = withoutCardNumbers(text, field)
    return cut === text ? value : cut
  }
  if (Array.isArray(value)) return value.map((one) => withoutCardData(one, field))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [withoutCardNumbers(name), withoutCardData(inner, name)]),
    )
  }
  return value
}

/** What may be shown of a number, however it was written: its last four digits, when it has so many. */
export function lastFourOf(number: unknown): string | undefined {
  return typeof number === 'string' ? /(\d{4})\D*$/.exec(number)?.[1] : undefined
}
