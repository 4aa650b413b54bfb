// The receipt of a remittance: one page of PDF in Chinese and English, written here, byte by byte.
// Chinese stands in one of the fonts that every PDF reader knows for it (STSong-Light), so that none has to be shipped.
// Must stay true: every number is the order's; the account is masked; the same order gives the same bytes.

import { formatAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { CNH_SCALE } from './quote-remittance.ts'
import { maskAccount } from './recipient-fields.ts'
import type { Remittance } from './remittance-order.ts'

const usdt = (units: bigint) => `${formatAmount(units, assets.USDT.scale, 2)} USDT`
const cnh = (fen: bigint, currency: string) => `${formatAmount(fen, CNH_SCALE, 2)} ${currency}`
const time = (at: Date) => `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`

const linesOf = (order: Remittance): readonly (readonly [label: string, value: string])[] => [
  ['订单号 Order', `rm-${order.id}`],
  ['状态 Status', order.status === 'returned' ? '已退回 Returned by the bank' : '已完成 Completed'],
  ['付款人 Payer', `U${order.person_no}`],
  ['收款人 Recipient', order.recipient.holder],
  ['收款银行 Bank', `${order.recipient.bankName} ${order.recipient.swift}`],
  ['收款账号 Account', maskAccount(order.recipient.account)],
  ['汇款本金 Principal', usdt(order.principal)],
  ['汇率 Rate', `1 USDT = ${formatAmount(order.rate, 6, 4)} ${order.recipient.currency}`],
  ['到账金额 Received', cnh(order.cnh, order.recipient.currency)],
  ['手续费 Fee', usdt(order.fee)],
  ['扣款总额 Total debit', usdt(order.principal + order.fee)],
  ['提交时间 Submitted', time(order.created_at)],
  ...(order.settled_at ? [['完成时间 Settled', time(order.settled_at)] as const] : []),
]

/** UTF-16, big endian, as hexadecimal digits: what the encoding UniGB-UTF16-H reads. */
const hex = (text: string): string => `<${Buffer.from(text, 'utf16le').swap16().toString('hex').toUpperCase()}>`

const say = (x: number, y: number, size: number, text: string) => `BT /F1 ${size} Tf ${x} ${y} Td ${hex(text)} Tj ET`

export function receiptPdf(order: Remittance): Buffer {
  const page = [
    say(56, 770, 20, '跨境汇款回单 Remittance receipt'),
    '0.6 w 56 752 m 539 752 l S',
    ...linesOf(order).flatMap(([label, value], i) => [
      say(56, 724 - i * 26, 11, label),
      say(220, 724 - i * 26, 11, value),
    ]),
    say(56, 120, 9, '到账金额 = 本金 × 汇率,舍去分以下。 Received = principal × rate, rounded down to the fen.'),
  ].join('\n')
  return assemble([
    '<< /Type /Catalog /Pages 2 0 R /Lang (zh-CN) >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>',
    `<< /Length ${Buffer.byteLength(page)} >>\nstream\n${page}\nendstream`,
    '<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [6 0 R] >>',
    // letters and digits of the collection (CIDs 1 to 95) are half as wide as characters
    '<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000 /W [1 95 500] /FontDescriptor 7 0 R >>',
    '<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>',
  ])
}

/** Numbers the objects from 1, and says where each begins. */
function assemble(objects: readonly string[]): Buffer {
  let file = '%PDF-1.5\n'
  const places = objects.map((object, i) => {
    const place = Buffer.byteLength(file)
    file += `${i + 1} 0 obj\n${object}\nendobj\n`
    return place
  })
  const start = Buffer.byteLength(file)
  const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('')
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}`
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`
  return Buffer.from(file)
}
