// The console as an operator has it: a page of the real browser, in English on a desk's screen, signed in with password and
// authenticator. Everything that the page complains about is gathered: errors, refused policies, requests to other places.

import type { Browser, BrowserContext, Page } from 'playwright-core'
import { systemClock } from '../../src/base/clock.ts'
import type { Installation } from './installation.ts'
import { codeOf, operatorPassword } from './operators.ts'

export interface ConsolePage {
  page: Page
  context: BrowserContext
  /** What went wrong in the page itself; refusals of the server are not among it. */
  complaints: string[]
  /** A screen below /console, when it has its answer. */
  goTo(path: string): Promise<void>
  /** Signs in with the authenticator's code of the next step: the one of now may have been used. */
  signIn(email: string, secret: string): Promise<void>
}

export async function openConsolePage(
  browser: Browser,
  { launcher }: Installation,
  look: Parameters<Browser['newContext']>[0] = {},
): Promise<ConsolePage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US', ...look })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
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
  return {
    page,
    context,
    complaints,
    async goTo(path) {
      await page.goto(`${launcher.base}/console${path}`)
      await page.locator('main h1').first().waitFor()
      // what is still grey has not been answered
      await page.locator('main .animate-pulse').first().waitFor({ state: 'detached' })
    },
    async signIn(email, secret) {
      await page.goto(`${launcher.base}/console`)
      await page.getByLabel('E-mail').fill(email)
      await page.getByLabel('Password', { exact: true }).fill(operatorPassword)
      await page.getByLabel('Authenticator code').fill(codeOf(secret, systemClock.now(), 1))
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor()
    },
  }
}
