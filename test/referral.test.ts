// Invite codes and the referral tree: team, counts, the chain upwards, levels.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { days } from '../src/base/clock.ts'
import { overrideLevel, setSystemLevel } from '../src/domain/people/people.ts'
import { joinTeam, TEAM_DEPTH, uplineOf } from '../src/domain/people/referral.ts'
import {
  askCode,
  type Customer,
  freshEmail,
  goodPassword,
  personOn,
  signUp,
  startWorld,
  type World,
} from './harness/customers.ts'

let world: World
before(async () => {
  world = await startWorld()
})
after(() => world.close())

const get = <D = Record<string, unknown>>(customer: Customer, path: string) =>
  world.call<D>('GET', path, undefined, { token: customer.access })

type Summary = { direct: number; recursive: number; this_week_new: number; this_month_new: number }
type Team = {
  items: { uid: string; is_node: boolean; sub_count: number; created_at: string }[]
  page: number
  size: number
}

test('an invited customer joins below the inviter and everyone above', async () => {
  const root = await signUp(world)
  const code = await get<{ code: string; share_url: string }>(root, '/api/user/invite-code')
  assert.deepEqual(code.data, { code: root.inviteCode, share_url: `https://wallet.example/app?ref=${root.inviteCode}` })

  const left = await signUp(world, { inviteCode: root.inviteCode.toLowerCase() })
  const right = await signUp(world, { inviteCode: root.inviteCode })
  const below = await signUp(world, { inviteCode: left.inviteCode })
  const deepest = await signUp(world, { inviteCode: below.inviteCode })

  const team = await get<Team>(root, '/api/user/team')
  assert.deepEqual(
    team.data.items.map(({ uid, sub_count }) => [uid, sub_count]),
    [
      [right.uid, 0],
      [left.uid, 1],
    ],
  )
  assert.deepEqual([team.data.page, team.data.size], [1, 20])
  const second = await get<Team>(root, '/api/user/team?page=2&size=1')
  assert.deepEqual(
    second.data.items.map(({ uid }) => uid),
    [left.uid],
  )
  assert.deepEqual((await get<Team>(root, '/api/user/team?size=500')).data.size, 100)

  const summary = await get<Summary>(root, '/api/user/team/summary')
  assert.deepEqual(summary.data, { direct: 2, recursive: 4, this_week_new: 4, this_month_new: 4 })
  assert.deepEqual((await get<Summary>(deepest, '/api/user/team/summary')).data, {
    direct: 0,
    recursive: 0,
    this_week_new: 0,
    this_month_new: 0,
  })
  assert.deepEqual(await uplineOf(world.bank.db, 1, deepest.no, 10), [below.no, left.no, root.no])
  assert.deepEqual(await uplineOf(world.bank.db, 1, deepest.no, 2), [below.no, left.no])
  const inbox = await get<{ type: string; body: string }[]>(root, '/api/inbox')
  assert.equal(inbox.data.filter(({ type }) => type === 'invitee_joined').length, 2)

  world.clock.advance(days(40))
  const { data } = await world.call<{ access_token: string }>('POST', '/api/auth/login', {
    contact: root.contact,
    type: 'email',
    password: root.password,
  })
  const later = await get<Summary>({ ...root, access: data.access_token }, '/api/user/team/summary')
  assert.deepEqual(later.data, { direct: 2, recursive: 4, this_week_new: 0, this_month_new: 0 })
})

test('an invite code that nobody has is refused before the code is used up', async () => {
  const contact = freshEmail()
  const code = await askCode(world, contact, 'register')
  const register = (extra: object) =>
    world.call('POST', '/api/auth/register', { contact, type: 'email', code, password: goodPassword, ...extra })
  const refused = await register({ invite_code: 'INVNOBODY' })
  assert.deepEqual([refused.name, refused.details.pointer], ['InviteCodeUnknown', '/invite_code'])
  assert.equal((await register({ invite_code: '' })).status, 200)
})

test('the tree holds on every shape, without a cycle, whatever is asked of the database', async () => {
  // a random forest against a walk over parents
  const { owner, db } = world.database
  const parents = new Map<bigint, bigint | null>()
  const nos: bigint[] = []
  let seed = 20_260_628
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed % below
  }
  for (let no = 900_000n; no < 900_300n; no++) {
    const parent = nos.length === 0 || random(10) === 0 ? null : (nos[random(nos.length)] ?? null)
    if (parent !== null) await db.transaction((tx) => joinTeam(tx, 1, no, parent, world.clock.now()))
    parents.set(no, parent)
    nos.push(no)
  }
  const upwards = (no: bigint): bigint[] => {
    const parent = parents.get(no) ?? null
    return parent === null ? [] : [parent, ...upwards(parent)]
  }
  for (const no of nos) assert.deepEqual(await uplineOf(db, 1, no, TEAM_DEPTH), upwards(no))
  for (const no of nos.slice(0, 20)) {
    const [row] = await owner.query<{ count: number }>(
      'subtree',
      'select count(*)::int as count from referrals where ancestor_no = $1',
      [no],
    )
    assert.equal(row?.count, nos.filter((other) => upwards(other).includes(no)).length)
  }
  await assert.rejects(
    db.transaction((tx) => joinTeam(tx, 1, 900_000n, 900_200n, world.clock.now())),
    /referrals_no_cycle/,
  )
  await assert.rejects(
    db.transaction((tx) => joinTeam(tx, 1, 900_000n, 900_000n, world.clock.now())),
    /referrals_no_cycle/,
  )
  await assert.rejects(db.query('rewire', 'update referrals set ancestor_no = 1'), /permission denied/)
})

test('a very long chain stays cheap and keeps the nearest generations', async () => {
  const { db } = world.database
  for (let no = 910_001n; no < 910_200n; no++)
    await db.transaction((tx) => joinTeam(tx, 1, no, no - 1n, world.clock.now()))
  const chain = await uplineOf(db, 1, 910_199n, 10_000)
  assert.equal(chain.length, TEAM_DEPTH)
  assert.equal(chain[0], 910_198n)
  assert.equal(chain.at(-1), 910_199n - BigInt(TEAM_DEPTH))
})

test('levels: the system works one out, an operator may override it', async () => {
  const customer = await signUp(world)
  const level = async () => (await get(customer, '/api/user/level')).data
  assert.deepEqual(await level(), { is_node: false, current_effective: 0, realtime_system: 0, manual_active: false })
  await setSystemLevel(world.bank.db, 1, customer.no, { level: 2, isNode: true })
  assert.deepEqual(await level(), { is_node: true, current_effective: 2, realtime_system: 2, manual_active: false })
  await overrideLevel(world.bank.db, 1, customer.no, 5)
  assert.deepEqual(await level(), { is_node: true, current_effective: 5, realtime_system: 2, manual_active: true })
  const me = await get(customer, '/api/user/me')
  assert.deepEqual([me.data.is_node, me.data.level], [true, { system: 2, effective: 5 }])
  await overrideLevel(world.bank.db, 1, customer.no, null)
  assert.equal((await level()).current_effective, 2)
})

test('others see a masked name and a colour that stays', async () => {
  const customer = await signUp(world)
  const before = await personOn(world.bank, customer.uid)
  assert.equal(before.maskedName, 'p***@example.com')
  assert.match(before.avatarColor, /^#[0-9A-F]{6}$/)
  for (const [nickname, masked] of [
    ['张小三', '张*三'],
    ['张三', '张*'],
    ['Zhang San', 'Z***n'],
    ['<img src=x>', '<***>'],
    ['👩‍🚀', '👩*🚀'],
  ] as const) {
    const changed = await world.call('PATCH', '/api/user/me', { nickname }, { token: customer.access })
    assert.equal(changed.text, '{"code":0}')
    const person = await personOn(world.bank, customer.uid)
    assert.deepEqual([person.nickname, person.maskedName, person.avatarColor], [nickname, masked, before.avatarColor])
  }
  const tooLong = await world.call('PATCH', '/api/user/me', { nickname: 'x'.repeat(33) }, { token: customer.access })
  assert.equal(tooLong.code, 900003)
  await world.call('PATCH', '/api/user/me', { nickname: null }, { token: customer.access })
  assert.equal((await personOn(world.bank, customer.uid)).maskedName, 'p***@example.com')
})
