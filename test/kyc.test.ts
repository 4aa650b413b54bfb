// The basic identity check from the customer's telephone to the operators' decision, what it changes, and what it keeps to
// itself; the full check as a vendor reports it; the sandbox's button.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { days } from '../src/base/clock.ts'
import { isRefusal } from '../src/base/errors.ts'
import { beginFullCheck, recordFullCheck } from '../src/domain/identity/decide-identity.ts'
import { forgetIdentity } from '../src/domain/identity/forget-identity.ts'
import { identityTransitions } from '../src/domain/identity/identity-check.ts'
import { requireLevel } from '../src/domain/identity/own-identity.ts'
import { setPersonStatus } from '../src/domain/people/people.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { actorOn, type Customer, personOn, signUp, startWorld, type World } from './harness/customers.ts'
import { fund } from './harness/ledger.ts'
import { consoleCall, joinOperator, type TestOperator } from './harness/operators.ts'
import { download, filesFolder, picture, upload } from './harness/uploads.ts'

interface Stage {
  status: string
  updated_at: string
  reason: string
  next_step: string
}
interface Mine {
  level: string
  stage1: Stage | null
  stage2: Stage | null
}
interface Dossier {
  status: string
  flags: string[]
  details: Record<string, string> | null
  pictures: string[]
  same_document: { uid: string }[]
  earlier: { status: string; reason: string }[]
  timeline: { to: string; note: string }[]
  review: { approval: string; hash: string; checks_needed: number } | null
}

let world: World
let risk: TestOperator
let admin: TestOperator
let support: TestOperator

before(async () => {
  world = await startWorld({ DATA_DIR: filesFolder(), SANDBOX_URL: 'http://127.0.0.1:9' })
  risk = await joinOperator(world, ['risk'])
  admin = await joinOperator(world, ['admin'])
  support = await joinOperator(world, ['support'])
})
after(() => world.close())

let serial = 0
const number = () => `E${10_000_000 + serial++}`

async function send(customer: Customer): Promise<string> {
  const { data, text } = await upload(world, customer.access, await picture())
  assert.ok(data, text)
  return data.key
}

async function submit(customer: Customer, change: object = {}) {
  const body = {
    real_name: '王 小明',
    id_type: 'PASSPORT',
    id_number: number(),
    id_photo_front: await send(customer),
    address: '北京市朝阳区某路 1 号',
    contact: '+86 139 0000 0000',
    ...change,
  }
  return world.call<{ status: string; created_at: string }>('POST', '/api/kyc/basic', body, { token: customer.access })
}
const mine = async (customer: Customer) =>
  (await world.call<Mine>('GET', '/api/kyc/me', undefined, { token: customer.access })).data
const statusOf = async (customer: Customer) =>
  (await world.call<{ kyc_status: string }>('GET', '/api/user/me', undefined, { token: customer.access })).data
    .kyc_status

/** The customer's check that waits. */
async function waiting(customer: Customer): Promise<string> {
  const { data, text } = await consoleCall<{ items: { id: string; uid: string }[] }>(
    world,
    risk.token,
    'GET',
    '/identity?status=pending&size=100',
  )
  const found = data?.items.find(({ uid }) => uid === customer.uid)
  assert.ok(found, text)
  return found.id
}
const see = async (id: string) => (await consoleCall<Dossier>(world, risk.token, 'GET', `/identity/${id}`)).data

async function check(operator: TestOperator, id: string, verdict: 'approve' | 'reject', note = 'seen') {
  const { review } = await see(id)
  assert.ok(review)
  return consoleCall(world, operator.token, 'POST', `/approvals/${review.approval}/check`, {
    verdict,
    hash: review.hash,
    note,
  })
}

test('the states in the database are those of the code', async () => {
  const rows = await world.database.owner.query<{ from_status: string; to_status: string }>(
    '',
    'select from_status, to_status from identity_transitions',
  )
  const code = Object.entries(identityTransitions).flatMap(([from, tos]) => tos.map((to) => `${from} ${to}`))
  assert.deepEqual(rows.map((row) => `${row.from_status} ${row.to_status}`).sort(), code.sort())
})

test('from nobody to approved: state, limits, notices, and a log of every look', async () => {
  const anna = await signUp(world)
  assert.deepEqual(await mine(anna), { level: 'none', stage1: null, stage2: null })
  const { status, data, text } = await submit(anna)
  assert.equal(status, 200, text)
  assert.equal(data.status, 'pending')
  assert.equal((await mine(anna)).stage1?.status, 'pending')
  assert.equal(await statusOf(anna), 'pending')
  assert.equal((await submit(anna)).code, 300002)

  const id = await waiting(anna)
  const dossier = await see(id)
  assert.deepEqual([dossier.details?.real_name, dossier.pictures, dossier.flags], ['王 小明', ['front'], []])
  const shown = await download(world, `/console/api/identity/${id}/front`, risk.token)
  assert.deepEqual([shown.status, shown.headers.get('content-type')], [200, 'image/jpeg'])
  assert.match(shown.headers.get('content-disposition') ?? '', /^attachment/)
  assert.equal((await consoleCall(world, risk.token, 'GET', `/identity/${id}/back`)).error, 'NotFound')
  for (const path of ['/identity', `/identity/${id}`, `/identity/${id}/front`]) {
    assert.equal((await consoleCall(world, support.token, 'GET', path)).error, 'Forbidden')
  }
  const log = await world.database.owner.query<{ action: string; data: object }>(
    '',
    `select action, data from audit_log where subject = $1`,
    [`identity:${id}`],
  )
  assert.deepEqual([...new Set(log.map(({ action }) => action))].sort(), ['identity.picture_seen', 'identity.seen'])

  assert.equal((await check(risk, id, 'approve')).status, 200)
  const { level, stage1 } = await mine(anna)
  assert.deepEqual([level, stage1?.status, stage1?.reason], ['basic', 'approved', ''])
  assert.equal(await statusOf(anna), 'approved')
  const { data: limits } = await world.call<{ kyc_level: string; limit_per_day: string }>(
    'GET',
    '/api/withdrawal/usdt/networks',
    undefined,
    { token: anna.access },
  )
  assert.deepEqual([limits.kyc_level, limits.limit_per_day], ['basic', '20000.00'])
  const { data: inbox } = await world.call<{ items: { type: string }[] }>('GET', '/api/inbox', undefined, {
    token: anna.access,
  })
  assert.ok(JSON.stringify(inbox).includes('identity_approved'))
  assert.equal((await submit(anna)).code, 300003, 'what is approved is not submitted again')
  assert.equal((await mine(anna)).stage1?.status, 'approved')
})

test('turned away with a reason and a next step, submitted again, and approved', async () => {
  const boris = await signUp(world)
  await submit(boris)
  const first = await waiting(boris)
  assert.equal((await check(risk, first, 'reject', 'photo_unreadable: glare, INSIDE ONLY')).status, 200)
  const { stage1, level } = await mine(boris)
  assert.deepEqual([stage1?.status, level], ['rejected', 'none'])
  assert.match(stage1?.reason ?? '', /不清晰/)
  assert.match(stage1?.next_step ?? '', /重新拍摄/)
  const inbox = await world.call('GET', '/api/inbox', undefined, { token: boris.access })
  assert.match(inbox.text, /重新拍摄/)
  assert.ok(!inbox.text.includes('INSIDE ONLY') && !JSON.stringify(stage1).includes('INSIDE ONLY'))
  assert.equal((await submit(boris)).status, 200)
  const second = await waiting(boris)
  const dossier = await see(second)
  assert.deepEqual(
    dossier.earlier.map(({ status, reason }) => [status, reason]),
    [['rejected', 'photo_unreadable']],
  )
  assert.equal((await check(risk, second, 'approve')).status, 200)
  assert.equal((await mine(boris)).level, 'basic')
})

test('a document that is known takes two operators, is never approved twice, and its second holder cannot tell', async () => {
  const [carla, dieter, emil] = [await signUp(world), await signUp(world), await signUp(world)]
  const same = number()
  const fresh = await submit(emil)
  await submit(carla, { id_number: same })
  assert.equal((await check(risk, await waiting(carla), 'approve')).status, 200)
  const answer = await submit(dieter, {
    id_number: ` ${same.toLowerCase().slice(0, 4)}-${same.slice(4)} `,
    id_type: 'passport',
  })
  const shape = (text: string) => text.replace(/\d{4}-[^"]+Z/, 'TIME')
  assert.equal(shape(answer.text), shape(fresh.text))
  assert.equal(JSON.stringify(await mine(dieter)).includes('document'), false)
  const id = await waiting(dieter)
  const dossier = await see(id)
  assert.deepEqual([dossier.flags, dossier.review?.checks_needed], [['document_in_use'], 2])
  assert.deepEqual(
    dossier.same_document.map(({ uid }) => uid),
    [carla.uid],
  )
  assert.equal((await check(risk, id, 'approve')).status, 200)
  assert.equal((await check(admin, id, 'approve')).error, 'DocumentTaken')
  assert.equal((await mine(dieter)).stage1?.status, 'pending')
  assert.equal((await check(admin, id, 'reject', 'declined')).status, 200)
  assert.equal((await mine(dieter)).stage1?.status, 'rejected')
})

test('bad input is refused before a row is written', async () => {
  const [fritz, gina] = [await signUp(world), await signUp(world)]
  const foreign = await send(gina)
  const own = await send(fritz)
  const cases: [object, number][] = [
    [{ id_photo_front: foreign }, 300001],
    [{ id_photo_front: 'kyc/2026/06/absent.jpg' }, 300001],
    [{ id_photo_front: '../../etc/passwd' }, 300001],
    [{ id_photo_front: own, id_photo_back: own }, 300001],
    [{ id_photo_front: own, id_photo_back: foreign }, 300001],
    [{ id_photo_front: own, id_type: 'LIBRARY_CARD' }, 900003],
    [{ id_photo_front: own, id_number: '?!' }, 900003],
    [{ id_photo_front: own, real_name: '   ' }, 900003],
    [{ id_photo_front: own, address: 'x'.repeat(601) }, 900003],
    [{ id_photo_front: own, status: 'approved' }, 900003],
    [{ id_photo_front: own, kyc_level: 'full' }, 900003],
    [{ id_photo_front: 7 }, 900003],
  ]
  for (const [change, code] of cases) assert.equal((await submit(fritz, change)).code, code, JSON.stringify(change))
  const others = await submit(fritz, { id_photo_front: foreign })
  const absent = await submit(fritz, { id_photo_front: foreign.replace(/[0-9a-f]{6}\.jpg/, '000000.jpg') })
  assert.deepEqual([others.status, others.details], [absent.status, absent.details], "another's is as absent as none")
  assert.deepEqual(await mine(fritz), { level: 'none', stage1: null, stage2: null })
})

test('twenty submissions at once make one', async () => {
  const hans = await signUp(world)
  const key = await send(hans)
  const answers = await Promise.all(Array.from({ length: 8 }, () => submit(hans, { id_photo_front: key })))
  assert.deepEqual(
    answers.map(({ code }) => code).sort((a, b) => a - b),
    [0, ...Array.from({ length: 7 }, () => 300002)],
  )
})

test('the application cannot make somebody of a customer, nor skip a state', async () => {
  const ida = await signUp(world)
  const { db } = world.bank
  for (const set of [`kyc_level = 'full'`, `kyc_status = 'approved'`]) {
    await assert.rejects(db.query('', `update people set ${set} where id = $1`, [ida.id]), /follows from/)
  }
  await submit(ida)
  const id = await waiting(ida)
  await assert.rejects(
    db.query('', `update identity_checks set status = 'approved' where id = $1`, [id]),
    /permission denied/,
  )
  await assert.rejects(
    db.query('', `select identity_move(1, $1, 'rejected', 'approved', '', '', now())`, [id]),
    /cannot go from/,
  )
  await assert.rejects(
    db.query(
      '',
      `select identity_submit(1, $1, $2, 'basic', '\\x01', decode(repeat('00', 32), 'hex'), $3, null, '{}', '', now())`,
      [id, ida.id, id],
    ),
    /its customer/,
  )
})

test('limits on what is sent here a day go by level', async () => {
  const [jan, kim] = [await signUp(world), await signUp(world)]
  const pin = { login_password: jan.password, new_pin: '482915' }
  await world.call('POST', '/api/security/payment-password', pin, { token: jan.access })
  await fund(world.bank.poster, jan.no, 400_000_000_000n)
  const pay = (amount: string) =>
    world.call(
      'POST',
      '/api/transfer',
      { to_user_id: kim.id, amount, payment_password: '482915' },
      { token: jan.access },
    )
  assert.equal((await pay('100000')).code, 0)
  assert.equal((await pay('0.01')).name, 'LimitExceeded')
  await submit(jan)
  await check(risk, await waiting(jan), 'approve')
  assert.equal((await pay('100000')).code, 0)
})

test('a full check as a vendor reports it: begun, approved, told twice, taken back', async () => {
  const lena = await signUp(world)
  const { bank } = world
  const person = await personOn(bank, lena.uid)
  const actor = await actorOn(bank, lena)
  const say = (status: 'approved' | 'rejected') =>
    bank.db.transaction((tx) =>
      recordFullCheck(bank, tx, 1, 'applicant-1', {
        status,
        reason: status === 'approved' ? '' : 'face_differs',
        note: 'vendor',
      }),
    )
  for (let i = 0; i < 2; i++) await bank.db.transaction((tx) => beginFullCheck(bank, tx, person, 'applicant-1'))
  assert.equal((await mine(lena)).stage2?.status, 'pending')
  await assert.rejects(requireLevel(bank, actor, 'full'), (error) => isRefusal(error, 'IdentityRequired'))
  await say('approved')
  await say('approved')
  assert.deepEqual([(await mine(lena)).level, await statusOf(lena)], ['full', 'none'])
  await requireLevel(bank, actor, 'full')
  await requireLevel(bank, actor, 'basic')
  await say('rejected')
  const { level, stage2 } = await mine(lena)
  assert.deepEqual([level, stage2?.status], ['none', 'rejected'])
  await say('approved')
  assert.equal((await mine(lena)).level, 'none', 'what was turned away is begun anew, not revived')
})

test('the sandbox decides at once, and only what waits', async () => {
  const mona = await signUp(world)
  const button = (body: object) =>
    fetch(`${world.url}/sandbox/kyc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  assert.equal((await button({ uid: mona.uid, decision: 'approve' })).status, 404)
  assert.equal((await button({ uid: mona.uid, decision: 'maybe' })).status, 400)
  await submit(mona)
  const rejected = await button({ uid: mona.uid, decision: 'reject', reason: 'document_expired' })
  assert.deepEqual(await rejected.json(), { stage: 'basic', status: 'rejected' })
  assert.match((await mine(mona)).stage1?.reason ?? '', /过期/)
  await submit(mona)
  assert.equal((await button({ uid: mona.uid, decision: 'approve' })).status, 200)
  assert.equal((await mine(mona)).level, 'basic')
  const open = await consoleCall<{ items: object[] }>(world, risk.token, 'GET', '/approvals?status=open&size=100')
  assert.ok(!JSON.stringify(open.data.items).includes(mona.id), 'nobody is asked any more')
})

test('what need not be known is forgotten: checks, keys and bytes go, the books stay', async () => {
  const [nora, otto] = [await signUp(world), await signUp(world)]
  await fund(world.bank.poster, nora.no, 5_000_000n)
  const key = await send(nora)
  await submit(nora, { id_photo_front: key })
  const id = await waiting(nora)
  await check(risk, id, 'approve')
  const unused = await send(otto)
  const { bank, database } = world
  const before = await database.owner.query('', 'select count(*), sum(amount) from entries')
  await setPersonStatus(bank, 1, nora.id, 'deleted')
  await forgetIdentity(bank, 1)
  assert.ok((await see(id)).details, 'it is kept for as long as it must be')
  world.clock.advance(days(3))
  await forgetIdentity(bank, 1)
  assert.equal(await bank.files.get(unused), undefined, 'a picture that was never handed in is gone')
  assert.ok(await bank.files.get(key))
  world.clock.advance(days(1_826))
  await forgetIdentity(bank, 1)
  await forgetIdentity(bank, 1)
  assert.equal(await bank.files.get(key), undefined)
  const [row] = await database.owner.query<{
    details_sealed: null
    document_index: null
    status: string
    key_sealed: null
  }>(
    '',
    `select c.details_sealed, c.document_index, c.status, f.key_sealed from identity_checks c
     join identity_files f on f.id = c.front_file where c.id = $1`,
    [id],
  )
  assert.deepEqual(row, { details_sealed: null, document_index: null, status: 'approved', key_sealed: null })
  assert.deepEqual(await database.owner.query('', 'select count(*), sum(amount) from entries'), before)
  assert.deepEqual((await verifyLedger(database.owner, { bookId: 1, orders: [] })).faults, [])
})
