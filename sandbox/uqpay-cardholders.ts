// The issuer's cardholders: who they are, what they proved, where they prove it.
// Must stay true: documents are looked at and forgotten; of what they said only the size is kept.

import type { Table } from './row-file.ts'
import type { IssuingWorld } from './uqpay-issuing.ts'
import {
  badRequest,
  type Fields,
  id,
  maybeTextIn,
  notFound,
  objectIn,
  page,
  type Routes,
  textIn,
  timeText,
  UqpayError,
} from './uqpay-wire.ts'

export interface Cardholder {
  cardholder_id: string
  status: 'FAILED' | 'PENDING' | 'SUCCESS' | 'INCOMPLETE'
  idv: 'PENDING' | 'PASSED' | 'FAILED' | ''
  idv_url: string
  idv_until: string
  email: string
  first_name: string
  last_name: string
  country_code: string
  phone_number: string
  more: Record<string, unknown>
  created: string
  /** When it is decided by itself; 0 when somebody else decides. */
  due: number
}

const NAME = /^[A-Za-z ]{1,40}$/
const MAX_FILE = 2_800_000 // 2 MB in base64

export function holderRoutes(world: IssuingWorld) {
  const { now } = world
  const holders: Table<Cardholder> = world.rows.table<Cardholder>('cardholder')
  const open = new Set([...holders.all()].filter((one) => one.due > 0).map((one) => one.cardholder_id))

  const holderOf = (holderId: string) => {
    const found = holders.get(holderId)
    if (!found) throw notFound('cardholder')
    return found
  }

  function fileIn(from: Fields, field: string): void {
    const value = from[field]
    if (value === undefined) return
    if (typeof value !== 'string' || value.length > MAX_FILE || !/^[A-Za-z0-9+/]+={0,2}$/.test(value.slice(0, 2_000)))
      throw badRequest(`${field} must be base64 of at most 2 MB`)
  }

  /** What is known of a person besides the names; files are checked and dropped. */
  function moreIn(body: Fields): Record<string, unknown> {
    const more: Record<string, unknown> = {}
    for (const [field, pattern] of [
      ['date_of_birth', /^\d{4}-\d{2}-\d{2}$/],
      ['gender', /^(MALE|FEMALE|OTHER)$/],
      ['nationality', /^[A-Z]{2}$/],
    ] as const) {
      const value = maybeTextIn(body, field, pattern)
      if (value) more[field] = value
    }
    if (body.residential_address !== undefined) {
      const address = objectIn(body, 'residential_address')
      for (const field of ['country', 'city', 'line1']) textIn(address, field)
      more.residential_address = address
    }
    if (body.identity !== undefined) {
      const identity = objectIn(body, 'identity')
      const type = textIn(identity, 'type', /^(ID_CARD|PASSPORT)$/)
      const number = textIn(identity, 'number', /^[A-Za-z0-9-]{4,40}$/)
      for (const field of ['front_file', 'back_file', 'hand_file']) fileIn(identity, field)
      more.identity = { type, number }
    }
    fileIn(body, 'document')
    return more
  }

  /** How a person's check goes on from here. */
  function checkOf(
    holderId: string,
    body: Fields,
  ): Pick<Cardholder, 'status' | 'idv' | 'idv_url' | 'idv_until' | 'due'> {
    const soon = { status: 'PENDING', idv: '', idv_url: '', idv_until: '', due: Date.now() + world.settleMs } as const
    if (body.kyc_verification === undefined) return soon
    const kyc = objectIn(body, 'kyc_verification')
    if (textIn(kyc, 'method', /^(SUMSUB_REDIRECT|THIRD_PARTY)$/) === 'THIRD_PARTY') {
      const proof = objectIn(kyc, 'kyc_proof')
      textIn(proof, 'provider')
      textIn(proof, 'reference_id', /^.{10,200}$/)
      return soon
    }
    const link = world.openCheck?.(holderId)
    if (!link) throw new UqpayError(500, 'api_error', 'identity checks are not available')
    return { status: 'INCOMPLETE', idv: 'PENDING', idv_url: link.url, idv_until: timeText(link.expiresAt), due: 0 }
  }

  const brief = (one: Cardholder) => ({
    cardholder_id: one.cardholder_id,
    cardholder_status: one.status,
    ...(one.idv_url && one.status === 'INCOMPLETE'
      ? { idv_verification_url: one.idv_url, idv_url_expires_at: one.idv_until }
      : {}),
  })
  const whole = (one: Cardholder) => ({
    ...brief(one),
    email: one.email,
    first_name: one.first_name,
    last_name: one.last_name,
    country_code: one.country_code,
    phone_number: one.phone_number,
    create_time: one.created,
    ...(one.idv ? { idv_status: one.idv } : {}),
    ...one.more,
  })

  function settle(one: Cardholder, status: Cardholder['status'], idv: Cardholder['idv']): void {
    open.delete(one.cardholder_id)
    const row = holders.put(one.cardholder_id, { ...one, status, idv, due: 0 })
    world.tell('cardholder.kyc.status_changed', one.cardholder_id, {
      cardholder_id: row.cardholder_id,
      email: row.email,
      first_name: row.first_name,
      last_name: row.last_name,
      date_of_birth: row.more.date_of_birth ?? '',
      country_code: row.country_code,
      nationality: row.more.nationality ?? '',
      phone_number: row.phone_number,
      cardholder_status: row.status,
      idv_status: row.idv,
      idv_provider: row.idv ? 'SUMSUB' : '',
      create_time: row.created,
    })
  }

  const routes: Routes = {
    'POST /v1/issuing/cardholders': ({ body }) => {
      const email = textIn(body, 'email', /^[^\s@]+@[^\s@]+$/)
      if ([...holders.all()].some((one) => one.email === email && one.status !== 'FAILED'))
        throw badRequest('a cardholder with this email exists', 'cardholder_error')
      const holderId = id()
      const row = {
        cardholder_id: holderId,
        email,
        first_name: textIn(body, 'first_name', NAME),
        last_name: textIn(body, 'last_name', NAME),
        country_code: textIn(body, 'country_code', /^[A-Z]{2}$/),
        phone_number: textIn(body, 'phone_number', /^\d{4,15}$/),
        more: moreIn(body),
        created: timeText(now()),
        ...checkOf(holderId, body),
      }
      if (row.due > 0) open.add(holderId)
      return brief(holders.put(holderId, row))
    },
    'GET /v1/issuing/cardholders': ({ query }) => {
      const status = query.get('cardholder_status')
      const found = [...holders.all()].filter((one) => !status || one.status === status)
      return page(found.reverse().map(whole), query)
    },
    'GET /v1/issuing/cardholders/:id': ({ id: holderId }) => whole(holderOf(holderId)),
    'POST /v1/issuing/cardholders/:id': ({ id: holderId, body }) => {
      const before = holderOf(holderId)
      const again = body.kyc_verification !== undefined && before.status !== 'SUCCESS'
      const row = {
        ...before,
        email: maybeTextIn(body, 'email', /^[^\s@]+@[^\s@]+$/) ?? before.email,
        country_code: maybeTextIn(body, 'country_code', /^[A-Z]{2}$/) ?? before.country_code,
        phone_number: maybeTextIn(body, 'phone_number', /^\d{4,15}$/) ?? before.phone_number,
        more: { ...before.more, ...moreIn(body) },
        ...(again ? checkOf(holderId, body) : {}),
      }
      if (row.due > 0) open.add(holderId)
      return brief(holders.put(holderId, row))
    },
  }

  return {
    routes,
    holders,
    short(holderId: string) {
      const one = holderOf(holderId)
      return {
        cardholder_id: one.cardholder_id,
        cardholder_status: one.status,
        create_time: one.created,
        email: one.email,
        first_name: one.first_name,
        last_name: one.last_name,
      }
    },
    tick() {
      for (const holderId of open) {
        const one = holders.get(holderId)
        if (one && one.due > 0 && one.due <= Date.now())
          settle(one, 'SUCCESS', one.idv === 'PENDING' ? 'PASSED' : one.idv)
      }
    },
    /** GREEN lets them have cards, RED never, RETRY leaves them where they are. */
    decide(holderId: string, answer: 'GREEN' | 'RED' | 'RETRY') {
      const one = holderOf(holderId)
      if (one.status === 'SUCCESS' || one.status === 'FAILED') return
      if (answer === 'GREEN') settle(one, 'SUCCESS', 'PASSED')
      else if (answer === 'RED') settle(one, 'FAILED', 'FAILED')
      else settle(one, 'INCOMPLETE', 'PENDING')
    },
  }
}
