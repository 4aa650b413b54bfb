// The wallet as somebody holds it: a page of the real browser with what people do on it, in Chinese, on a phone's screen.
// Everything that the page complains about is gathered: errors, refused policies, requests to other places.

import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { Installation } from './installation.ts'
import { eventually } from './launcher.ts'

export const PASSWORD = 'correct horse battery 9'
export const PIN = '482915'

export interface WalletPage {
  page: Page
  context: BrowserContext
  /** What went wrong in the page itself; refusals of the server are not among it. */
  complaints: string[]
  goTo(path: string): Promise<void>
  signUp(contact: string): Promise<void>
  setPin(): Promise<void>
  enterPin(pin?: string): Promise<void>
  /** The newest code that was sent there. */
  codeFor(contact: string): Promise<string>
}

const phone = { viewport: { width: 390, height: 844 }, locale: 'zh-CN' }

export async function openWalletPage(
  browser: Browser,
  { launcher, ask }: Installation,
  look: Parameters<Browser['newContext']>[0] = {},
): Promise<WalletPage> {
  const context = await browser.newContext({ ...phone, ...look })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message))
  page.on('console', (message) => {
    const isRefusal = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isRefusal) complaints.push(message.text())
  })
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (origin !== launcher.base && protocol !== 'blob:' && protocol !== 'data:')
      complaints.push(`asked ${request.url()}`)
  })
  const codeFor = async (contact: string) => {
    let code = ''
    await eventually('the code arrives', async () => {
      const { json } = await ask('GET', `/sandbox/outbox?to=${encodeURIComponent(contact)}`)
      code = (json as { code: string }[])[0]?.code ?? ''
      return code !== ''
    })
    return code
  }
  const enterPin = async (pin = PIN) => {
    for (const digit of pin) await page.getByRole('button', { name: digit, exact: true }).click()
  }
  return {
    page,
    context,
    complaints,
    codeFor,
    enterPin,
    async goTo(path) {
      await page.goto(launcher.base + path)
      await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' })
    },
    async signUp(contact) {
      await page.goto(`${launcher.base}/app/sign-up`)
      await page.getByRole('textbox', { name: '邮箱' }).fill(contact)
      await page.getByRole('button', { name: '发送验证码' }).click()
      await page.getByText('已发送到').waitFor()
      await page.getByRole('textbox', { name: '验证码' }).fill(await codeFor(contact))
      await page.getByLabel('设置登录密码').fill(PASSWORD)
      await page.getByRole('button', { name: '创建账户' }).click()
      await page.getByText('总资产').waitFor()
    },
    async setPin() {
      await page.goto(`${launcher.base}/app/security/pin`)
      await page.getByLabel('登录密码', { exact: true }).fill(PASSWORD)
      await page.getByRole('button', { name: '下一步' }).click()
      await page.getByText('输入新支付密码', { exact: true }).waitFor()
      await enterPin()
      await page.getByText('再次输入').waitFor()
      await enterPin()
      await page.getByText('支付密码已更新').waitFor()
    },
  }
}
