// One deposit on its way: seen, confirming, credited; and what to make of it when it goes another way.

import { Link, useParams } from '@tanstack/react-router'
import { useApi } from '../../../kit/api/use-api.ts'
import { durationText, instantText } from '../../../kit/time.ts'
import { AddressText } from '../../../kit/ui/address.tsx'
import { Amount } from '../../../kit/ui/amount.tsx'
import { CopyRow } from '../../../kit/ui/copy.tsx'
import { Facts } from '../../../kit/ui/list.tsx'
import { Chip, Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Bone, SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { Screen } from '../../frame/screen.tsx'
import { ConfirmationsBar } from './confirmations-bar.tsx'
import { depositTone } from './deposit.tsx'
import { useDepositWords } from './deposit-words.ts'

const abouts = {
  pending: 'pendingAbout',
  review: 'reviewAbout',
  credited: 'creditedAbout',
  orphaned: 'orphanedAbout',
  reversed: 'reversedAbout',
  rejected: 'rejectedAbout',
} as const

export function DepositOrderScreen() {
  const say = useDepositWords()
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  const order = useApi('GET /api/recharge/orders/{id}', { path: { id } }, { every: 15_000 })
  const balance = useApi('GET /api/account/balance')
  const address = useApi(
    'GET /api/recharge/address',
    { query: { chain: order.data?.chain ?? '' } },
    { enabled: order.data?.status === 'pending' },
  )
  const data = order.data
  const left = data ? data.confirmations_required - data.confirmations : 0
  return (
    <Screen title={say('order')} back="/app/activity">
      {data ? (
        <>
          <p className="text-sm text-dim">
            {data.asset} · {data.network}
          </p>
          <p className="mt-1 text-4xl font-semibold">
            <Amount value={data.amount_received} unit={data.asset} way="in" />
          </p>
          <div aria-live="polite" className="mt-4">
            <Chip tone={depositTone[data.status]}>{say(data.status)}</Chip>
            {data.status === 'pending' && (
              <div className="mt-4">
                <ConfirmationsBar now={data.confirmations} all={data.confirmations_required} />
                <p className="figures mt-2 flex justify-between text-sm text-dim">
                  <span>{say('progress', { now: data.confirmations, all: data.confirmations_required })}</span>
                  {address.data && left > 0 && (
                    <span>
                      {say('left', {
                        time: durationText((address.data.eta_seconds / address.data.confirmations_required) * left),
                      })}
                    </span>
                  )}
                </p>
              </div>
            )}
            <Notice tone={depositTone[data.status]} className="mt-4">
              {say(abouts[data.status], { count: data.confirmations_required })}
              {data.status === 'credited' && balance.data && (
                <>
                  {' '}
                  {say('balance')} <Amount value={balance.data.total} unit="USDT" className="font-semibold" />
                </>
              )}
            </Notice>
          </div>
          <Facts
            className="mt-4"
            facts={[
              { label: say('seen'), value: instantText(data.created_at) },
              data.credited_at !== null && { label: say('creditedAt'), value: instantText(data.credited_at) },
              data.explorer_url !== null && {
                label: say('hash'),
                value: (
                  <a
                    href={data.explorer_url}
                    target="_blank"
                    rel="noreferrer"
                    className="text-accent underline underline-offset-4"
                  >
                    {say('explorer')}
                  </a>
                ),
              },
            ]}
          />
          <p className="mt-4 mb-1 text-sm text-dim">{say('hash')}</p>
          <CopyRow text={data.tx_hash}>
            <code className="font-mono text-xs">{data.tx_hash}</code>
          </CopyRow>
          {/* nobody copies a sender by mistake for a destination: poisoned histories live from that */}
          <p className="mt-4 mb-1 text-sm text-dim">{say('from')}</p>
          <p className="text-sm select-none">
            <AddressText address={data.from_address} />
          </p>
          <p className="mt-4 mb-1 text-sm text-dim">{say('id')}</p>
          <CopyRow text={data.id}>
            <code className="font-mono text-xs">{data.id}</code>
          </CopyRow>
          {data.status === 'credited' && (
            <Link
              to="/"
              className="mt-6 flex min-h-12 items-center justify-center rounded-control bg-accent px-5 font-medium text-on-accent hover:bg-accent-hover"
            >
              {say('done')}
            </Link>
          )}
        </>
      ) : order.error ? (
        <Problem error={order.error} onRetry={() => void order.refetch()} />
      ) : (
        <>
          <Bone className="mb-4 h-10 w-48" />
          <SkeletonRows count={3} />
        </>
      )}
    </Screen>
  )
}
