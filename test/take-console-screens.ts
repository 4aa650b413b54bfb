// Takes the pictures of the console in docs/screens: a day's work on a whole installation, at 1280 and 1440, light and dark,
// in both languages. Run it after the look has changed; no test depends on them.

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { systemClock } from '../src/base/clock.ts'
import { openBrowser } from './harness/browser.ts'
import { runCli } from './harness/cli.ts'
import { openConsolePage } from './harness/console-page.ts'
import { install } from './harness/installation.ts'
import { acceptAndConfirm, check, ok, propose, type TestOperator } from './harness/operators.ts'
import { upload } from './harness/uploads.ts'

const root = path.join(import.meta.dirname, '..')
const folder = path.join(root, 'docs/screens')
const looks = [
  { name: '1280-en-light', width: 1280, height: 800, colorScheme: 'light', language: 'en' },
  { name: '1440-zh-dark', width: 1440, height: 900, colorScheme: 'dark', language: 'zh-CN' },
] as const

/** A card that could be a document. */
const documentPicture = (text: string): Promise<Buffer> =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="400"><rect width="640" height="400" fill="#dfe8e2"/><rect x="40" y="90" width="160" height="210" fill="#b9c8bf"/><text x="240" y="130" font-size="30" font-family="sans-serif">${text}</text><text x="240" y="190" font-size="22" font-family="monospace">P&lt;UTO &lt;&lt;SPECIMEN&lt;&lt;</text></svg>`,
    ),
  )
    .jpeg()
    .toBuffer()

execFileSync(process.execPath, ['scripts/build-web.ts'], { cwd: root, stdio: 'inherit' })
const home = await install()
const browser = await openBrowser()
const world = { url: home.launcher.base, clock: systemClock }
try {
  const join = async (name: string, roles: string): Promise<TestOperator> => {
    const asked = ['operator', 'invite', `${name}@bank.example`, '--name', name, '--roles', roles, '--json']
    const invited = await runCli(asked, { DATA_DIR: home.launcher.dataDir })
    const joined = await acceptAndConfirm(world, String(invited.json.code))
    return { ...joined, id: '', email: `${name}@bank.example`, name }
  }
  const ann = await join('Ann', 'finance,admin')
  const bo = await join('Bo', 'risk,finance')
  const cy = await join('Cy', 'risk,admin')
  for (const [name, value] of [
    ['autoBelow', '100'],
    ['secondReviewAbove', '500'],
  ] as const) {
    const id = await propose(world, ann, 'setting', { name: `withdrawal.${name}`, scope: 'BSC/USDT', value }, 'caution')
    await check(world, bo, id)
  }
  const people = []
  for (const name of ['mei', 'omar', 'lena']) {
    const person = await home.signUp(name)
    for (const [network, amount] of [
      ['BSC', '12800.5'],
      ['TRX', '3100'],
    ] as const)
      await home.fund(person, network, amount)
    people.push(person)
  }
  const [mei, omar, lena] = people
  if (!mei || !omar || !lena) throw new Error('there are three of them')
  const withdraw = (token: string, amount: string) =>
    home.post<{ order_id: string }>(
      '/api/withdrawal/usdt',
      { chain: 'BSC', to_address: `0x${randomBytes(20).toString('hex')}`, amount, payment_password: mei.pin },
      token,
    )
  await withdraw(mei.token, '40')
  const { order_id: large } = await withdraw(omar.token, '880')
  await withdraw(lena.token, '260.75')
  for (const to of [omar, lena]) {
    const body = { to_user_id: to.id, amount: '12.5', memo: 'lunch', payment_password: mei.pin }
    await home.post('/api/transfer', body, mei.token)
  }
  const sides = await Promise.all(['SPECIMEN', 'ADDRESS'].map(async (text) => documentPicture(text)))
  const keys = []
  for (const side of sides) keys.push((await upload(world, mei.token, side)).data.key)
  await home.post(
    '/api/kyc/basic',
    {
      real_name: '王 小明',
      id_type: 'PASSPORT',
      id_number: 'E12345678',
      id_photo_front: keys[0],
      id_photo_back: keys[1],
      address: '北京市朝阳区某路 1 号',
      contact: '+86 139 0000 0000',
    },
    mei.token,
  )
  await propose(world, ann, 'setting', { name: 'withdrawal.fee', scope: 'ETH/USDT', value: '6' }, 'gas is dearer')
  await ok(world, bo, 'POST', '/money-out/stop', { network: 'TRX', reason: 'node upgrade' })
  await home.sandbox('mine', { network: 'BSC', blocks: 40 })
  const checks = await ok<{ items: { id: string }[] }>(world, cy, 'GET', '/identity?status=pending')
  const id = large.replace(/^w-/, '')
  await check(world, bo, (await ok<{ approval: string }>(world, bo, 'GET', `/withdrawals/${id}`)).approval)

  const screens: readonly [name: string, place: string][] = [
    ['today', '/'],
    ['withdrawal', `/withdrawals/${id}`],
    ['approvals', '/approvals?status=open'],
    ['customer', `/customers/${mei.uid}`],
    ['identity', `/identity/${checks.items[0]?.id ?? ''}`],
    ['treasury', '/treasury'],
    ['settings', '/settings?area=withdrawal'],
    ['networks', '/networks'],
  ]
  fs.mkdirSync(folder, { recursive: true })
  for (const { name, width, height, colorScheme, language } of looks) {
    const view = await openConsolePage(browser, home, { viewport: { width, height }, colorScheme, locale: language })
    await view.context.addInitScript(`localStorage.setItem('unipay.language', '${language}')`)
    const place = `${home.launcher.base}/console/api/`
    await view.context.addCookies([
      { name: 'unipay_operator', value: cy.token, url: place, httpOnly: true, sameSite: 'Strict' },
    ])
    for (const [screen, address] of screens) {
      await view.goTo(address)
      if (screen === 'identity') {
        const show = language === 'en' ? 'Show and log it' : '显示并记录'
        await view.page.getByRole('button', { name: language === 'en' ? 'Open the documents' : '打开资料' }).click()
        await view.page.getByRole('button', { name: show }).nth(0).click()
      }
      await view.page.waitForTimeout(1_000)
      const file = path.join(folder, `console-${name}-${screen}.png`)
      await sharp(await view.page.screenshot())
        .png({ palette: true, colours: 48, compressionLevel: 9 })
        .toFile(file)
      console.log(path.relative(root, file), fs.statSync(file).size)
    }
    if (view.complaints.length > 0) console.log(view.complaints)
    await view.context.close()
  }
} finally {
  await browser.close()
  await home.close()
}
