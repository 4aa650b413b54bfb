// One withdrawal with what deciding on it takes: the customer, the address's past, limits, preview, and the chain.
// Must stay true: the address is shown whole; whoever approves types the amount that leaves.

import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { grouped } from '../../../kit/money.ts'
import { Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Bone } from '../../../kit/ui/skeleton.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { ask, useAsk } from '../../api/ask.ts'
import { ActSheet } from '../../ui/act-sheet.tsx'
import { Ident, Uid, Whole } from '../../ui/ident.tsx'
import { MayButton } from '../../ui/may-button.tsx'
import { Money } from '../../ui/money.tsx'
import { OrderBooks } from '../../ui/order-books.tsx'
import { Columns, Lines, Page, Part, Strip } from '../../ui/page.tsx'
import { Raw } from '../../ui/raw.tsx'
import { State } from '../../ui/state.tsx'
import { Timeline } from '../../ui/timeline.tsx'
import { TransactionTable } from '../../ui/transactions.tsx'
import { useWords } from '../../words.ts'
import { ReviewPanel } from '../approvals/review-panel.tsx'
import { useWithdrawalWords } from './withdrawal-words.ts'

export function WithdrawalScreen() {
  const { id } = useParams({ strict: false }) as { id: string }
  const say = useWithdrawalWords()
  const words = useWords()
  const [isStopping, setStopping] = useState(false)
  const { data: one, error, refetch } = useAsk('GET /withdrawals/{id}', { path: { id } }, { every: 20_000 })
  if (!one) {
    return (
      <Page title={say('title')}>
        {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Bone className="h-64 w-full" />}
      </Page>
    )
  }
  const { customer, address, limits } = one
  return (
    <Page
      title={say('one', { amount: `${grouped(one.amount)} ${one.asset}` }).replace(`${one.asset} USDT`, one.asset)}
      actions={
        <MayButton
          route="POST /withdrawals/{id}/stop"
          look="danger"
          {...(one.status === 'approved' ? {} : { why: say('stopLate') })}
          onClick={() => setStopping(true)}
        >
          {say('stop')}
        </MayButton>
      }
    >
      <Strip
        facts={[
          { label: words('state'), value: <State value={one.status} /> },
          { label: words('amount'), value: <Money value={one.amount} unit={one.asset} /> },
          { label: say('net'), value: <Money value={one.amount_net} unit={one.asset} /> },
          { label: words('fee'), value: <Money value={one.fee} unit={one.asset} /> },
          { label: words('network'), value: one.network },
          {
            label: words('customer'),
            value: (
              <>
                <Uid uid={one.uid} id={customer.id} /> <span className="text-dim">{customer.masked_name}</span>
              </>
            ),
          },
          { label: words('created'), value: <When at={one.created_at} /> },
          { label: words('id'), value: <Ident value={one.id} /> },
        ]}
      />
      <Columns>
        <div className="min-w-0">
          <Part title={say('to')}>
            <Whole value={one.to_address} />
            {address.lookalike && (
              <Notice tone="bad" title={say('lookalike')} className="mt-2">
                <Whole value={address.lookalike} />
              </Notice>
            )}
          </Part>
          {one.approval ? (
            <ReviewPanel id={one.approval} canned={one.rejections} word={one.amount} />
          ) : (
            <p className="mt-4 text-[13px] text-dim">{say('automatic')}</p>
          )}
          <Part title={words('timeline')}>
            <Timeline steps={one.timeline} />
          </Part>
          {one.payment && (
            <Part
              title={words('chain')}
              aside={<Ident value={one.payment.id} to={`/payments/${one.payment.id}`} ends={4} />}
            >
              <div className="mb-2 flex flex-wrap gap-x-6 gap-y-1 text-[13px]">
                <State value={one.payment.status} />
                <span className="figures">
                  {one.confirmations} / {one.confirmations_required} {words('confirmations')}
                </span>
                {one.payment.reason && <span className="text-dim">{one.payment.reason}</span>}
              </div>
              <TransactionTable transactions={one.payment.transactions} />
            </Part>
          )}
          <OrderBooks id={one.id} />
        </div>
        <div>
          <Part title={say('customer')}>
            <Lines
              lines={[
                [words('state'), <State key="s" value={customer.status} />],
                [say('kyc'), <State key="k" value={customer.kyc_status} />],
                [say('since'), <When key="w" at={customer.since} />],
                [
                  say('deposits'),
                  <>
                    <Money value={customer.deposits.amount} unit="USDT" /> ·{' '}
                    {say('times', { count: customer.deposits.count })}
                  </>,
                ],
                [
                  say('withdrawals'),
                  <>
                    <Money value={customer.withdrawals.amount} unit={one.asset} /> ·{' '}
                    {say('times', { count: customer.withdrawals.count })}
                  </>,
                ],
                [say('declined'), customer.withdrawals.declined],
                customer.money_out_held_until !== null && [
                  say('heldUntil'),
                  <When key="h" at={customer.money_out_held_until} />,
                ],
              ]}
            />
          </Part>
          <Part title={say('address')}>
            <Lines
              lines={[
                [say('timesPaid'), address.times_paid],
                [
                  say('firstPaid'),
                  address.first_paid_at ? <When key="f" at={address.first_paid_at} /> : words('never'),
                ],
                [say('others'), address.other_customers],
                [say('inBook'), address.in_book_since ? <When key="b" at={address.in_book_since} /> : say('notInBook')],
                [say('allowList'), words(address.allow_list_on ? 'yes' : 'no')],
              ]}
            />
          </Part>
          <Part title={say('limits')}>
            <Lines
              lines={[
                [say('perDay'), <Money key="d" value={limits.per_day} />],
                [say('left'), <Money key="l" value={limits.left_today} />],
                [say('auto'), <Money key="a" value={limits.auto_up_to} />],
                [say('second'), <Money key="s" value={limits.second_review_above} />],
                [say('max'), <Money key="m" value={limits.max} />],
              ]}
            />
          </Part>
          <Raw value={one} />
        </div>
      </Columns>
      <ActSheet
        open={isStopping}
        onClose={() => setStopping(false)}
        title={say('stopTitle')}
        danger
        consequence={say('stopSays', { amount: grouped(one.amount), asset: one.asset, uid: one.uid })}
        word={one.amount}
        submit={say('stop')}
        said={say('stopped')}
        act={(reason) => ask('POST /withdrawals/{id}/stop', { path: { id: one.id }, body: { reason } })}
      />
    </Page>
  )
}
