// The operators' console in a real browser, on a whole installation: joining and signing in with an authenticator, a
// setting changed by two, a withdrawal approved by two with the keyboard and followed onto the chain, and every screen open
// to everybody (axe). What roles forbid is grey; nothing that a script could read holds the session.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { systemClock } from '../src/base/clock.ts'
import { faultsOf, openBrowser } from './harness/browser.ts'
import { runCli } from './harness/cli.ts'
import { type ConsolePage, openConsolePage } from './harness/console-page.ts'
import { type Installation, install, type Person } from './harness/installation.ts'
import { eventually } from './harness/launcher.ts'
import { acceptAndConfirm, check, codeOf, ok, operatorPassword } from './harness/operators.ts'

const DESTINATION = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const root = path.join(import.meta.dirname, '..')

let home: Installation
let browser: Browser
let ann: ConsolePage
let bo: ConsolePage
let alice: Person
let withdrawal = ''
const tokens = { cy: '', su: '' }

const world = () => ({ url: home.launcher.base, clock: systemClock })

before(async () => {
  execFileSync(process.execPath, ['scripts/build-web.ts'], { cwd: root, stdio: 'pipe' })
  home = await install()
  browser = await openBrowser()
  alice = await home.signUp('alice')
  await home.fund(alice, 'BSC', '500')
})
after(async () => {
  await browser?.close()
  await home?.close()
})

async function invitation(name: string, roles: string): Promise<string> {
  const email = `${name}@bank.example`
  const invited = await runCli(['operator', 'invite', email, '--name', name, '--roles', roles, '--json'], {
    DATA_DIR: home.launcher.dataDir,
  })
  assert.equal(invited.code, 0, invited.said)
  return String(invited.json.code)
}

async function assertOpen(page: Page, name: string): Promise<void> {
  assert.deepEqual(await faultsOf(page), [], name)
}

test('an invited operator joins in the browser, with an authenticator of their own', async () => {
  ann = await openConsolePage(browser, home)
  const { page } = ann
  await page.goto(`${home.launcher.base}/console/approvals`)
  await page.getByRole('heading', { name: 'Sign in to operations' }).waitFor()
  await assertOpen(page, 'sign in')
  await page.getByRole('button', { name: 'Were you invited? Join here' }).click()
  await page.getByLabel('Invitation code').fill(await invitation('ann', 'finance,admin'))
  await page.getByLabel('Choose a password').fill(operatorPassword)
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('Scan this with your authenticator').waitFor()
  await assertOpen(page, 'joining')
  const secret = (await page.locator('form button .break-all').innerText()).trim()
  await page.getByLabel('Authenticator code').fill(codeOf(secret, systemClock.now()))
  await page.getByRole('button', { name: 'Finish and sign in' }).click()
  // to where they were going
  await page.getByRole('heading', { level: 1, name: 'Approvals' }).waitFor()
})

test('another signs in with password and code; no script can read the session, and a new tab has it', async () => {
  const { secret } = await acceptAndConfirm(world(), await invitation('bo', 'risk'))
  bo = await openConsolePage(browser, home)
  await bo.page.goto(`${home.launcher.base}/console`)
  await bo.page.getByLabel('E-mail').fill('bo@bank.example')
  await bo.page.getByLabel('Password', { exact: true }).fill('not this one')
  await bo.page.getByLabel('Authenticator code').fill('000000')
  await bo.page.getByRole('button', { name: 'Sign in' }).click()
  await bo.page.getByText('Wrong e-mail address, password or code').waitFor()
  await bo.signIn('bo@bank.example', secret)
  const cookies = await bo.context.cookies(`${home.launcher.base}/console/api`)
  assert.deepEqual(
    cookies.map(({ name, httpOnly, sameSite, path: place }) => [name, httpOnly, sameSite, place]),
    [['unipay_operator', true, 'Strict', '/console/api']],
  )
  const seen = (await bo.page.evaluate(
    'document.cookie + JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage })',
  )) as string
  assert.doesNotMatch(seen, /ops_/)
  const tab = await bo.context.newPage()
  await tab.goto(`${home.launcher.base}/console/settings`)
  await tab.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
  await tab.close()
  for (const [name, roles] of [
    ['cy', 'finance,admin,risk'],
    ['su', 'support'],
  ] as const) {
    tokens[name] = (await acceptAndConfirm(world(), await invitation(name, roles))).token
  }
})

test('a setting is proposed with its difference in sight; its maker cannot check it, another does', async () => {
  const { page } = ann
  await ann.goTo('/settings?area=withdrawal&q=BSC')
  await page.getByRole('button', { name: 'Change: withdrawal.autoBelow BSC/USDT' }).click()
  await page.getByLabel('New value').fill('50')
  await page.getByText('It holds when another operator has checked it.').waitFor()
  assert.equal(await page.locator('del').innerText(), '1000')
  assert.equal(await page.locator('ins').innerText(), '50')
  await assertOpen(page, 'changing a setting')
  const propose = page.getByRole('dialog').getByRole('button', { name: 'Propose' })
  assert.ok(await propose.isDisabled(), 'a reason is needed')
  await page.getByLabel('Reason').fill('=HYPERLINK("http://x")')
  await propose.click()
  await page.getByText('You made this: somebody else has to check it.').waitFor()
  assert.ok(await page.getByRole('button', { name: 'Approve' }).isDisabled())
  await assertOpen(page, 'an approval')

  await bo.page.goto(page.url())
  await bo.page.getByText('withdrawal.autoBelow (BSC/USDT): 1000 → 50').first().waitFor()
  await bo.page.getByRole('button', { name: 'Approve' }).click()
  await bo.page.getByLabel('Reason').fill('agreed in the meeting')
  await bo.page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click()
  await bo.page.getByText('applied').first().waitFor()
  await ann.goTo('/settings?area=withdrawal&q=autoBelow')
  await page.getByRole('row', { name: /BSC\/USDT 50 1000/ }).waitFor()
})

test('a list is exported without formulas', async () => {
  await ann.goTo('/settings/history')
  const [file] = await Promise.all([
    ann.page.waitForEvent('download'),
    ann.page.getByRole('button', { name: 'CSV' }).click(),
  ])
  const text = fs.readFileSync(await file.path(), 'utf8')
  assert.match(text, /"'=HYPERLINK\(""http:\/\/x""\)"/)
})

test('a withdrawal above the threshold: two approve, one of them with the keyboard alone, and it goes on chain', async () => {
  const cy = { token: tokens.cy }
  const payload = { name: 'withdrawal.secondReviewAbove', scope: 'BSC/USDT', value: '100' }
  const { id } = await ok<{ id: string }>(world(), cy, 'POST', '/approvals/setting', { payload, reason: 'test' })
  await bo.page.goto(`${home.launcher.base}/console/approvals/${id}`)
  await bo.page.getByRole('button', { name: 'Approve' }).click()
  await bo.page.getByLabel('Reason').fill('ok')
  await bo.page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click()
  await bo.page.getByText('applied').first().waitFor()
  await bo.page.waitForTimeout(1_100) // other processes read settings once a second

  const body = { chain: 'BSC', to_address: DESTINATION, amount: '200', payment_password: alice.pin }
  withdrawal = (await home.post<{ order_id: string }>('/api/withdrawal/usdt', body, alice.token)).order_id

  const { page } = ann
  await ann.goTo('/withdrawals?status=review')
  await page.getByRole('row', { name: /200\.00/ }).waitFor()
  await assertOpen(page, 'the queue')
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.getByText('0 of 2 agreed').waitFor()
  const shown = await page.locator('[data-value]').first().getAttribute('data-value')
  assert.equal(shown, DESTINATION, 'the address is shown whole')
  await page.getByText('sums to zero').first().waitFor()
  await assertOpen(page, 'a withdrawal in review')
  await page.keyboard.press('a')
  await page.getByText('After yours, 1 more must agree before anything happens.').waitFor()
  await page.locator('textarea:focus').waitFor()
  await page.keyboard.type('usual address')
  await page.keyboard.press('Tab')
  await page.keyboard.type('200.00')
  await page.keyboard.press('Control+Enter')
  await page.getByText('1 of 2 agreed').waitFor()
  // the same person counts once; the sheet is still closing
  await page.locator('main').getByRole('button', { name: 'Approve', disabled: true }).waitFor()

  await bo.page.goto(page.url())
  await bo.page.getByText('1 of 2 agreed').waitFor()
  await bo.page.getByRole('button', { name: 'Approve' }).click()
  await bo.page.getByText('Yours is the last check that is needed').waitFor()
  const approve = bo.page.getByRole('dialog').getByRole('button', { name: 'Approve' })
  await bo.page.getByLabel('Reason').fill('looks right')
  assert.ok(await approve.isDisabled(), 'the amount is typed first')
  await bo.page.getByLabel('Type 200.00 to confirm').fill('200.00')
  await approve.click()
  await bo.page.getByText('Your check counts').waitFor()
  await eventually(
    'the withdrawal is confirmed',
    async () => {
      await home.sandbox('mine', { network: 'BSC', blocks: 5 })
      const order = await home.get<{ status: string }>(`/api/withdrawal/usdt/orders/${withdrawal}`, alice.token)
      return order.status === 'confirmed'
    },
    60_000,
  )
  await ann.goTo(new URL(page.url()).pathname.replace('/console', ''))
  await page.getByText('confirmed').first().waitFor()
  await page.getByRole('heading', { name: 'On chain' }).waitFor()
  await assertOpen(page, 'a withdrawal that arrived')
})

test('Ctrl-K finds the customer, the order and its transaction', async () => {
  const { page } = ann
  const id = withdrawal.replace(/^w-/, '')
  const { tx_hash: hash } = await ok<{ tx_hash: string }>(world(), { token: tokens.cy }, 'GET', `/withdrawals/${id}`)
  await ann.goTo('/')
  for (const [typed, found, title] of [
    [alice.uid, alice.uid, alice.uid],
    [withdrawal, 'order · Withdrawal', 'Withdrawal of 200.00 USDT'],
    [hash, /payment/, 'Payment out'],
  ] as const) {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').fill(typed)
    await page.getByRole('option', { name: found }).first().waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: title }).waitFor()
  }
})

test('what roles forbid is grey and says who may; nothing of it is asked for', async () => {
  const su = await openConsolePage(browser, home)
  await su.context.addCookies([
    {
      name: 'unipay_operator',
      value: tokens.su,
      url: `${home.launcher.base}/console/api/`,
      httpOnly: true,
      sameSite: 'Strict',
    },
  ])
  await su.goTo('/networks')
  const nav = su.page.getByRole('navigation')
  assert.equal(await nav.getByRole('link', { name: 'Audit log' }).count(), 0)
  assert.equal(await nav.getByTitle('Needs one of: risk, admin').count(), 2)
  assert.ok(await su.page.getByRole('button', { name: 'Stop money out' }).first().isDisabled())
  await assertOpen(su.page, 'networks, as support')
  await su.goTo('/audit-log')
  await su.page.getByText('Your roles do not allow this').waitFor()
  await su.context.close()
})

test('stopping money is typed out with its consequence, shows as the first thing of Today, and takes two to undo', async () => {
  const { page } = ann
  await ann.goTo('/networks')
  await page
    .getByRole('row', { name: /All networks/ })
    .getByRole('button')
    .click()
  await page.getByLabel('Reason').fill('drill')
  const stop = page.getByRole('dialog').getByRole('button', { name: 'Stop money out' })
  assert.ok(await stop.isDisabled())
  await page.getByLabel('Type STOP ALL to confirm').fill('STOP ALL')
  await assertOpen(page, 'stopping money')
  await stop.click()
  await page.getByText('stopped: drill').waitFor()
  await ann.goTo('/')
  await page.getByRole('link', { name: /Money out of ALL is stopped/ }).waitFor()
  await page
    .getByRole('link', { name: /Money out of ALL is stopped/ })
    .first()
    .click()
  await page.getByRole('button', { name: 'Propose to resume' }).first().click()
  await page.getByLabel('Reason').fill('drill over')
  await page.getByRole('dialog').getByRole('button', { name: 'Propose' }).click()
  await page.getByText('You made this').waitFor()
  const id = page.url().split('/').at(-1) ?? ''
  assert.equal((await check(world(), { token: tokens.cy }, id)).data.status, 'applied')
})

const screens = [
  '/',
  '/approvals',
  '/deposits',
  '/deposits/foreign',
  '/identity?status=pending',
  '/recipients',
  '/remittances',
  '/customers',
  '/ledger',
  '/ledger/accounts/house%3Afees%3AUSDT',
  '/journals',
  '/trial-balance',
  '/reconciliation',
  '/networks',
  '/payments',
  '/treasury',
  '/nodes',
  '/node-sales',
  '/commissions',
  '/yields',
  '/upt-prices',
  '/cards',
  '/card-transactions',
  '/ramp-orders?status=review',
  '/partners',
  '/merchants',
  '/webhooks',
  '/request-log',
  '/signature-debugger',
  '/alerts',
  '/settings?area=treasury',
  '/audit-log',
  '/operators',
  '/sessions',
]

test('every screen is open to everybody, in light English and in dark Chinese', async () => {
  const chosen = await openConsolePage(browser, home, { reducedMotion: 'reduce' })
  const value = tokens.cy
  const cookie = { name: 'unipay_operator', value, url: `${home.launcher.base}/console/api/`, httpOnly: true } as const
  await chosen.context.addCookies([{ ...cookie, sameSite: 'Strict' }])
  const { page } = chosen
  // all of them by night; by day every third, so that each kind of screen is among them
  const looked = screens.filter((_, i) => process.env.NIGHTLY || i % 3 === 0)
  for (const screen of [...looked, `/customers/${alice.uid}`, `/customers/${alice.uid}?tab=entries`]) {
    await chosen.goTo(screen)
    await assertOpen(page, screen)
  }
  // without a reload
  await chosen.goTo('/')
  await page.getByRole('button', { name: '中文' }).click()
  await page.getByRole('heading', { level: 1, name: '今日' }).waitFor()
  await page.emulateMedia({ colorScheme: 'dark' })
  for (const screen of ['/', '/approvals', '/treasury', '/settings?area=treasury', `/customers/${alice.uid}`]) {
    await chosen.goTo(screen)
    await assertOpen(page, `${screen} dark`)
    const words = await page.locator('nav').innerText()
    assert.doesNotMatch(words.replace(/UPT|Webhook/g, ''), /[A-Za-z]{3}/, 'no language is mixed')
  }
  await chosen.goTo('/withdrawals?status=failed')
  await page.getByText('没有符合筛选条件的记录').waitFor()
  await page.getByText('当前筛选:状态 = 失败').waitFor()
  assert.deepEqual(chosen.complaints, [])
  await chosen.context.close()
})

test('nobody there for a quarter of an hour: signed out, on the server as well', async () => {
  const old = String(Date.now() - 16 * 60_000)
  await bo.page.evaluate(`localStorage.setItem('unipay.console.touched', '${old}')`)
  await bo.page.reload()
  await bo.page.getByText('Nobody was here for 15 minutes').waitFor()
  assert.deepEqual(await bo.context.cookies(`${home.launcher.base}/console/api`), [])
  await ann.page.getByRole('button', { name: /^ann/ }).click()
  await ann.page.getByRole('button', { name: 'Sign out' }).click()
  await ann.page.getByText('You have signed out.').waitFor()
  await ann.page.reload()
  await ann.page.getByRole('heading', { name: 'Sign in to operations' }).waitFor()
  assert.deepEqual([ann.complaints, bo.complaints], [[], []])
})
