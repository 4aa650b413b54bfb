// The wallet's long forms in a real browser: who one is, a card from the application to a payment, a remittance from its
// recipient to the receipt, nodes. Everything that others have to do is done by the drawer's buttons.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { faultsOf, openBrowser } from '../harness/browser.ts'
import { type Installation, install } from '../harness/installation.ts'
import { openWalletPage, type WalletPage } from '../harness/wallet-page.ts'

const root = path.join(import.meta.dirname, '../..')

let home: Installation
let browser: Browser
let wallet: WalletPage
let page: Page
let picture: { name: string; mimeType: string; buffer: Buffer }

before(async () => {
  execFileSync(process.execPath, ['scripts/build-web.ts'], { cwd: root, stdio: 'pipe' })
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 40 }
  const paper = sharp({ create: { width: 1_000, height: 640, channels: 3, background: '#ccc', noise } })
  picture = { name: 'document.jpg', mimeType: 'image/jpeg', buffer: await paper.jpeg().toBuffer() }
  home = await install()
  browser = await openBrowser()
  wallet = await openWalletPage(browser, home)
  page = wallet.page
  page.setDefaultTimeout(60_000)
  await wallet.signUp('ann@example.com')
  await wallet.setPin()
  await wallet.goTo('/app/deposit')
  const address = await page.locator('.sr-only', { hasText: '0x' }).first().innerText()
  await home.sandbox('faucet', { network: 'BSC', address, amount: '3000' })
  await home.sandbox('mine', { network: 'BSC', blocks: 25 })
  await page.getByText('已到账').waitFor()
})
after(async () => {
  await browser?.close()
  await home?.close()
})

async function pressInDrawer(name: string): Promise<void> {
  await page.getByRole('button', { name: '沙盒工具' }).click()
  await page.getByRole('button', { name, exact: true }).click()
  await page.getByText('已执行').waitFor()
  await page.getByRole('button', { name: '关闭' }).click()
}

async function fill(values: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(values)) await page.getByLabel(label, { exact: true }).fill(value)
}

async function assertOpen(name: string): Promise<void> {
  assert.deepEqual(await faultsOf(page), [], name)
}

async function prove(): Promise<void> {
  await page.getByRole('button', { name: '5', exact: true }).waitFor()
  await wallet.enterPin()
}

test('identity: the form, the wait, the approval', async () => {
  await wallet.goTo('/app/kyc')
  await page.getByLabel('证件类型').selectOption('PASSPORT')
  await fill({ 真实姓名: '王小明', 证件号码: 'E12345678', 常住地址: '北京市朝阳区某路 1 号', 联系方式: '13800138000' })
  await page.getByLabel('证件正面').setInputFiles(picture)
  await assertOpen('the form')
  await page.getByRole('button', { name: '提交审核' }).click()
  await page.getByText('通常在一个工作日').waitFor()
  await pressInDrawer('通过我的实名')
  await page.getByText('您的身份已核实').waitFor()
})

test('a card: application, top-up, card, its number in the issuer’s frame, a payment', async () => {
  await wallet.goTo('/app/cards')
  await page.getByRole('button', { name: '开始申请' }).click()
  await fill({ '名(拼音)': 'Xiaoming', '姓(拼音)': 'Wang', 邮箱: 'ann@example.com', '手机号(不含区号)': '13800138000' })
  await fill({ 出生日期: '1990-01-02', 证件号码: 'E1234567', '省/州': 'Beijing', 城市: 'Beijing' })
  await fill({ 详细地址: '某路 1 号', 英文地址: '1 Some Road', 邮编: '100000' })
  await page.getByLabel('证件正面').setInputFiles(picture)
  await assertOpen('the application')
  await page.getByRole('button', { name: '提交申请' }).click()
  await page.getByText('待身份核验').waitFor()
  await pressInDrawer('通过持卡人')
  await page.getByText('卡余额').waitFor()
  await page.getByRole('button', { name: '充值到卡' }).click()
  await fill({ 充值金额: '200' })
  await page.getByText('我知道充值后不能转回').click()
  await assertOpen('a top-up')
  await page.getByRole('button', { name: '确认并输入支付密码' }).click()
  await prove()
  await page.getByText('充值已提交').waitFor()
  await page.getByRole('button', { name: '开卡', exact: true }).click()
  await prove()
  await page.getByText('使用中').waitFor()
  await page.waitForTimeout(6_000) // the issuer loads the card with what waited
  await pressInDrawer('刷卡 12.34')
  await page.getByText('Sandbox Coffee').waitFor()
  await assertOpen('the card')
  await page.getByRole('button', { name: '查看卡号' }).click()
  await prove()
  const frame = page.frameLocator('iframe')
  assert.match(await frame.locator('dd').first().innerText(), /^\d{4} \d{4} \d{4} \d{4}$/)
  await page.getByRole('button', { name: '立即隐藏' }).click()
  await page.locator('iframe').waitFor({ state: 'detached' })
})

test('a remittance: a recipient, either amount, the tracker, the receipt', async () => {
  await wallet.goTo('/app/remit/recipients/new')
  await fill({ 账户姓名: '张三' })
  await page.getByRole('button', { name: /搜索银行/ }).click()
  await page.getByRole('dialog').getByRole('textbox').fill('gongshang')
  await page.getByRole('dialog').getByText('工商银行').first().click()
  await fill({ 银行卡号: '6222020200112233445', 收款人身份证号: '11010519491231002X', 收款人手机号: '13800138000' })
  await fill({ 收款人邮箱: 'zs@example.com' })
  await assertOpen('a recipient')
  await page.getByRole('button', { name: '提交审核' }).click()
  await page.getByText('收款人已提交审核').waitFor()
  await pressInDrawer('通过我的收款人')
  await page.getByText('可汇款').waitFor()
  await wallet.goTo('/app/remit')
  await page.getByText('张三').click()
  await fill({ 您汇出: '100' })
  await page.getByText('720.00').first().waitFor()
  await fill({ 对方收到: '1000' })
  await page.getByText('扣款合计').waitFor()
  await assertOpen('the quote')
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByRole('button', { name: '确认并输入支付密码' }).click()
  await prove()
  await page.getByText('进度').waitFor()
  await page.getByRole('button', { name: '下载回单(PDF)' }).waitFor()
  await assertOpen('the tracker')
  const [receipt] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: '下载回单(PDF)' }).click(),
  ])
  assert.match(receipt.suggestedFilename(), /^rm-.*\.pdf$/)
})

test('nodes are bought at the price that was shown', async () => {
  await wallet.goTo('/app/nodes')
  await page.getByRole('button', { name: '确认购买' }).click()
  await prove()
  await page.getByText('购买成功').waitFor()
  await assertOpen('nodes')
})
