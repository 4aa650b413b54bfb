// A sign-in in the numbers of the document: by what, on which platform, with which outcome.
// What the document has numbers for and the bank no way to (WeChat, QQ, scanned codes, OAuth) is never said.

import type { SignInEntry } from '../../domain/notice/security-log.ts'

const types = { mobile: 1, email: 2 } as const
const platforms = { web: 1, h5: 2, app: 3 } as const
const outcomes = { true: 1, false: 2 } as const

const HANDHELD = /^(android|ios|harmony)/i
const BROWSER =
  /chrome|chromium|safari|firefox|edge|opera|samsung|uc browser|qq|wechat|yandex|internet explorer|vivaldi/i

/** A browser on a telephone is H5, any other browser WEB, another program APP. */
function platformOf(device: string): keyof typeof platforms {
  const [browser = '', os = ''] = device.split(' / ')
  if (!BROWSER.test(browser)) return 'app'
  return HANDHELD.test(os) ? 'h5' : 'web'
}

function systemOf(device: string): string {
  const os = device.split(' / ')[1] ?? ''
  if (/^android/i.test(os)) return 'android'
  return /^ios/i.test(os) ? 'ios' : 'web'
}

export const signInOf = ({ succeeded, ip, device, by, at }: SignInEntry & { by: keyof typeof types }) => ({
  lgType: types[by],
  lgPlatform: platforms[platformOf(device)],
  lgSystem: systemOf(device),
  lgIp: ip,
  lgStatus: outcomes[`${succeeded}`],
  lgInTime: at.getTime(),
})
