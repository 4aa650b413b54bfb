// One remittance with its timeline and what the vendor says just now; and one recipient, masked until it is asked for.

import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { grouped } from '../../../kit/money.ts'
import { Button } from '../../../kit/ui/button.tsx'
import { Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Bone } from '../../../kit/ui/skeleton.tsx'
import { toast } from '../../../kit/ui/toast.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { ask, lookAgain, useAsk } from '../../api/ask.ts'
import { Ident, Uid } from '../../ui/ident.tsx'
import { MayButton } from '../../ui/may-button.tsx'
import { Money } from '../../ui/money.tsx'
import { OrderBooks } from '../../ui/order-books.tsx'
import { Columns, Lines, Page, Part, Strip } from '../../ui/page.tsx'
import { Raw } from '../../ui/raw.tsx'
import { State } from '../../ui/state.tsx'
import { Timeline } from '../../ui/timeline.tsx'
import { useWords } from '../../words.ts'
import { ReviewPanel } from '../approvals/review-panel.tsx'
import { useRemittanceWords } from './remittance-words.ts'

export function RemittanceScreen() {
  const { id } = useParams({ strict: false }) as { id: string }
  const say = useRemittanceWords()
  const words = useWords()
  const { data: one, error, refetch } = useAsk('GET /remittances/{id}', { path: { id } })
  if (!one) {
    return (
      <Page title={say('title')}>
        {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Bone className="h-64 w-full" />}
      </Page>
    )
  }
  return (
    <Page
      title={say('one', { amount: grouped(one.cnh) })}
      actions={
        <MayButton
          route="POST /remittances/{id}/ask"
          onClick={() =>
            void ask('POST /remittances/{id}/ask', { path: { id } }).then(() => {
              toast(say('asked'), say('askSays'))
              lookAgain()
            })
          }
        >
          {say('ask')}
        </MayButton>
      }
    >
      <Strip
        facts={[
          { label: words('state'), value: <State value={one.status} /> },
          { label: say('principal'), value: <Money value={one.principal} unit="USDT" /> },
          { label: words('fee'), value: <Money value={one.fee} unit="USDT" /> },
          { label: say('rate'), value: <span className="figures">{one.rate}</span> },
          { label: say('cnh'), value: <Money value={one.cnh} unit="CNH" /> },
          { label: words('customer'), value: <Uid uid={one.uid} /> },
          { label: words('created'), value: <When at={one.created_at} /> },
          { label: words('id'), value: <Ident value={one.id} /> },
        ]}
      />
      <Columns>
        <div className="min-w-0">
          {one.approval && <ReviewPanel id={one.approval} canned={one.rejections} word={one.principal} />}
          <Part title={words('timeline')}>
            <Timeline steps={one.timeline} />
          </Part>
          <OrderBooks id={one.id} />
        </div>
        <div>
          <Part title={say('to')}>
            <Lines
              lines={[
                [say('holder'), one.account_holder],
                [say('bank'), one.bank_name],
                [say('account'), <Ident key="a" value={one.account_number_whole} ends={20} />],
                [
                  say('recipient'),
                  <Ident key="r" value={one.recipient} to={`/recipients/${one.recipient}`} ends={4} />,
                ],
              ]}
            />
          </Part>
          <Part title={say('vendorNow')}>
            {one.vendor ? (
              <Lines
                lines={[
                  [words('state'), <State key="s" value={one.vendor.status} />],
                  one.vendor.amount !== null && [
                    words('amount'),
                    <Money key="m" value={one.vendor.amount} unit={one.vendor.currency ?? undefined} />,
                  ],
                  one.vendor.failure !== null && [say('failure'), one.vendor.failure],
                  one.vendor.returned !== null && [say('returned'), one.vendor.returned],
                  [say('payout'), <Ident key="p" value={one.payout} />],
                ]}
              />
            ) : (
              <p className="text-[13px] text-dim">–</p>
            )}
          </Part>
          <Raw value={one} />
        </div>
      </Columns>
    </Page>
  )
}

export function RecipientScreen() {
  const { id } = useParams({ strict: false }) as { id: string }
  const say = useRemittanceWords()
  const [isShown, setShown] = useState(false)
  return (
    <Page title={say('recipient')}>
      {isShown ? (
        <Recipient id={id} />
      ) : (
        <Notice
          tone="plain"
          action={
            <Button small onClick={() => setShown(true)}>
              {say('show')}
            </Button>
          }
        >
          {say('hidden')}
        </Notice>
      )}
    </Page>
  )
}

function Recipient({ id }: { id: string }) {
  const say = useRemittanceWords()
  const words = useWords()
  const { data: one, error, refetch } = useAsk('GET /remittance-recipients/{id}', { path: { id } })
  if (!one) return error ? <Problem error={error} onRetry={() => void refetch()} /> : <Bone className="h-64 w-full" />
  return (
    <>
      <Strip
        facts={[
          { label: words('state'), value: <State value={one.review_status} /> },
          { label: words('customer'), value: <Uid uid={one.uid} /> },
          { label: say('bank'), value: one.bank_code },
          { label: say('version'), value: one.version },
          { label: words('updated'), value: <When at={one.updated_at} /> },
        ]}
      />
      <Columns>
        <div className="min-w-0">{one.approval && <ReviewPanel id={one.approval} canned={one.rejections} />}</div>
        <Part title={say('recipient')}>
          <Lines
            lines={[
              [say('holder'), one.account_holder],
              [say('account'), one.account_number_whole],
              [say('idNumber'), one.id_number],
              [say('phone'), one.phone],
              [say('email'), one.email],
              [say('currency'), one.currency],
              [say('cnaps'), one.cnaps_code],
              [words('id'), <Ident key="i" value={one.id} />],
            ]}
          />
        </Part>
      </Columns>
    </>
  )
}
