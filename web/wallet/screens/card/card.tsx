// The card: from the application to the feed of what it was used for. Its number is shown by the issuer's frame alone.

import { useNavigate } from '@tanstack/react-router'
import { CreditCard, Eye, Lock, LockOpen, Plus } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { DataOf } from '../../../kit/api/http.ts'
import { api } from '../../../kit/api/session.ts'
import { tellChanged, useApi } from '../../../kit/api/use-api.ts'
import { useLanguage } from '../../../kit/language.ts'
import { shortText } from '../../../kit/time.ts'
import { Amount } from '../../../kit/ui/amount.tsx'
import { Button } from '../../../kit/ui/button.tsx'
import { Empty, RowBody, rowsLook, Section } from '../../../kit/ui/list.tsx'
import { Chip, Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Sheet } from '../../../kit/ui/sheet.tsx'
import { Bone, SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { toast } from '../../../kit/ui/toast.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { Screen } from '../../frame/screen.tsx'
import { payOnce } from '../../proof/intent.ts'
import { MoneyProof, type Proof } from '../../proof/money-proof.tsx'
import { useCardWords } from './card-words.ts'
import { TopUp } from './top-up.tsx'

type Account = DataOf<'GET /api/card/account'>
type Card = DataOf<'GET /api/card/cards'>['items'][number]
const over = ['cancelled', 'failed', 'lost', 'stolen']

export function CardScreen() {
  const say = useCardWords()
  const account = useApi('GET /api/card/account', undefined, { every: 20_000 })
  return (
    <Screen title={say('title')}>
      {account.data ? (
        account.data.status === 'success' ? (
          <OpenAccount account={account.data} />
        ) : (
          <Ladder account={account.data} />
        )
      ) : account.error ? (
        <Problem error={account.error} onRetry={() => void account.refetch()} />
      ) : (
        <>
          <Bone className="aspect-[1.586] w-full" />
          <SkeletonRows count={4} />
        </>
      )}
    </Screen>
  )
}

/** Before there is an account: what to do, or what is waited for. */
function Ladder({ account }: { account: Account }) {
  const say = useCardWords()
  const navigate = useNavigate()
  const { status } = account
  if (status === 'none') {
    return (
      <div className="pt-4">
        <CardFace masked="" state="" />
        <h2 className="mt-6 text-lg font-semibold">{say('none')}</h2>
        <p className="mt-1 text-dim">{say('noneAbout')}</p>
        <ol className="mt-5 space-y-3">
          {(['step1', 'step2', 'step3'] as const).map((word, i) => (
            <li key={word} className="flex items-center gap-3">
              <span className="figures flex size-7 items-center justify-center rounded-full bg-accent-soft text-sm font-semibold text-accent">
                {i + 1}
              </span>
              {say(word)}
            </li>
          ))}
        </ol>
        <Button look="primary" wide className="mt-7" onClick={() => void navigate({ to: '/app/cards/apply' })}>
          {say('apply')}
        </Button>
      </div>
    )
  }
  return (
    <div className="pt-2">
      <Notice
        tone={status === 'failed' ? 'bad' : status === 'incomplete' ? 'warn' : 'info'}
        title={say(status === 'success' ? 'active' : status)}
      >
        {account.next_step}
        {account.idv_expires_at && (
          <span className="mt-1 block text-dim">{say('linkUntil', { time: shortText(account.idv_expires_at) })}</span>
        )}
      </Notice>
      {account.idv_url !== '' && (
        <a
          href={account.idv_url}
          target="_blank"
          rel="noreferrer"
          className="mt-4 flex min-h-12 items-center justify-center rounded-control bg-accent px-5 font-medium text-on-accent hover:bg-accent-hover"
        >
          {say('goVerify')}
        </a>
      )}
      {(status === 'failed' || (status === 'incomplete' && account.idv_url === '')) && (
        <Button look="primary" wide className="mt-4" onClick={() => void navigate({ to: '/app/cards/apply' })}>
          {say('applyAgain')}
        </Button>
      )}
    </div>
  )
}

function CardFace({ masked, state }: { masked: string; state: string }) {
  return (
    <div className="flex aspect-[1.586] w-full flex-col justify-between rounded-[16px] bg-[#0d3f2d] p-5 text-white">
      <div className="flex items-start justify-between">
        <span className="text-lg font-semibold">UniPay</span>
        {state && <span className="rounded-full bg-white/15 px-2.5 py-0.5 text-xs font-medium">{state}</span>}
      </div>
      <p className="figures text-xl tracking-widest">{masked || '•••• •••• •••• ••••'}</p>
      <div className="flex items-end justify-between text-sm">
        <span>USD</span>
        <CreditCard aria-hidden className="size-6" strokeWidth={1.5} />
      </div>
    </div>
  )
}

function OpenAccount({ account }: { account: Account }) {
  const say = useCardWords()
  const cards = useApi('GET /api/card/cards')
  const [step, setStep] = useState<'topUp' | 'getCard' | 'reveal' | 'unfreeze'>()
  const [frame, setFrame] = useState<DataOf<'POST /api/card/cards/{id}/secure-token'>>()
  const { busy, error, run } = useAction()
  const language = useLanguage()
  const card = cards.data?.items.find(({ status }) => !over.includes(status))
  const refresh = () => tellChanged('GET /api/card/cards', 'GET /api/card/account', 'GET /api/account/balance')
  const getCard = async (proof: Proof) => {
    await payOnce('card', {}, (idempotencyKey) => api('POST /api/card/cards', { body: proof, idempotencyKey }))
    refresh()
    setStep(undefined)
  }
  const unfreeze = async (proof: Proof) => {
    if (card) await api('POST /api/card/cards/{id}/unfreeze', { path: { id: card.id }, body: proof })
    refresh()
    toast(say('unfrozenDone'))
    setStep(undefined)
  }
  const reveal = async (proof: Proof) => {
    if (!card) return
    const page = await api('POST /api/card/cards/{id}/secure-token', { path: { id: card.id }, body: proof })
    const address = new URL(page.iframe_url)
    address.searchParams.set('lang', language === 'en' ? 'en' : 'zh')
    setFrame({ ...page, iframe_url: address.href })
    setStep(undefined)
  }
  const freeze = () =>
    run(async () => {
      if (card) await api('POST /api/card/cards/{id}/freeze', { path: { id: card.id } })
      refresh()
      toast(say('frozenDone'))
    })
  return (
    <>
      {cards.isPending ? (
        <Bone className="aspect-[1.586] w-full" />
      ) : (
        <CardFace masked={card?.masked_pan ?? ''} state={card ? stateOf(card, say) : ''} />
      )}
      <div className="mt-5">
        <p className="text-sm text-dim">{say('balance')}</p>
        <p className="text-4xl font-semibold">
          <Amount value={account.card_balance} unit="USD" />
        </p>
      </div>
      <div className="mt-4 grid grid-cols-3 gap-2">
        <Button small icon={<Plus aria-hidden className="size-4" />} onClick={() => setStep('topUp')}>
          {say('topUp')}
        </Button>
        {card && (
          <>
            <Button
              small
              disabled={card.status !== 'active'}
              icon={<Eye aria-hidden className="size-4" />}
              onClick={() => setStep('reveal')}
            >
              {say('reveal')}
            </Button>
            {card.status === 'frozen' ? (
              <Button small icon={<LockOpen aria-hidden className="size-4" />} onClick={() => setStep('unfreeze')}>
                {say('unfreeze')}
              </Button>
            ) : (
              <Button
                small
                busy={busy}
                disabled={card.status !== 'active'}
                icon={<Lock aria-hidden className="size-4" />}
                onClick={() => void freeze()}
              >
                {say('freeze')}
              </Button>
            )}
          </>
        )}
      </div>
      <Problem error={error ?? cards.error} className="mt-3" />
      {cards.data && !card && (
        <div className="mt-5 rounded-card border border-line bg-surface p-4">
          <p className="text-sm text-dim">{say('getCardAbout')}</p>
          <Button look="primary" wide className="mt-3" onClick={() => setStep('getCard')}>
            {say('getCard')}
          </Button>
        </div>
      )}
      <Feed />
      <TopUp open={step === 'topUp'} onClose={() => setStep(undefined)} />
      <MoneyProof
        open={step === 'getCard'}
        onClose={() => setStep(undefined)}
        about={say('getCard')}
        onProof={getCard}
        money={false}
      />
      <MoneyProof
        open={step === 'unfreeze'}
        onClose={() => setStep(undefined)}
        about={say('unfreeze')}
        onProof={unfreeze}
        money={false}
      />
      <MoneyProof
        open={step === 'reveal'}
        onClose={() => setStep(undefined)}
        about={say('revealAbout')}
        onProof={reveal}
        money={false}
      />
      {frame && <Revealed url={frame.iframe_url} onClose={() => setFrame(undefined)} />}
    </>
  )
}

function stateOf({ status }: Card, say: ReturnType<typeof useCardWords>): string {
  const words = {
    pending: 'cardPending',
    active: 'active',
    frozen: 'frozen',
    blocked: 'blocked',
    cancelled: 'cancelled',
  } as const
  return say(status in words ? words[status as keyof typeof words] : 'otherState')
}

/** The issuer's frame, for a minute. Nothing in it can be read from here. */
function Revealed({ url, onClose }: { url: string; onClose(): void }) {
  const say = useCardWords()
  const [left, setLeft] = useState(60)
  useEffect(() => {
    const hide = () => document.visibilityState === 'hidden' && onClose()
    const timer = setInterval(() => setLeft((n) => n - 1), 1_000)
    document.addEventListener('visibilitychange', hide)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', hide)
    }
  }, [onClose])
  useEffect(() => {
    if (left <= 0) onClose()
  }, [left, onClose])
  return (
    <Sheet open onClose={onClose} title={say('reveal')} about={say('revealAbout')}>
      <iframe
        src={url}
        title={say('frame')}
        referrerPolicy="no-referrer"
        sandbox="allow-same-origin"
        className="h-64 w-full rounded-card border border-line"
      />
      <p aria-live="polite" className="figures mt-3 text-center text-sm text-dim">
        {say('hidesIn', { count: Math.max(0, left) })}
      </p>
      <Button wide className="mt-2" onClick={onClose}>
        {say('hide')}
      </Button>
    </Sheet>
  )
}

function Feed() {
  const say = useCardWords()
  const feed = useApi('GET /api/card/transactions', { query: { size: '30' } })
  return (
    <Section title={say('feed')}>
      {feed.data ? (
        feed.data.items.length === 0 ? (
          <Empty title={say('feedEmpty')} />
        ) : (
          <ul className={rowsLook}>
            {feed.data.items.map((each) => {
              const isDeclined = /declin|fail|reject/i.test(each.status)
              const isRefund = /refund/i.test(each.type)
              const isSettled = /settled|captur|clear|complet|post/i.test(`${each.status} ${each.type}`)
              return (
                <li key={each.transaction_id}>
                  <RowBody
                    title={each.merchant_name || say('issuer')}
                    about={
                      <>
                        <When at={each.transaction_time} />
                        {each.reason && ` · ${each.reason}`}
                      </>
                    }
                    right={
                      <Amount
                        value={each.billing_amount.replace('-', '')}
                        unit={each.billing_currency}
                        {...(isDeclined
                          ? { className: 'text-dim line-through' }
                          : { way: isRefund ? ('in' as const) : ('out' as const) })}
                      />
                    }
                    rightAbout={
                      <Chip tone={isDeclined ? 'bad' : isRefund ? 'good' : isSettled ? 'plain' : 'info'}>
                        {say(isDeclined ? 'declined' : isRefund ? 'refunded' : isSettled ? 'settled' : 'authorised')}
                      </Chip>
                    }
                  />
                </li>
              )
            })}
          </ul>
        )
      ) : feed.error ? (
        <Problem error={feed.error} onRetry={() => void feed.refetch()} />
      ) : (
        <SkeletonRows count={3} />
      )}
    </Section>
  )
}
