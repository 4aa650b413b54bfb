// What the signer is asked in tests: payments and requests as the bank makes them, and what became of them. Orders are
// planted as rows, since it is the signer that is tested; everything else goes through the functions of the database.

import assert from 'node:assert/strict'
import { hexToBytes } from 'viem'
import { newId } from '../../src/base/ids.ts'
import { toChainUnits } from '../../src/base/money.ts'
import { type Network, networkOf, readNetworks } from '../../src/domain/chain/network.ts'
import { approvalMac } from '../../src/domain/chain-payment/approval-mac.ts'
import { type NewChainPayment, openChainPayment } from '../../src/domain/chain-payment/chain-payment.ts'
import { deriveKeys } from '../../src/domain/keys.ts'
import type { Draft, EvmDraft, TronDraft } from '../../src/domain/ports.ts'
import { addressOf, keyPath } from '../../src/signer/wallet-address.ts'
import type { TestDatabase } from './database.ts'
import { eventually } from './launcher.ts'
import { signerKeystore } from './signer-process.ts'

const MASTER_KEY = '11'.repeat(32)
export const approvalKey = deriveKeys(hexToBytes(`0x${MASTER_KEY}`)).withdrawalApproval

export const networks = readNetworks({ NETWORKS: '{}', RPC_ETH: '', RPC_BSC: '' } as Parameters<typeof readNetworks>[0])
export const network = (code: string): Network => networkOf(networks, code)

/** An address of the test keystore. */
export async function walletOf(code: string, purpose: 'hot' | 'deposit', index = 0, bookId = 1): Promise<string> {
  const { family } = network(code)
  return addressOf(family, await signerKeystore.keys.publicKey(keyPath(family, purpose, bookId, index)))
}

export const evmDraft = (changes: Partial<EvmDraft> = {}): EvmDraft => ({
  gas: '65000',
  maxFeePerGas: '30000000000',
  maxPriorityFeePerGas: '1000000000',
  minedNonce: 0,
  ...changes,
})

export function tronDraft(changes: Partial<TronDraft> = {}): TronDraft {
  const timestamp = Date.now()
  return {
    refBlockBytes: 'b1c2',
    refBlockHash: '0102030405060708',
    timestamp,
    expiration: timestamp + 600_000,
    feeLimit: 30_000_000,
    ...changes,
  }
}

export const draftFor = (code: string): Draft => (network(code).family === 'evm' ? evmDraft() : tronDraft())

export interface WithdrawalOf {
  network: string
  asset?: 'USDT' | 'TRX'
  to: string
  /** Ledger units. */
  amount: bigint
  fee?: bigint
}

export interface Decided {
  status: 'signed' | 'refused'
  reason: string
  payment: string
  tx_hash: string | null
  raw: string | null
  nonce: bigint | null
}

export interface Desk {
  /** An approved order with its payment. */
  withdrawal(order: WithdrawalOf): Promise<{ order: string; payment: string }>
  payment(payment: Partial<NewChainPayment> & Pick<NewChainPayment, 'network' | 'order_kind'>): Promise<string>
  ask(payment: string, draft?: Draft | object, replaces?: string): Promise<string>
  /** What became of a request. */
  decided(request: string): Promise<Decided>
  /** Asks for a signature and waits for the answer. */
  sign(payment: string, draft?: Draft | object, replaces?: string): Promise<Decided>
  statusOf(payment: string): Promise<{ status: string; reason: string }>
  depositAddress(code: string, index: number): Promise<string>
}

export function openDesk({ db, owner }: TestDatabase): Desk {
  const networkOfPayment = async (id: string): Promise<string> => {
    const [row] = await owner.query<{ network: string }>('', 'select network from chain_payments where id = $1', [id])
    return row?.network ?? ''
  }
  const desk: Desk = {
    async withdrawal({ network: code, asset = 'USDT', to, amount, fee = 1_000_000n }) {
      const id = newId()
      const at = new Date()
      await owner.query(
        '',
        `insert into withdrawals (book_id, id, person_no, network, asset, to_address, amount, fee, status, hold_id, created_at)
         values (1, $1, 10001, $2, $3, $4, $5, $6, 'approved', $7, $8)`,
        [id, code, asset, to, amount, fee, newId(), at],
      )
      const { decimals } = network(code)
      const value = toChainUnits(amount - fee, asset === 'USDT' ? decimals : 6, 6)
      const kind = asset === 'USDT' ? 'token' : 'coin'
      const mac = approvalMac(approvalKey, { bookId: 1, id, network: code, asset: kind, to, value, amount, fee })
      const payment = await desk.payment({
        network: code,
        order_kind: 'withdrawal',
        order_id: id,
        asset: kind,
        to_address: to,
        value,
        approval_mac: mac,
      })
      return { order: id, payment }
    },

    async payment(given) {
      const payment = {
        order_id: newId(),
        asset: 'token' as const,
        from_purpose: 'hot' as const,
        from_index: 0,
        from_address: await walletOf(given.network, given.from_purpose ?? 'hot', given.from_index ?? 0),
        to_address: '',
        value: 1n,
        ...given,
      }
      return db.transaction((tx) => openChainPayment(tx, 1, payment, new Date()))
    },

    async ask(payment, draft, replaces) {
      const id = newId()
      const code = await networkOfPayment(payment)
      await db.query(
        '',
        'insert into signing_requests (book_id, id, payment_id, network, draft, replaces) values (1, $1, $2, $3, $4, $5)',
        [id, payment, code, JSON.stringify(draft ?? draftFor(code)), replaces ?? null],
      )
      return id
    },

    async decided(request) {
      let found: Decided | undefined
      await eventually('the signer answers', async () => {
        const [row] = await owner.query<Decided & { status: string }>(
          '',
          `select r.status, r.reason, r.payment_id as payment, t.id as tx_id, t.tx_hash, t.raw, t.nonce
           from signing_requests r left join lateral (
             select * from chain_transactions t where t.payment_id = r.payment_id and t.signed_at <= r.decided_at
             order by t.signed_at desc, t.id desc limit 1) t on r.status = 'signed'
           where r.id = $1 and r.status <> 'waiting'`,
          [request],
        )
        found = row
        return row !== undefined
      })
      assert(found)
      return found
    },

    async sign(payment, draft, replaces) {
      return desk.decided(await desk.ask(payment, draft, replaces))
    },

    async statusOf(payment) {
      const [row] = await owner.query<{ status: string; reason: string }>(
        '',
        'select status, reason from chain_payments where id = $1',
        [payment],
      )
      assert(row)
      return row
    },

    async depositAddress(code, index) {
      const { family } = network(code)
      const address = await walletOf(code, 'deposit', index)
      await owner.query(
        '',
        `insert into deposit_keys (book_id, family, key_print) values (1, $1, decode(repeat('00', 32), 'hex')) on conflict do nothing`,
        [family],
      )
      await owner.query(
        '',
        'insert into deposit_addresses (book_id, family, address, person_no, key_index) values (1, $1, $2, $3, $4) on conflict do nothing',
        [family, address, 10_001 + index, index],
      )
      return address
    },
  }
  return desk
}
