// Mails and text messages to customers: queued in the transaction that makes them necessary, sent by a worker.
// Must stay true: neither the code nor the contact lies in clear in the queue; a code that ran out is not sent.

import { seal, unseal } from '../../base/crypto.ts'
import type { Queries } from '../../base/database.ts'
import { addJob } from '../../base/jobs.ts'
import type { Bank, Locale } from '../context.ts'
import type { ContactKind } from '../people/contact.ts'
import { type InboxParams, type InboxType, inboxWords } from './inbox-text.ts'

export type CodeScene = 'register' | 'login' | 'reset' | 'change_contact' | 'partner' | 'login2fa'

/** What a message says. `nothing` is queued where sending would tell that an account exists, and dropped. */
export type MessageBody =
  | { about: 'code'; scene: CodeScene; code: string; minutes: number }
  | { about: 'contact-taken' }
  /** To an operator. `url` is the server's address, empty where that is not known. */
  | { about: 'invitation'; code: string; hours: number; url: string }
  | { about: 'nothing' }
  | { about: 'news'; type: InboxType; params: object }

export interface Message {
  kind: ContactKind
  to: string
  locale: Locale
  /** Milliseconds since 1970 after which it is not worth sending. */
  until: number
  body: MessageBody
}

export const SEND_MESSAGE = 'send-message'
const CONTEXT = 'message'

export async function queueMessage(bank: Bank, tx: Queries, message: Message): Promise<void> {
  // one length for all, so that the queue does not tell one kind from another
  const text = JSON.stringify(message).padEnd(700)
  const sealed = seal(bank.keys.personal, text, CONTEXT).toString('base64')
  await addJob(tx, SEND_MESSAGE, { sealed }, { maxAttempts: 8 })
}

export const news = <T extends InboxType>(type: T, params: InboxParams[T]): MessageBody => ({
  about: 'news',
  type,
  params,
})

/** Opens what the queue holds and sends it. Throws when the gateway did not take it: the queue tries again. */
export async function sendQueuedMessage(bank: Bank, payload: { sealed: string }): Promise<void> {
  const message = JSON.parse(unseal(bank.keys.personal, Buffer.from(payload.sealed, 'base64'), CONTEXT)) as Message
  if (message.body.about === 'nothing' || bank.clock.now().getTime() > message.until) return
  const { subject, text } = wordsOf(message.body, message.locale)
  if (message.kind === 'email')
    await bank.mail.send({ to: message.to, subject, text: `${text}\n\n${signature[message.locale]}` })
  else await bank.sms.send({ to: message.to, text: message.locale === 'zh' ? `【UniPay】${text}` : `UniPay: ${text}` })
}

const signature = {
  zh: 'UniPay\n此邮件由系统自动发送,请勿回复。UniPay 不会向您索要验证码或密码。',
  en: 'UniPay\nThis mail was sent automatically. UniPay never asks for your codes or passwords.',
} satisfies Record<Locale, string>

const scenes = {
  zh: {
    register: '注册',
    login: '登录',
    reset: '重置密码',
    change_contact: '绑定联系方式',
    partner: '授权合作方',
    login2fa: '登录二次验证',
  },
  en: {
    register: 'sign up',
    login: 'sign in',
    reset: 'reset your password',
    change_contact: 'confirm this contact',
    partner: 'let a partner act for you',
    login2fa: 'complete your sign-in',
  },
} satisfies Record<Locale, Record<CodeScene, string>>

function wordsOf(body: Exclude<MessageBody, { about: 'nothing' }>, locale: Locale): { subject: string; text: string } {
  const zh = locale === 'zh'
  switch (body.about) {
    case 'code': {
      const purpose = scenes[locale][body.scene]
      return zh
        ? {
            subject: `UniPay ${purpose}验证码`,
            text: `您的${purpose}验证码是 ${body.code},${body.minutes} 分钟内有效。请勿告诉任何人。`,
          }
        : {
            subject: 'Your UniPay code',
            text: `${body.code} is your code to ${purpose}. It is valid for ${body.minutes} minutes. Do not share it with anyone.`,
          }
    }
    case 'contact-taken':
      return zh
        ? {
            subject: 'UniPay 账户提示',
            text: '有人尝试用此联系方式注册或绑定 UniPay 账户,但它已属于一个账户。若是您本人,请直接登录;若非本人,请忽略。',
          }
        : {
            subject: 'About your UniPay account',
            text: 'Somebody tried to use this contact for a UniPay account, but it already belongs to one. If it was you, simply sign in; if not, ignore this message.',
          }
    case 'invitation': {
      const { code, hours, url } = body
      return zh
        ? {
            subject: 'UniPay 运营后台邀请',
            text: `您被邀请加入 UniPay 运营后台${url && `(${url}/console)`}。邀请码:${code}\n${hours} 小时内有效,仅可使用一次,请勿告诉任何人。`,
          }
        : {
            subject: 'Invitation to the UniPay console',
            text: `You are invited to the UniPay console${url && ` (${url}/console)`}. Invitation code: ${code}\nIt works once, within ${hours} hours. Do not share it with anyone.`,
          }
    }
    case 'news': {
      const { title, body: text } = inboxWords(body.type, body.params, locale)
      return { subject: `UniPay ${title}`, text }
    }
  }
}
