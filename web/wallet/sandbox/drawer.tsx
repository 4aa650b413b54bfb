// The sandbox's drawer: test money, the codes that were sent, blocks, and the vendors' buttons, so that nobody needs a
// terminal to live the whole story. It exists with the sandbox alone.

import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { sessionState } from '../../kit/api/session.ts'
import { useApi } from '../../kit/api/use-api.ts'
import { texts } from '../../kit/language.ts'
import { useSignal } from '../../kit/signal.ts'
import { Button } from '../../kit/ui/button.tsx'
import { useCopied } from '../../kit/ui/copy.tsx'
import { SelectField, TextField } from '../../kit/ui/field.tsx'
import { rowsLook, Section } from '../../kit/ui/list.tsx'
import { Notice } from '../../kit/ui/notice.tsx'
import { Sheet } from '../../kit/ui/sheet.tsx'
import { When } from '../../kit/ui/when.tsx'
import { useAction } from '../../kit/use-action.ts'

const useWords = texts('sandbox', {
  title: ['沙盒工具', 'Sandbox tools'],
  about: ['这里的一切都在本机运行,币没有价值。', 'All of this runs on this machine; the coins have no value.'],
  faucet: ['水龙头', 'Faucet'],
  faucetAbout: ['向您的充值地址转入测试 USDT。', 'Sends test USDT to your deposit address.'],
  network: ['网络', 'Network'],
  amount: ['金额', 'Amount'],
  give: ['转入', 'Send it'],
  given: ['已上链,正在等待确认', 'On the chain, waiting for confirmations'],
  mine: ['出块', 'Mine'],
  mineAbout: ['立即产生 25 个区块,跳过等待确认。', 'Makes 25 blocks at once, so that nothing has to be waited for.'],
  mineDo: ['产生 25 个区块', 'Mine 25 blocks'],
  mined: ['已出块', 'Mined'],
  outbox: ['发件箱', 'Outbox'],
  outboxAbout: ['已发送的邮件与短信。', 'Mails and text messages that were sent.'],
  outboxEmpty: ['还没有', 'Nothing yet'],
  copyCode: ['复制验证码 {{code}}', 'Copy code {{code}}'],
  copied: ['已复制', 'Copied'],
  vendors: ['外部机构', 'Vendors'],
  kycApprove: ['通过我的实名', 'Approve my identity'],
  kycReject: ['驳回我的实名', 'Reject my identity'],
  recipientApprove: ['通过我的收款人', 'Approve my recipient'],
  holderApprove: ['通过持卡人', 'Approve cardholder'],
  cardPay: ['刷卡 12.34', 'Pay 12.34 by card'],
  cardClear: ['清算刷卡', 'Clear the payment'],
  cardRefund: ['退款', 'Refund it'],
  payoutDone: ['完成汇款出款', 'Complete the payout'],
  payoutReturn: ['退回汇款', 'Return the payout'],
  done: ['已执行', 'Done'],
  more: ['接口文档', 'API documentation'],
  signInFirst: ['登录后可用', 'Sign in first'],
})

async function control(name: string, body: object): Promise<unknown> {
  const answer = await fetch(`/sandbox/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const said = (await answer.json()) as { error?: string }
  if (!answer.ok) throw new Error(said.error ?? String(answer.status))
  return said
}

interface Sent {
  to: string
  channel: string
  subject: string | null
  text: string
  code: string | null
  at: string
}

export default function Drawer({ onClose }: { onClose(): void }) {
  const say = useWords()
  const isIn = useSignal(sessionState) === 'in'
  return (
    <Sheet open onClose={onClose} title={say('title')} about={say('about')} wide>
      <Outbox />
      {isIn ? (
        <>
          <Faucet />
          <Vendors />
        </>
      ) : (
        <p className="mt-6 text-sm text-dim">
          {say('faucet')} · {say('vendors')}: {say('signInFirst')}
        </p>
      )}
      <p className="mt-8 text-sm">
        <a href="/docs" className="font-medium text-accent underline underline-offset-4">
          {say('more')}
        </a>
      </p>
    </Sheet>
  )
}

function Outcome({ error, done }: { error: unknown; done: ReactNode }) {
  return (
    <div aria-live="polite" className="mt-2">
      {error ? (
        <Notice tone="bad">{String((error as Error).message)}</Notice>
      ) : done ? (
        <Notice tone="good">{done}</Notice>
      ) : null}
    </div>
  )
}

function Faucet() {
  const say = useWords()
  const networks = useApi('GET /api/withdrawal/usdt/networks')
  const [chain, setChain] = useState('BSC')
  const [amount, setAmount] = useState('100')
  const address = useApi('GET /api/recharge/address', { query: { chain } })
  const [done, setDone] = useState('')
  const { busy, error, run } = useAction()
  const give = () =>
    run(async () => {
      setDone('')
      await control('faucet', { network: chain, address: address.data?.address, amount })
      setDone(say('given'))
    })
  const mine = () =>
    run(async () => {
      setDone('')
      await control('mine', { network: chain, blocks: 25 })
      setDone(say('mined'))
    })
  return (
    <Section title={say('faucet')}>
      <p className="-mt-1 mb-3 text-sm text-dim">{say('faucetAbout')}</p>
      <div className="grid grid-cols-2 gap-3">
        <SelectField
          label={say('network')}
          value={chain}
          onChange={setChain}
          choices={(networks.data?.items ?? []).map((each) => ({ value: each.chain, label: each.network }))}
        />
        <TextField
          label={say('amount')}
          inputMode="decimal"
          value={amount}
          onChange={(event) => setAmount(event.target.value)}
        />
      </div>
      <div className="grid grid-cols-2 gap-3">
        <Button busy={busy} disabled={!address.data} onClick={() => void give()}>
          {say('give')}
        </Button>
        <Button busy={busy} onClick={() => void mine()} title={say('mineAbout')}>
          {say('mineDo')}
        </Button>
      </div>
      <Outcome error={error} done={done} />
    </Section>
  )
}

function Outbox() {
  const say = useWords()
  const sent = useQuery({
    queryKey: ['sandbox outbox'],
    queryFn: async () => (await (await fetch('/sandbox/outbox?limit=5')).json()) as Sent[],
    refetchInterval: 2_000,
  })
  return (
    <Section title={say('outbox')} className="mt-2">
      <p className="-mt-1 mb-1 text-sm text-dim">{say('outboxAbout')}</p>
      <ul className={rowsLook}>
        {sent.data?.map((message) => (
          <li key={`${message.at} ${message.to}`} className="py-2 text-sm">
            <p className="flex items-baseline justify-between gap-3">
              <span className="min-w-0 truncate font-medium">{message.to}</span>
              <span className="shrink-0 text-dim">
                <When at={message.at} />
              </span>
            </p>
            <p className="truncate text-dim">{message.subject || message.text}</p>
            {message.code && <CodeButton code={message.code} />}
          </li>
        ))}
        {sent.data?.length === 0 && <li className="py-2 text-sm text-dim">{say('outboxEmpty')}</li>}
      </ul>
    </Section>
  )
}

function CodeButton({ code }: { code: string }) {
  const say = useWords()
  const [copied, copy] = useCopied()
  return (
    <Button small className="figures mt-1" onClick={() => copy(code)}>
      {copied ? say('copied') : say('copyCode', { code })}
    </Button>
  )
}

function Vendors() {
  const say = useWords()
  const me = useApi('GET /api/user/me')
  const [done, setDone] = useState('')
  const { busy, error, run } = useAction()
  const uid = me.data?.uid
  const buttons = [
    ['kycApprove', 'kyc', { uid, decision: 'approve' }],
    ['kycReject', 'kyc', { uid, decision: 'reject', reason: 'document_unreadable' }],
    ['recipientApprove', 'recipient', { uid, decision: 'approve' }],
    ['holderApprove', 'identity', { answer: 'approve' }],
    ['cardPay', 'card', { action: 'authorise', amount: '12.34', merchant: 'Sandbox Coffee' }],
    ['cardClear', 'card', { action: 'clear' }],
    ['cardRefund', 'card', { action: 'refund' }],
    ['payoutDone', 'payout', { action: 'complete' }],
    ['payoutReturn', 'payout', { action: 'return' }],
  ] as const
  return (
    <Section title={say('vendors')}>
      <div className="flex flex-wrap gap-2">
        {buttons.map(([word, name, body]) => (
          <Button
            key={word}
            small
            disabled={busy || !uid}
            onClick={() =>
              void run(async () => {
                setDone('')
                await control(name, body)
                setDone(`${say(word)}: ${say('done')}`)
              })
            }
          >
            {say(word)}
          </Button>
        ))}
      </div>
      <Outcome error={error} done={done} />
    </Section>
  )
}
