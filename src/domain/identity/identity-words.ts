// What customers read about an identity check: why it was turned away, and what is to be done next.
// Must stay true: operators' own notes are never among these, nor that a document is known already.

import type { Locale } from '../context.ts'

/** The approval by which operators are asked. */
export const IDENTITY_REVIEW = 'identity_review'

export type Words = { readonly [L in Locale]: string }
const say = (zh: string, en: string): Words => ({ zh, en })

/** Why it was turned away, each with the next step. A note of operators begins with one of these words. */
export const identityRejections = {
  declined: {
    why: say('审核未通过', 'The review was not passed'),
    next: say('请联系客服', 'Contact support'),
  },
  photo_unreadable: {
    why: say('证件照片不清晰或不完整', 'The pictures of the document cannot be read, or are not complete'),
    next: say(
      '请在光线充足处重新拍摄整张证件后再次提交',
      'Take new pictures of the whole document in good light and submit again',
    ),
  },
  details_differ: {
    why: say('填写的信息与证件不一致', 'What was entered is not what the document says'),
    next: say('请按证件填写后再次提交', 'Enter everything as it stands on the document and submit again'),
  },
  document_expired: {
    why: say('证件已过期', 'The document has expired'),
    next: say('请使用有效证件再次提交', 'Submit again with a valid document'),
  },
  document_unsupported: {
    why: say('不支持该证件', 'This kind of document is not accepted'),
    next: say('请使用身份证或护照再次提交', 'Submit again with an identity card or a passport'),
  },
  underage: {
    why: say('未满 18 周岁', 'You have to be 18 or older'),
    next: say('年满 18 周岁后可再次提交', 'You can submit again when you are 18'),
  },
  face_differs: {
    why: say('人脸与证件不符', 'The face is not the one of the document'),
    next: say('请本人重新完成核验', 'Do the check again yourself'),
  },
  revoked: {
    why: say('认证已被撤销', 'The verification was withdrawn'),
    next: say('请联系客服', 'Contact support'),
  },
} as const satisfies Record<string, { why: Words; next: Words }>
export type IdentityRejection = keyof typeof identityRejections

const isRejection = (word: string): word is IdentityRejection => Object.hasOwn(identityRejections, word)

/** The reason that a note begins with, e.g. `photo_unreadable: glare over the number`; else `declined`. */
export function rejectionIn(note: string): IdentityRejection {
  const word = /^[a-z_]+/.exec(note)?.[0] ?? ''
  return isRejection(word) ? word : 'declined'
}

/** Undefined for a check that was not turned away. */
export const rejectionWords = (reason: string): { why: Words; next: Words } | undefined =>
  isRejection(reason) ? identityRejections[reason] : undefined
