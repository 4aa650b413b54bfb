// Being paid by somebody here: a QR code and a link that open "send" filled in. Whoever opens it still decides by themselves.

import { Link } from '@tanstack/react-router'
import { ScanLine, Send, Share2 } from 'lucide-react'
import { useState } from 'react'
import { useApi } from '../../../kit/api/use-api.ts'
import { texts } from '../../../kit/language.ts'
import { isPositive } from '../../../kit/money.ts'
import { AmountField } from '../../../kit/ui/amount-field.tsx'
import { Button } from '../../../kit/ui/button.tsx'
import { CopyRow } from '../../../kit/ui/copy.tsx'
import { TextField } from '../../../kit/ui/field.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { QrCode } from '../../../kit/ui/qr.tsx'
import { Bone } from '../../../kit/ui/skeleton.tsx'
import { Screen } from '../../frame/screen.tsx'

const useWords = texts('request', {
  title: ['收付', 'Pay & be paid'],
  mine: ['我的收款码', 'My payment code'],
  about: ['对方用手机相机扫码,即可打开转账页面。', 'Others scan it with their camera and get to “send”, filled in.'],
  setAmount: ['设置金额', 'Set an amount'],
  amount: ['收款金额(选填)', 'Amount (optional)'],
  note: ['备注(选填)', 'Note (optional)'],
  link: ['收款链接', 'Link'],
  share: ['分享链接', 'Share link'],
  send: ['付款给别人', 'Pay somebody'],
  scan: ['扫码付款', 'Scan to pay'],
})

export function RequestScreen() {
  const say = useWords()
  const me = useApi('GET /api/user/me')
  const [editing, setEditing] = useState(false)
  const [amount, setAmount] = useState('')
  const [note, setNote] = useState('')
  const query = new URLSearchParams({
    to: me.data?.uid ?? '',
    ...(isPositive(amount) ? { amount } : {}),
    ...(note.trim() ? { note: note.trim() } : {}),
  })
  const link = `${window.location.origin}/app/send?${query}`
  return (
    <Screen title={say('title')}>
      {me.data ? (
        <section aria-label={say('mine')} className="flex flex-col items-center">
          <QrCode text={link} className="size-60 border border-line" />
          <p className="figures mt-3 text-lg font-semibold">{me.data.uid}</p>
          <p className="max-w-80 text-center text-sm text-dim">{say('about')}</p>
        </section>
      ) : me.error ? (
        <Problem error={me.error} onRetry={() => void me.refetch()} />
      ) : (
        <Bone className="mx-auto size-60" />
      )}
      {editing ? (
        <div className="mt-6 space-y-2">
          <AmountField label={say('amount')} value={amount} onChange={setAmount} autoFocus />
          <TextField
            label={say('note')}
            value={note}
            maxLength={64}
            onChange={(event) => setNote(event.target.value)}
            autoComplete="off"
          />
        </div>
      ) : (
        <Button look="quiet" wide className="mt-4" onClick={() => setEditing(true)}>
          {say('setAmount')}
        </Button>
      )}
      <p className="mt-4 mb-1 text-sm text-dim">{say('link')}</p>
      <CopyRow text={link}>
        <span className="text-sm">{decodeURIComponent(link)}</span>
      </CopyRow>
      {'share' in navigator && (
        <Button
          wide
          className="mt-2"
          icon={<Share2 aria-hidden className="size-4" />}
          onClick={() => void navigator.share({ url: link }).catch(() => {})}
        >
          {say('share')}
        </Button>
      )}
      <div className="mt-8 grid gap-2 border-t border-line pt-5 sm:grid-cols-2">
        <Link
          to="/app/send"
          className="flex min-h-12 items-center justify-center gap-2 rounded-control bg-accent px-5 font-medium text-on-accent hover:bg-accent-hover"
        >
          <Send aria-hidden className="size-4" />
          {say('send')}
        </Link>
        <Link
          to="/app/scan"
          className="flex min-h-12 items-center justify-center gap-2 rounded-control border border-edge/60 bg-surface px-5 font-medium hover:bg-sunk"
        >
          <ScanLine aria-hidden className="size-4" />
          {say('scan')}
        </Link>
      </div>
    </Screen>
  )
}
