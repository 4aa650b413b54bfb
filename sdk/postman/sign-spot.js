// Postman, before each request of the spot API: fills the headers api-key, nonce, timestamp and sign.
// Must stay true: what is signed is the body as it is sent, with Postman's variables in their places.

const hashes = require('crypto-js')
const fill = (text) => pm.variables.replaceIn(text || '')
const hash = (text) => hashes.SHA256(text).toString()

const body = pm.request.method === 'GET' || !pm.request.body ? '' : fill(pm.request.body.raw)
if (body !== '') pm.request.body.update({ mode: 'raw', raw: body, options: { raw: { language: 'json' } } })
const query = pm.request.url.query
  .all()
  .filter(({ disabled }) => !disabled)
  .map(({ key, value }) => [fill(key), fill(value)])
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .flat()
  .join('')

const apiKey = fill('{{spotApiKey}}')
const nonce = hashes.lib.WordArray.random(16).toString()
const timestamp = String(Date.now())
const sign = hash(hash(nonce + timestamp + apiKey + query + body) + fill('{{spotSecret}}'))

for (const [key, value] of Object.entries({ 'api-key': apiKey, nonce, timestamp, sign })) {
  pm.request.headers.upsert({ key, value })
}
