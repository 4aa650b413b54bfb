// The identity page in a real browser, on a phone's screen: filled in, handed in, read again after a reload, in both
// languages; nothing that its policy refuses, and nobody kept out of it.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { type Fault, faultsOf, openBrowser } from './harness/browser.ts'
import { post, type RampKey } from './harness/ramp-client.ts'
import { type Ramping, startRamping } from './harness/ramping.ts'
import { picture } from './harness/uploads.ts'

let ramp: Ramping
let key: RampKey & { id: string }
let browser: Browser
before(async () => {
  ramp = await startRamping()
  key = await ramp.partner('Exchange')
  browser = await openBrowser()
})
after(async () => {
  await browser?.close()
  await ramp?.close()
})

const complaints: string[] = []
async function phone(path: string, locale: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale })
  const page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(ramp.world.url) && !request.url().startsWith('blob:')) complaints.push(request.url())
  })
  await page.goto(ramp.world.url + path)
  return page
}
async function linkFor(account: string): Promise<string> {
  const { pathname, search } = new URL(String((await post(key, '/user/kycLink', { account })).data.url))
  return pathname + search
}

const expectNoFaults = async (page: Page) => assert.deepEqual((await faultsOf(page)) satisfies Fault[], [])

test('from a link to the end, over a reload', async () => {
  const link = await linkFor('juan')
  const page = await phone(link, 'zh-CN')
  await page.getByLabel('真实姓名').waitFor()
  assert.doesNotMatch(page.url(), /token=/, 'the link does not stay in the address')
  await expectNoFaults(page)
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByRole('button', { name: 'Hand in' }).click()
  await page.getByText('Please fill in everything').waitFor()
  await page.getByLabel('Full name').fill('Juan Cruz')
  await page.getByLabel('Kind of document').selectOption('PASSPORT')
  await page.getByLabel('Number of the document').fill('P1234567')
  await page.getByLabel('Address', { exact: true }).fill('1 Example Street')
  await page.getByLabel('Phone number').fill('juan@example.com')
  await page
    .getByLabel('Picture of the front')
    .setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: await picture() })
  await page.getByText('Uploaded').waitFor()
  const scrollWidth = (await page.evaluate('document.documentElement.scrollWidth')) as number
  assert.ok(scrollWidth <= 360, `${scrollWidth} wide`)
  await page.getByRole('button', { name: 'Hand in' }).click()
  await page.getByText('Handed in, being looked at').waitFor()
  await page.reload()
  await page.getByText('已提交,审核中').waitFor()
  await expectNoFaults(page)
  await page.context().close()

  const again = await phone(link, 'en')
  await again.getByText('This link is over').waitFor()
  await expectNoFaults(again)
  await again.context().close()
})

test('a picture that is none is told, and can be replaced', async () => {
  const page = await phone(await linkFor('maria'), 'en')
  const front = page.getByLabel('Picture of the front')
  await front.setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('<svg/>') })
  await page.getByRole('alert').getByText('This is not a picture that can be used').waitFor()
  await front.setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: await picture() })
  await page.getByText('Uploaded').waitFor()
  await page.context().close()
})

test('the page complained of nothing', () => {
  assert.deepEqual(complaints, [])
})
