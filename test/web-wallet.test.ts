// The wallet in a real browser, on a whole installation: a newcomer's story without a terminal, what keeps people out of
// a screen (axe), and that no impatience moves money twice.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { TOTP } from 'otpauth'
import type { Browser, Page } from 'playwright-core'
import { faultsOf, openBrowser } from './harness/browser.ts'
import { type Installation, install, type Person } from './harness/installation.ts'
import { eventually } from './harness/launcher.ts'
import { openWalletPage, PASSWORD, PIN, type WalletPage } from './harness/wallet-page.ts'

const DESTINATION = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const root = path.join(import.meta.dirname, '..')

let home: Installation
let browser: Browser
let wallet: WalletPage
let page: Page
let bob: Person

before(async () => {
  execFileSync(process.execPath, ['scripts/build-web.ts'], { cwd: root, stdio: 'pipe' })
  home = await install()
  browser = await openBrowser()
  wallet = await openWalletPage(browser, home)
  page = wallet.page
  bob = await home.signUp('bob')
})
after(async () => {
  await browser?.close()
  await home?.close()
})

async function assertOpen(name: string): Promise<void> {
  assert.deepEqual(await faultsOf(page), [], name)
}

const received = async () => {
  const { items } = await home.get<{ items: { amount: string; memo: string }[] }>(
    '/api/transfer/orders?size=100',
    bob.token,
  )
  return items
}

test('a newcomer signs up and is told one next step', async () => {
  await page.goto(home.launcher.base)
  await page.getByRole('link', { name: '注册' }).waitFor()
  await assertOpen('sign in')
  await wallet.signUp('ann@example.com')
  await page.getByRole('link', { name: '充值 USDT' }).waitFor()
  await assertOpen('an empty home')
})

test('the first screen is light: at most 200 kB of scripts and styles, and what it loads is kept', async () => {
  const loaded = (await page.evaluate(
    `performance.getEntriesByType('resource').map(({ name, encodedBodySize }) => ({ name, encodedBodySize }))`,
  )) as { name: string; encodedBodySize: number }[]
  const files = loaded
    .map(({ name }) => new URL(name).pathname)
    .filter((name) => /^\/assets\/.*\.(?:js|css)$/.test(name))
  let bytes = 0
  for (const name of new Set(files)) {
    const { headers, text } = await home.client.ask({
      method: 'GET',
      path: name,
      headers: { 'accept-encoding': 'gzip' },
    })
    assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable')
    assert.equal(headers['content-encoding'], 'gzip', name)
    if (!name.includes('chinese')) bytes += Number(headers['content-length'] ?? text.length)
  }
  assert.ok(files.length > 3)
  assert.ok(bytes > 0 && bytes <= 200 * 1024, `${bytes} bytes`)
})

test('test money comes out of the drawer, and is followed until it is there', async () => {
  await page.getByRole('link', { name: '充值 USDT' }).click()
  await page.getByText('等待转入').waitFor()
  await assertOpen('deposit')
  await page.getByRole('button', { name: '沙盒工具' }).click()
  await page.getByRole('button', { name: '转入', exact: true }).click()
  await page.getByText('已上链').waitFor()
  await assertOpen('the drawer')
  await page.getByRole('button', { name: '关闭' }).click()
  await page.getByRole('link', { name: /确认中/ }).click()
  await page.getByText(/确认 \d+\/20/).waitFor()
  await page.getByRole('button', { name: '沙盒工具' }).click()
  await page.getByRole('button', { name: '产生 25 个区块' }).click()
  await page.getByText('已出块').waitFor()
  await page.getByRole('button', { name: '关闭' }).click()
  await page.getByText('已到账').waitFor()
  await assertOpen('a deposit')
  await page.getByRole('link', { name: '完成' }).click()
  await page.getByText('100.00').first().waitFor()
  await assertOpen('home')
})

test('a payment: the name, the review, a wrong PIN, the receipt, and the recipient has it', async () => {
  await wallet.setPin()
  await assertOpen('security')
  await startPayment('12.5', '午饭')
  await assertOpen('amount')
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByRole('button', { name: '确认并输入支付密码' }).waitFor()
  await assertOpen('review')
  await page.getByRole('button', { name: '确认并输入支付密码' }).click()
  await wallet.enterPin('602917')
  await page.getByText('还可尝试').waitFor()
  await assertOpen('a wrong PIN')
  await wallet.enterPin()
  await page.getByRole('heading', { name: '转账成功' }).waitFor()
  await assertOpen('receipt')
  assert.deepEqual(
    (await received()).map(({ amount, memo }) => [amount, memo]),
    [['12.50', '午饭']],
  )
  await page.goBack()
  await page.waitForTimeout(300)
  assert.equal((await received()).length, 1)
})

async function startPayment(amount: string, note: string): Promise<void> {
  await wallet.goTo('/app/send')
  await page.getByLabel('对方 UID').fill(bob.uid)
  await page.getByRole('button', { name: '查找' }).click()
  await page.getByText('请核对姓名').waitFor()
  await page.getByLabel('金额', { exact: true }).fill(amount)
  await page.getByLabel('备注(选填)').fill(note)
}

async function reachPin(): Promise<void> {
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByRole('button', { name: '确认并输入支付密码' }).click()
  await page.getByRole('button', { name: '5', exact: true }).waitFor()
}

test('pressing twice, a lost answer, a reload and the way back: one payment', async () => {
  // every answer of the first attempts is lost after the bank has done the work
  let lost = 0
  await page.route('**/api/transfer', async (route) => {
    if (route.request().method() !== 'POST' || lost >= 2) return route.continue()
    lost++
    await route.fetch()
    await route.abort()
  })
  await startPayment('3', '咖啡')
  await reachPin()
  for (const digit of PIN.slice(0, 5)) await page.getByRole('button', { name: digit, exact: true }).click()
  await page
    .getByRole('button', { name: PIN.slice(5), exact: true })
    .dblclick({ delay: 5 })
    .catch(() => {})
  await page.getByText('不确定资金是否已变动').waitFor()
  await assertOpen('an unknown outcome')
  await wallet.enterPin()
  await eventually('the second answer is lost as well', async () => lost === 2)
  await page.reload()
  await startPayment('3', '咖啡')
  await reachPin()
  await wallet.enterPin()
  await page.getByRole('heading', { name: '转账成功' }).waitFor()
  await page.goBack()
  await page.waitForTimeout(300)
  assert.deepEqual((await received()).filter(({ memo }) => memo === '咖啡').length, 1)
  await page.unroute('**/api/transfer')

  // after a definite answer the same again is meant again
  await startPayment('3', '咖啡')
  await reachPin()
  await wallet.enterPin()
  await page.getByRole('heading', { name: '转账成功' }).waitFor()
  assert.deepEqual((await received()).filter(({ memo }) => memo === '咖啡').length, 2)
})

test('a withdrawal: the chain out of the address, the costs before, the timeline after', async () => {
  await wallet.goTo('/app/withdraw')
  await page.getByLabel('收款地址').fill(` ${DESTINATION} `)
  await page.getByLabel('提现金额').fill('1000')
  await page.getByText('超出可用余额').waitFor()
  await page.getByLabel('提现金额').fill('20')
  await page.getByText('对方收到').waitFor()
  await assertOpen('withdraw')
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByText('请逐段核对').waitFor()
  await assertOpen('its review')
  await page.getByRole('button', { name: '确认并输入支付密码' }).click()
  await wallet.enterPin()
  await page.getByText('进度').waitFor()
  await assertOpen('its timeline')
  await eventually('it is sent', async () => {
    await home.sandbox('mine', { network: 'BSC', blocks: 3 })
    return (await page.getByText('已完成').count()) > 0 && (await page.getByText('交易哈希').count()) > 0
  })
})

test('no script can read what would sign in again; a reload stays in, signing out leaves nothing', async () => {
  await wallet.goTo('/')
  const cookies = await wallet.context.cookies()
  assert.deepEqual(
    cookies.map(({ httpOnly, sameSite, path: where }) => [httpOnly, sameSite, where]),
    [[true, 'Strict', '/api/auth/web-session']],
  )
  const seen = (await page.evaluate(
    'document.cookie + JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage })',
  )) as string
  assert.equal(seen.includes(cookies[0]?.value ?? '-'), false)
  assert.doesNotMatch(seen, /eyJ|refresh|access_token/)
  await page.reload()
  await page.getByText('总资产').waitFor()
})

test('every screen is open to everybody: light and dark, Chinese and English', async () => {
  // those that the story above has not been to
  const light =
    'inbox me request addresses kyc cards remit remit/recipients/new nodes team reserves api-keys move notices'.split(
      ' ',
    )
  const dark = ['activity', 'me', 'nodes', 'security']
  for (const [colorScheme, screens] of [
    ['light', light],
    ['dark', dark],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const screen of screens) {
      await wallet.goTo(`/app/${screen}`)
      await page.locator('[role=status][aria-label=加载中]').first().waitFor({ state: 'detached' })
      await page.waitForTimeout(100)
      await assertOpen(`${screen} ${colorScheme}`)
    }
  }
  await wallet.goTo('/app/me')
  await page.getByLabel('语言').selectOption('en')
  await page.getByRole('heading', { level: 1, name: 'Me' }).waitFor()
  const words = await page.locator('body').innerText()
  assert.doesNotMatch(words.replace('简体中文', ''), /[\u4e00-\u9fff]/, 'no language is mixed')
  await page.getByLabel('Language').selectOption('zh-CN')
  await page.emulateMedia({ colorScheme: 'light' })
})

test('hidden amounts are hidden everywhere', async () => {
  await wallet.goTo('/')
  await page.getByText('总资产').waitFor()
  await page.getByRole('button', { name: '隐藏金额' }).click()
  const words = await page.locator('main').innerText()
  assert.doesNotMatch(words, /\d+\.\d\d/)
  await page.getByRole('button', { name: '显示金额' }).click()
})

test('without a network the wallet opens with what it knew, and says of when', async () => {
  await wallet.goTo('/')
  await page.evaluate(
    'Promise.race([navigator.serviceWorker.ready, new Promise((_, no) => setTimeout(no, 10000))]).then(() => undefined)',
  )
  await page.reload()
  await page.getByText('总资产').waitFor()
  await page.waitForTimeout(800)
  await wallet.context.setOffline(true)
  await page.reload()
  await page.getByText(/离线 · 显示的是/).waitFor()
  await page.getByText('总资产').waitFor()
  await assertOpen('offline')
  await wallet.context.setOffline(false)
})

test('an authenticator: set up by its key, asked for after the PIN', async () => {
  await wallet.goTo('/app/security/totp')
  await page.getByLabel('登录密码', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: '下一步' }).click()
  const key = (await page.locator('code').first().innerText()).replaceAll(' ', '')
  await assertOpen('the key')
  const totp = new TOTP({ secret: key })
  await page.getByRole('textbox', { name: /6 位动态码/ }).fill(totp.generate())
  await page.getByText('验证器已开启').waitFor()
  await startPayment('2', '水果')
  await reachPin()
  await wallet.enterPin()
  // the code of the set-up is used up; the one before or after it is good as well
  await page.getByRole('textbox', { name: '6 位动态码' }).fill(totp.generate({ timestamp: Date.now() + 30_000 }))
  await page.getByRole('heading', { name: '转账成功' }).waitFor()
  assert.equal((await received()).filter(({ memo }) => memo === '水果').length, 1)
})

test('signing out leaves nothing behind, and signing in, by two steps, leads back', async () => {
  await wallet.goTo('/app/security')
  await page.getByRole('switch', { name: '登录时用邮件验证' }).click()
  await page.getByRole('switch', { name: '登录时用邮件验证', checked: true }).waitFor()
  await wallet.goTo('/app/me')
  await page.getByRole('button', { name: '退出登录' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '退出登录' }).click()
  await page.getByRole('heading', { name: '登录', exact: true }).waitFor()
  assert.deepEqual(await wallet.context.cookies(), [])
  assert.equal(await page.evaluate(`localStorage.getItem('unipay.last-known')`), null)
  await page.getByRole('textbox', { name: '邮箱' }).fill('ann@example.com')
  await page.getByLabel('登录密码', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await page.getByRole('button', { name: '邮件' }).click()
  await page.getByText('已发送到').waitFor()
  await assertOpen('the second step')
  await page.getByRole('textbox', { name: '验证码' }).fill(await wallet.codeFor('ann@example.com'))
  await page.getByRole('heading', { level: 1, name: '我的' }).waitFor()
})

test('the page never complained, and asked nobody else', () => {
  const own = wallet.complaints.filter((text) => !/ERR_INTERNET_DISCONNECTED|ERR_FAILED/.test(text))
  assert.deepEqual(own, [])
})
