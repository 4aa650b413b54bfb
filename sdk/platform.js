// A client of the platform API: merchants that run the bank under their own brand.
// Must stay true: each try is encrypted anew, for a block counts once; an answer is believed when its signature is right.

import { jsonOf, makeMethods } from './call.js'
import { operations } from './operations/platform.js'
import { decryptPlatform, encryptPlatform, signPlain, signPlatform, verifyPlatform } from './signature/platform.js'

export * from './signature/platform.js'
export { UnipayError } from './unipay-error.js'

export function createPlatformClient(options) {
  const now = options.now ?? Date.now
  const wire = {
    api: 'platform',
    operations,
    parse: JSON.parse,
    async prepare(operation, { path, fields }, { operation: name }) {
      const headers = { 'content-type': 'application/json', 'accept-language': options.language ?? 'en' }
      const time = String(now())
      if (operation.plain) {
        if (options.secret === undefined) throw new TypeError(`${name} is signed with secret, which is missing`)
        const params = { ...fields, appKey: options.appId, time }
        const body = jsonOf(name, { ...params, sign: signPlain(params, options.secret) })
        return { path, headers, body, plain: true }
      }
      const text = jsonOf(name, fields)
      const data = encryptPlatform(text, options.platformPublicKey)
      const sign = signPlatform(text, options.privateKey)
      return { path, headers, body: JSON.stringify({ app_id: options.appId, time, data, sign }) }
    },
    open(envelope, { plain }, { status }) {
      const { code, msg, data, sign } = envelope ?? {}
      if (typeof code !== 'string' || typeof msg !== 'string') return undefined
      if (code !== '0') return { refused: { code, message: msg } }
      if (status >= 300) return undefined
      if (plain) return { data }
      if (data === '' && sign === '') return { data: undefined }
      const text = opened(data, sign)
      return text === undefined ? undefined : { data: JSON.parse(text) }
    },
  }
  /** Undefined for what is not encrypted for us, or not signed by the bank. */
  const opened = (data, sign) => {
    try {
      const text = decryptPlatform(data, options.privateKey)
      return verifyPlatform(text, sign, options.platformPublicKey) ? text : undefined
    } catch {
      return undefined
    }
  }
  return makeMethods(wire, options)
}
