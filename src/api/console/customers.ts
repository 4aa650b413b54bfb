// Customers: found, looked at (each look is logged), frozen. Contacts are masked; in clear they need an approval (`reveal`).
// Wire ↔ domain only: the rules are those of domain/operator/customer-view.ts and person-status.ts.

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import {
  findCustomer,
  seeCustomer,
  seeDeposits,
  seeEntries,
  seeSecurityLog,
} from '../../domain/operator/customer-view.ts'
import { freezePerson, freezers } from '../../domain/operator/person-status.ts'
import { everyRole } from '../../domain/operator/role.ts'
import type { Person } from '../../domain/people/people.ts'
import { accountName, describeAccount } from '../../ledger/accounts.ts'
import type { Hold } from '../../ledger/holds.ts'
import { Deposit, depositOf } from './deposits.ts'
import { Entry, entryOf } from './ledger.ts'
import {
  amountText,
  type ConsoleServer,
  Data,
  Done,
  done,
  Id,
  Instant,
  Items,
  instantOrNull,
  instantText,
  OrNull,
  operatorOf,
  pageOf,
  pageQuery,
  Reason,
  readId,
  strict,
} from './wire.ts'

const tags = ['console: customers']

const Brief = T.Object({
  id: T.String(),
  uid: T.String(),
  masked_name: T.String(),
  status: T.String(),
  kyc_status: T.String(),
  created_at: Instant,
})
const briefOf = (person: Person) => ({
  id: person.id,
  uid: person.uid,
  masked_name: person.maskedName,
  status: person.status,
  kyc_status: person.kycStatus,
  created_at: instantText(person.createdAt),
})

const HoldView = T.Object({
  id: T.String(),
  account: T.String(),
  amount: T.String(),
  captured: T.String(),
  status: T.String(),
  order_kind: T.String(),
  order_id: T.String(),
  placed_at: Instant,
  expires_at: OrNull(Instant),
})
const holdOf = (hold: Hold) => {
  const { asset } = describeAccount(hold.account_id)
  return {
    id: hold.id,
    account: accountName(hold.account_id),
    amount: amountText(hold.amount, asset),
    captured: amountText(hold.captured, asset),
    status: hold.status,
    order_kind: hold.order_kind,
    order_id: hold.order_id,
    placed_at: instantText(hold.placed_at),
    expires_at: instantOrNull(hold.expires_at),
  }
}

const Customer = T.Object({
  ...Brief.properties,
  locale: T.String(),
  level: T.Integer(),
  is_node: T.Boolean(),
  login2fa: T.Array(T.String()),
  money_out_held_until: OrNull(Instant),
  contacts: T.Array(T.Object({ kind: T.String(), masked: T.String() })),
  accounts: T.Array(
    T.Object({
      account: T.String(),
      asset: T.String(),
      balance: T.String(),
      held: T.String(),
      available: T.String(),
      status: T.String(),
    }),
  ),
  holds: T.Array(HoldView),
  devices: T.Array(
    T.Object({ browser: T.String(), os: T.String(), ip: T.String(), first_seen_at: Instant, last_seen_at: Instant }),
  ),
  team: T.Object({
    direct: T.Integer(),
    recursive: T.Integer(),
    this_week_new: T.Integer(),
    this_month_new: T.Integer(),
  }),
})

export function customerRoutes(app: ConsoleServer, bank: Bank) {
  app.post(
    '/customers/search',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleFindCustomer',
        summary:
          '按 UID、id 或完整联系方式查找客户 / Find a customer by UID, id or exact contact (a POST: contacts stay out of addresses)',
        body: strict({ q: T.String({ minLength: 1, maxLength: 254, examples: ['U10001'] }) }),
        response: { 200: Data(T.Array(Brief)) },
      },
    },
    async (request) => {
      const person = await findCustomer(bank, operatorOf(request), request.body.q)
      return { data: person ? [briefOf(person)] : [] }
    },
  )

  app.get(
    '/customers/:id',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleShowCustomer',
        summary: '客户概览(每次查看均记录)/ A customer; every look is logged',
        params: strict({ id: Id }),
        response: { 200: Data(Customer) },
      },
    },
    async (request) => {
      const view = await seeCustomer(bank, operatorOf(request), readId(request.params.id))
      const { person, team } = view
      return {
        data: {
          ...briefOf(person),
          locale: person.locale,
          level: view.level,
          is_node: person.isNode,
          login2fa: [...person.login2fa],
          money_out_held_until: instantOrNull(person.moneyOutHeldUntil),
          contacts: view.contacts,
          accounts: view.accounts.map(({ id, balance, held, status }) => {
            const { asset } = describeAccount(id)
            return {
              account: accountName(id),
              asset,
              balance: amountText(balance, asset),
              held: amountText(held, asset),
              available: amountText(balance - held, asset),
              status,
            }
          }),
          holds: view.holds.map(holdOf),
          devices: view.devices.map(({ browser, os, ip, firstSeenAt, lastSeenAt }) => ({
            browser,
            os,
            ip,
            first_seen_at: instantText(firstSeenAt),
            last_seen_at: instantText(lastSeenAt),
          })),
          team: {
            direct: team.direct,
            recursive: team.recursive,
            this_week_new: team.thisWeekNew,
            this_month_new: team.thisMonthNew,
          },
        },
      }
    },
  )

  app.get(
    '/customers/:id/entries',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleCustomerEntries',
        summary: '客户明细 / Entries of all the customer’s accounts, newest first',
        params: strict({ id: Id }),
        querystring: strict(pageQuery),
        response: { 200: Items(Entry) },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const lines = await seeEntries(bank, operatorOf(request), readId(request.params.id), { offset, size })
      return { data: { items: lines.map(entryOf), page, size } }
    },
  )

  app.get(
    '/customers/:id/deposits',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleCustomerDeposits',
        summary: '客户充值 / The customer’s deposits, newest first',
        params: strict({ id: Id }),
        querystring: strict(pageQuery),
        response: { 200: Items(Deposit) },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const rows = await seeDeposits(bank, operatorOf(request), readId(request.params.id), { offset, size })
      return { data: { items: rows.map(depositOf), page, size } }
    },
  )

  app.get(
    '/customers/:id/security-log',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleCustomerSecurityLog',
        summary: '客户安全日志 / The customer’s security log, newest first',
        params: strict({ id: Id }),
        querystring: strict(pageQuery),
        response: {
          200: Items(T.Object({ event_type: T.String(), ip: T.String(), device: T.String(), created_at: Instant })),
        },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const rows = await seeSecurityLog(bank, operatorOf(request), readId(request.params.id), { offset, size })
      const items = rows.map(({ eventType, ip, device, createdAt }) => ({
        event_type: eventType,
        ip,
        device,
        created_at: instantText(createdAt),
      }))
      return { data: { items, page, size } }
    },
  )

  app.post(
    '/customers/:id/freeze',
    {
      config: { roles: freezers },
      schema: {
        tags,
        operationId: 'consoleFreezeCustomer',
        summary: '立即冻结客户(解冻须复核)/ Freeze a customer, at once; unfreezing needs a checker',
        params: strict({ id: Id }),
        body: strict({ reason: Reason }),
        response: { 200: Done },
      },
    },
    async (request) => {
      await freezePerson(bank, operatorOf(request), readId(request.params.id), request.body.reason)
      return done
    },
  )
}
