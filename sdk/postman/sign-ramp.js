// Postman, before each request of the ramp API: fills the headers apiKey, timestamp and sign.
// Must stay true: GET signs apiKey and timestamp alone, POST every field of the body as well, names descending.

const hashes = require('crypto-js')
const fill = (text) => pm.variables.replaceIn(text || '')

const body = pm.request.method === 'GET' || !pm.request.body ? '' : fill(pm.request.body.raw)
if (body !== '') pm.request.body.update({ mode: 'raw', raw: body, options: { raw: { language: 'json' } } })

const apiKey = fill('{{rampApiKey}}')
const timestamp = String(Date.now())
const fields = { ...(body === '' ? {} : JSON.parse(body)), apiKey, timestamp }
const base = Object.keys(fields)
  .sort()
  .reverse()
  .map((name) => `${name}=${fields[name]}`)
  .join('&')
const sign = hashes.HmacSHA512(base, fill('{{rampSecretKey}}')).toString()

for (const [key, value] of Object.entries({ apiKey, timestamp, sign })) pm.request.headers.upsert({ key, value })
