// Takes the pictures of docs/screens: the wallet's story on a whole installation, by phone and desktop, light and dark, in
// both languages. Run it with `npm run screens` after the look has changed; no test depends on them.

import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { openBrowser } from './harness/browser.ts'
import { install } from './harness/installation.ts'
import { openWalletPage } from './harness/wallet-page.ts'

const root = path.join(import.meta.dirname, '..')
const folder = path.join(root, 'docs/screens')
const looks = [
  { name: 'phone-zh-light', viewport: { width: 390, height: 844 }, colorScheme: 'light', language: 'zh-CN' },
  { name: 'phone-en-dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark', language: 'en' },
  { name: 'desktop-en-light', viewport: { width: 1280, height: 800 }, colorScheme: 'light', language: 'en' },
] as const
const screens = ['', 'deposit', 'send', 'withdraw', 'activity', 'cards', 'nodes', 'security', 'me'] as const

execFileSync(process.execPath, ['scripts/build-web.ts'], { cwd: root, stdio: 'inherit' })
const home = await install()
const browser = await openBrowser()
try {
  const wallet = await openWalletPage(browser, home)
  await wallet.signUp('ann@example.com')
  await wallet.setPin()
  const { page } = wallet
  await wallet.goTo('/app/deposit')
  const address = (await page.locator('.sr-only', { hasText: '0x' }).first().textContent()) ?? ''
  await home.sandbox('faucet', { network: 'BSC', address, amount: '1280.5' })
  await home.sandbox('mine', { network: 'BSC', blocks: 25 })
  await page.getByText('已到账').waitFor()
  const bob = await home.signUp('bob')
  await wallet.goTo(`/app/send?to=${bob.uid}&amount=12.5&note=lunch`)
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByRole('button', { name: '确认并输入支付密码' }).click()
  await wallet.enterPin()
  await page.getByRole('heading', { name: '转账成功' }).waitFor()

  for (const file of fs.globSync('{phone,desktop}-*.png', { cwd: folder })) fs.rmSync(path.join(folder, file))
  fs.mkdirSync(folder, { recursive: true })
  let state = await wallet.context.storageState()
  for (const { name, viewport, colorScheme, language } of looks) {
    const context = await browser.newContext({ viewport, colorScheme, locale: language, storageState: state })
    await context.addInitScript(`localStorage.setItem('unipay.language', '${language}')`)
    const view = await context.newPage()
    for (const screen of screens) {
      await view.goto(`${home.launcher.base}/${screen === '' ? '' : `app/${screen}`}`)
      await view.locator('main h1').first().waitFor({ state: 'attached' })
      await view.waitForTimeout(1_200)
      const file = path.join(folder, `${name}-${screen === '' ? 'home' : screen}.png`)
      await sharp(await view.screenshot())
        .png({ palette: true, colours: 64, compressionLevel: 9 })
        .toFile(file)
      console.log(path.relative(root, file), fs.statSync(file).size)
    }
    state = await context.storageState() // the session's cookie turns with every start
    await context.close()
  }
} finally {
  await browser.close()
  await home.close()
}
