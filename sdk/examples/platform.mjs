// The platform API: a merchant registers a customer and looks at it.
// Run it beside `npm start`: node sdk/examples/platform.mjs

import { createPlatformClient } from '@unipay/sdk'
import { baseUrl, sandbox } from './sandbox.mjs'

const { appId, inviteCode, privateKey, platformPublicKey, secret } = await sandbox('merchant')
const platform = createPlatformClient({ baseUrl, appId, privateKey, platformPublicKey, secret })

const since = String(Date.now() - 1_000)
const { uid } = await platform.register({
  email: `customer-${Date.now().toString(36)}@example.com`,
  password: 'TtEest19121',
  invitedCode: inviteCode,
})
const { userInfoList } = await platform.listCustomers({ regStartTime: since })
console.log(
  'registered:',
  userInfoList.some((each) => each.uid === uid),
)

const { user } = await platform.showSuperiors({ uid: String(uid) })
console.log('looked up:', user.uid === uid)

const { count } = await platform.loginHistory({ uid: String(uid) })
console.log('sign-ins:', count)
