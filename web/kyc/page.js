// The identity page: shows where the check stands, takes pictures and details, hands them in. Plain script, no build.
// Must stay true: the visit lives in this tab alone (sessionStorage) and in no address; what the bank says is shown as text.

const texts = {
  zh: {
    title: '实名认证',
    wait: '请稍候…',
    closedTitle: '链接已失效',
    closed: '请回到合作方应用重新打开本页面。',
    confirmTitle: '确认是您本人',
    confirm: '您已是 UniPay 用户。我们将向您的邮箱发送验证码;确认后,合作方可代您提交实名信息与出入金订单。',
    send: '发送验证码',
    sent: '已发送,请查收邮件',
    code: '验证码',
    confirmButton: '确认授权',
    intro: '请按证件填写,并上传清晰完整的证件照片。',
    realName: '真实姓名',
    idType: '证件类型',
    idCard: '身份证',
    passport: '护照',
    license: '驾驶证',
    permit: '居留许可',
    idNumber: '证件号码',
    front: '证件正面照片',
    back: '证件背面照片(护照可不传)',
    address: '居住地址',
    contact: '联系方式(手机或邮箱)',
    submit: '提交',
    sending: '正在上传…',
    taken: '已上传',
    pendingTitle: '已提交,审核中',
    pending: '结果出来后,您可在合作方应用中看到。本页面可以关闭。',
    approvedTitle: '已通过实名认证',
    approved: '您可以回到合作方应用继续操作。',
    missing: '请填写所有必填项并上传证件照片',
    offline: '网络不可用,请稍后重试',
    other: 'English',
  },
  en: {
    title: 'Identity check',
    wait: 'One moment…',
    closedTitle: 'This link is over',
    closed: 'Please open this page again from your partner’s app.',
    confirmTitle: 'Confirm that it is you',
    confirm:
      'You are a UniPay customer already. We send a code to your e-mail address; with it you let this partner hand in your identity check and your orders.',
    send: 'Send the code',
    sent: 'Sent: look at your mail',
    code: 'Code',
    confirmButton: 'Confirm',
    intro: 'Enter everything as it stands on your document, and add clear pictures of all of it.',
    realName: 'Full name',
    idType: 'Kind of document',
    idCard: 'Identity card',
    passport: 'Passport',
    license: 'Driving licence',
    permit: 'Residence permit',
    idNumber: 'Number of the document',
    front: 'Picture of the front',
    back: 'Picture of the back (not for passports)',
    address: 'Address',
    contact: 'Phone number or e-mail address',
    submit: 'Hand in',
    sending: 'Uploading…',
    taken: 'Uploaded',
    pendingTitle: 'Handed in, being looked at',
    pending: 'Your partner’s app will show the result. You can close this page.',
    approvedTitle: 'Your identity is verified',
    approved: 'You can go back to your partner’s app.',
    missing: 'Please fill in everything and add the picture of your document',
    offline: 'No connection, please try again shortly',
    other: '中文',
  },
}

const KEY = 'unipay-kyc-visit'
const find = (selector) => document.querySelector(selector)
let language = document.documentElement.lang.startsWith('zh') ? 'zh' : 'en'
const words = () => texts[language]

const given = find('meta[name="visit"]').content
if (given) sessionStorage.setItem(KEY, given)
const visit = sessionStorage.getItem(KEY) ?? ''
// a link opens once: it has no business in the history, or in a screenshot of the address
const address = new URL(location.href)
if (address.searchParams.has('token')) {
  address.searchParams.delete('token')
  history.replaceState(null, '', address)
}

function speak() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
  document.title = words().title
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = words()[element.dataset.text]
  find('#language').textContent = words().other
  find('#language').setAttribute('aria-label', words().other)
}

function show(step) {
  for (const section of document.querySelectorAll('[data-step]')) section.hidden = section.dataset.step !== step
}

function complain(text) {
  const place = find('#error')
  place.textContent = text
  place.hidden = text === ''
}

/** The data of a success; throws the bank's own sentence. */
async function ask(method, path, body) {
  const isForm = body instanceof FormData
  let response
  try {
    response = await fetch(`/user/kyc/${path}`, {
      method,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${visit}`,
        'accept-language': language,
        ...(body && !isForm ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: isForm ? body : JSON.stringify(body) } : {}),
    })
  } catch {
    throw new Error(words().offline)
  }
  const answer = await response.json()
  if (response.status === 401) {
    sessionStorage.removeItem(KEY)
    show('closed')
  }
  if (answer.code !== '000000') throw new Error(answer.description)
  return answer.data
}

async function refresh() {
  if (!visit) return show('closed')
  const { step, reason, nextStep } = await ask('GET', 'visit')
  find('#rejected').hidden = step !== 'rejected'
  find('#reason').textContent = reason
  find('#next-step').textContent = nextStep
  show(step === 'rejected' ? 'form' : step)
}

/** Runs one action at a time, and says what went wrong. */
async function during(button, work) {
  button.disabled = true
  complain('')
  try {
    await work()
  } catch (error) {
    complain(error.message)
  } finally {
    button.disabled = false
  }
}

const keys = {}
for (const input of document.querySelectorAll('input[type=file]')) {
  input.addEventListener('change', () =>
    during(find('#details button'), async () => {
      const [file] = input.files
      delete keys[input.name]
      const state = input.parentElement.querySelector('[data-state]')
      const preview = input.parentElement.querySelector('img')
      preview.hidden = !file
      state.textContent = ''
      if (!file) return
      preview.src = URL.createObjectURL(file)
      state.textContent = words().sending
      const form = new FormData()
      form.append('file', file, file.name)
      try {
        keys[input.name] = (await ask('POST', 'file', form)).key
        state.textContent = words().taken
      } catch (error) {
        state.textContent = error.message
        throw error
      }
    }),
  )
}

find('#details').addEventListener('submit', (event) => {
  event.preventDefault()
  const form = event.target
  during(form.querySelector('button'), async () => {
    const required = [...form.querySelectorAll('input[required]:not([type=file])')]
    for (const field of required) field.setAttribute('aria-invalid', String(field.value.trim() === ''))
    const wrong = required.find((field) => field.value.trim() === '')
    wrong?.focus()
    if (wrong || !keys.front) throw new Error(words().missing)
    const value = (name) => form.elements[name].value.trim()
    await ask('POST', 'submit', {
      realName: value('realName'),
      idType: value('idType'),
      idNumber: value('idNumber'),
      address: value('address'),
      contact: value('contact'),
      ...keys,
    })
    form.reset()
    await refresh()
  })
})

find('#send').addEventListener('click', (event) =>
  during(event.target, async () => {
    await ask('POST', 'code', {})
    complain(words().sent)
  }),
)

find('#confirm').addEventListener('submit', (event) => {
  event.preventDefault()
  during(event.target.querySelector('[type=submit]'), async () => {
    await ask('POST', 'confirm', { code: event.target.elements.code.value.trim() })
    await refresh()
  })
})

find('#language').addEventListener('click', () => {
  language = language === 'zh' ? 'en' : 'zh'
  speak()
})

speak()
refresh().catch((error) => {
  if (!document.querySelector('[data-step]:not([data-step=wait]):not([hidden])')) show('closed')
  complain(error.message)
})
