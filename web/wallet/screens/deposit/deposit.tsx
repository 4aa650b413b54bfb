// A deposit: which chain, the address with its QR code, and what arrives, live.

import { useQueries } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Download, Share2 } from 'lucide-react'
import { useRef, useState } from 'react'
import type { DataOf } from '../../../kit/api/http.ts'
import { api } from '../../../kit/api/session.ts'
import { useApi } from '../../../kit/api/use-api.ts'
import { recall, remember } from '../../../kit/preference.ts'
import { durationText } from '../../../kit/time.ts'
import { AddressText } from '../../../kit/ui/address.tsx'
import { Amount } from '../../../kit/ui/amount.tsx'
import { Button } from '../../../kit/ui/button.tsx'
import { CopyRow } from '../../../kit/ui/copy.tsx'
import { Facts, RowBody, rowLook, rowsLook, Section } from '../../../kit/ui/list.tsx'
import { Chip, Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { QrCode } from '../../../kit/ui/qr.tsx'
import { savePicture } from '../../../kit/ui/save-picture.ts'
import { Bone } from '../../../kit/ui/skeleton.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { Screen } from '../../frame/screen.tsx'
import { ConfirmationsBar } from './confirmations-bar.tsx'
import { useDepositWords } from './deposit-words.ts'
import { NetworkPicker } from './network-picker.tsx'

type Address = DataOf<'GET /api/recharge/address'>
export type DepositOrder = DataOf<'GET /api/recharge/orders'>['items'][number]

export const depositTone = {
  pending: 'info',
  review: 'warn',
  credited: 'good',
  orphaned: 'warn',
  reversed: 'bad',
  rejected: 'bad',
} as const

export function DepositScreen() {
  const say = useDepositWords()
  const networks = useApi('GET /api/withdrawal/usdt/networks')
  const chains = networks.data?.items.map(({ chain }) => chain) ?? []
  const addresses = useQueries({
    queries: chains.map((chain) => ({
      queryKey: ['GET /api/recharge/address', { query: { chain } }],
      queryFn: () => api('GET /api/recharge/address', { query: { chain } }),
      staleTime: 600_000,
    })),
  })
  const [chosen, setChosen] = useState(() => recall('deposit-chain') ?? 'BSC')
  const known = addresses.flatMap(({ data }) => (data ? [data] : []))
  const address =
    known.find(({ chain }) => chain === chosen) ?? (addresses.every((q) => !q.isPending) ? known[0] : undefined)
  const error = networks.error ?? addresses.find((query) => query.error)?.error
  return (
    <Screen title={say('title')} back="/">
      <h2 className="sr-only">{say('network')}</h2>
      {known.length > 0 ? (
        <NetworkPicker
          label={say('network')}
          row
          value={address?.chain}
          onChange={(chain) => {
            remember('deposit-chain', chain)
            setChosen(chain)
          }}
          choices={known.map((each) => ({
            chain: each.chain,
            name: shortName(each),
            facts: say('eta', { time: durationText(each.eta_seconds) }),
          }))}
        />
      ) : (
        !error && <Bone className="h-16 w-full" />
      )}
      {address ? (
        <AddressCard address={address} />
      ) : error ? (
        <Problem error={error} onRetry={() => void networks.refetch()} />
      ) : (
        <div className="flex flex-col items-center gap-4 pt-5">
          <Bone className="size-56" />
          <Bone className="h-14 w-full" />
        </div>
      )}
    </Screen>
  )
}

/** As exchanges write it, where there is little room. */
const shortName = ({ chain, network }: Address): string => {
  const plain = network.replace(/\s*\(.*\)$/, '')
  return plain.length > 7 ? chain : plain
}

function AddressCard({ address }: { address: Address }) {
  const say = useDepositWords()
  const card = useRef<HTMLDivElement>(null)
  const { network, coin } = address
  return (
    <section aria-label={say('address')} className="pt-5">
      <div ref={card} className="flex flex-col items-center">
        <QrCode text={address.qr_code_payload} className="size-56 border border-line" />
        <p className="mt-2 text-sm font-medium">USDT · {network}</p>
      </div>
      <CopyRow text={address.address} className="mt-4">
        <AddressText address={address.address} />
      </CopyRow>
      <div className="mt-2 grid grid-cols-2 gap-2">
        {'share' in navigator && (
          <Button
            small
            icon={<Share2 aria-hidden className="size-4" />}
            onClick={() => void navigator.share({ text: address.address }).catch(() => {})}
          >
            {say('share')}
          </Button>
        )}
        <Button
          small
          className="last:odd:col-span-2"
          icon={<Download aria-hidden className="size-4" />}
          onClick={() =>
            void savePicture(card.current?.querySelector('svg') ?? null, `USDT ${network}`, address.address)
          }
        >
          {say('save')}
        </Button>
      </div>
      <Arrivals chain={address.chain} />
      <Notice tone="warn" className="mt-5">
        {coin ? say('warningCoin', { network, coin: coin.asset }) : say('warning', { network })} {say('belowMinimum')}
      </Notice>
      <Facts
        className="mt-2"
        facts={[
          {
            label: say('minimumFact'),
            value: `${address.min_deposit_usdt} USDT${coin ? ` · ${coin.min_deposit} ${coin.asset}` : ''}`,
          },
          { label: say('confirmationsFact'), value: address.confirmations_required },
          { label: say('etaFact'), value: durationText(address.eta_seconds) },
          { label: say('contractFact'), value: <code className="font-mono text-xs">{address.contract}</code> },
        ]}
      />
    </section>
  )
}

function Arrivals({ chain }: { chain: string }) {
  const say = useDepositWords()
  const orders = useApi('GET /api/recharge/orders', { query: { size: '20' } }, { every: 15_000 })
  const own = orders.data?.items.filter((order) => order.chain === chain).slice(0, 5) ?? []
  return (
    <Section title={own.length > 0 && say('mine')} className="mt-4">
      <div aria-live="polite">
        {own.length === 0 ? (
          <p className="flex items-center gap-3 py-3 text-sm text-dim">
            <span aria-hidden className="relative flex size-2.5">
              <span className="absolute size-full rounded-full bg-accent opacity-60 motion-safe:animate-ping" />
              <span className="size-full rounded-full bg-accent" />
            </span>
            <span>
              <span className="block font-medium text-ink">{say('waiting')}</span>
              {say('waitingAbout')}
            </span>
          </p>
        ) : (
          <ul className={rowsLook}>
            {own.map((order) => (
              <li key={order.id}>
                <Arrival order={order} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </Section>
  )
}

function Arrival({ order }: { order: DepositOrder }) {
  const say = useDepositWords()
  return (
    <Link to={`/app/deposits/${order.id}`} className={rowLook}>
      <RowBody
        title={<Amount value={order.amount_received} unit={order.asset} way="in" />}
        about={<When at={order.created_at} />}
        right={<Chip tone={depositTone[order.status]}>{say(order.status)}</Chip>}
        rightAbout={
          order.status === 'pending' && (
            <span className="figures text-xs">
              {say('progress', { now: order.confirmations, all: order.confirmations_required })}
            </span>
          )
        }
        leads
      />
      {order.status === 'pending' && (
        <span className="block pb-3">
          <ConfirmationsBar now={order.confirmations} all={order.confirmations_required} />
        </span>
      )}
    </Link>
  )
}
