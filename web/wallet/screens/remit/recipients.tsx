// Those whom one can remit to: the list with how their review stands, and the form for a new one.

import { Link, useNavigate } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { DataOf } from '../../../kit/api/http.ts'
import { api } from '../../../kit/api/session.ts'
import { tellChanged, useApi } from '../../../kit/api/use-api.ts'
import { Avatar } from '../../../kit/ui/avatar.tsx'
import { Button, IconButton } from '../../../kit/ui/button.tsx'
import { SelectField, TextField } from '../../../kit/ui/field.tsx'
import { Empty, RowBody, rowLook, rowsLook } from '../../../kit/ui/list.tsx'
import { Chip } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Sheet } from '../../../kit/ui/sheet.tsx'
import { SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { toast } from '../../../kit/ui/toast.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { Screen } from '../../frame/screen.tsx'
import { isFieldError, wrongAt } from '../identity/identity.tsx'
import { useRemitWords } from './remit-words.ts'

type Recipient = DataOf<'GET /api/remittance/recipients'>[number]

export function RecipientsScreen() {
  const say = useRemitWords()
  const navigate = useNavigate()
  const recipients = useApi('GET /api/remittance/recipients')
  const [asked, setAsked] = useState<Recipient>()
  const { busy, error, run } = useAction()
  const remove = (recipient: Recipient) =>
    run(async () => {
      await api('DELETE /api/remittance/recipients/{id}', { path: { id: recipient.id } })
      tellChanged('GET /api/remittance/recipients')
      setAsked(undefined)
    })
  const chip = ({ review_status }: Recipient) =>
    review_status === 'approved' ? (
      <Chip tone="good">{say('approved')}</Chip>
    ) : review_status === 'pending' ? (
      <Chip tone="warn">{say('pending')}</Chip>
    ) : (
      <Chip tone="bad">{say('recipientRejected')}</Chip>
    )
  return (
    <Screen
      title={say('recipients')}
      back="/app/me"
      action={
        <Button look="primary" wide onClick={() => void navigate({ to: '/app/remit/recipients/new' })}>
          {say('add')}
        </Button>
      }
    >
      {recipients.data ? (
        recipients.data.length === 0 ? (
          <Empty title={say('noneApproved')}>{say('noneAbout')}</Empty>
        ) : (
          <ul className={rowsLook}>
            {recipients.data.map((each) => (
              <li key={each.id} className="flex items-center gap-1">
                <RowBody
                  icon={<Avatar name={each.account_holder} />}
                  title={each.nickname || each.account_holder}
                  about={
                    <>
                      {each.bank_name} · {each.account_number}
                      {each.review_reason && <span className="block text-danger">{each.review_reason}</span>}
                    </>
                  }
                  right={chip(each)}
                />
                <IconButton
                  label={`${say('remove')} ${each.account_holder}`}
                  onClick={() => setAsked(each)}
                  className="text-dim"
                >
                  <Trash2 aria-hidden className="size-[18px]" />
                </IconButton>
              </li>
            ))}
          </ul>
        )
      ) : recipients.error ? (
        <Problem error={recipients.error} onRetry={() => void recipients.refetch()} />
      ) : (
        <SkeletonRows count={3} />
      )}
      <p className="mt-4">
        <Link to="/app/remit" className="font-medium text-accent">
          {say('title')}
        </Link>
      </p>
      <Sheet
        open={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={say('removeAsk')}
        about={asked?.account_holder}
      >
        <Problem error={error} />
        <Button look="danger" wide busy={busy} className="mt-3" onClick={() => asked && void remove(asked)}>
          {say('remove')}
        </Button>
      </Sheet>
    </Screen>
  )
}

const empty = {
  account_holder: '',
  account_number: '',
  id_number: '',
  msisdn: '',
  email: '',
  nickname: '',
  cnaps_code: '',
}

export function NewRecipientScreen() {
  const say = useRemitWords()
  const navigate = useNavigate()
  const [fields, setFields] = useState(empty)
  const [currency, setCurrency] = useState('CNH')
  const [bank, setBank] = useState<{ code: string; name: string }>()
  const [picking, setPicking] = useState<'bank' | 'branch'>()
  const { busy, error, run } = useAction()
  const text = (name: keyof typeof empty, label: string, more: Partial<Parameters<typeof TextField>[0]> = {}) => (
    <TextField
      label={label}
      value={fields[name]}
      error={wrongAt(error, name)}
      onChange={(event) => setFields({ ...fields, [name]: event.target.value })}
      {...more}
    />
  )
  const needed = [fields.account_holder, fields.account_number, fields.id_number, fields.msisdn, fields.email]
  const ready = bank !== undefined && needed.every((value) => value.trim() !== '')
  const save = () =>
    run(async () => {
      if (!bank) return
      const { nickname, cnaps_code, ...rest } = fields
      await api('POST /api/remittance/recipients', {
        body: {
          ...rest,
          account_number: rest.account_number.replace(/\s/g, ''),
          bank_name: bank.code,
          account_currency_code: currency,
          ...(nickname.trim() ? { nickname: nickname.trim() } : {}),
          ...(cnaps_code.trim() ? { cnaps_code: cnaps_code.trim() } : {}),
        },
      })
      tellChanged('GET /api/remittance/recipients')
      toast(say('saved'))
      void navigate({ to: '/app/remit/recipients', replace: true })
    })
  return (
    <Screen title={say('newRecipient')} back="/app/remit/recipients">
      <form
        className="space-y-2"
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) void save()
        }}
      >
        {text('account_holder', say('holder'), { hint: say('holderHint'), maxLength: 80, autoComplete: 'off' })}
        <div className="pb-5">
          <p className="mb-1.5 text-sm font-medium">{say('bank')}</p>
          <button
            type="button"
            onClick={() => setPicking('bank')}
            className="flex min-h-12 w-full items-center gap-3 rounded-control border border-edge/70 bg-surface px-3.5 text-left hover:border-edge"
          >
            {bank ? <span>{bank.name}</span> : <span className="text-dim">{say('bankSearch')}</span>}
          </button>
          {wrongAt(error, 'bank_name') && <p className="mt-1 text-sm text-danger">{wrongAt(error, 'bank_name')}</p>}
        </div>
        {text('account_number', say('account'), {
          value: fields.account_number.replace(/\D/g, '').replace(/(.{4})(?=.)/g, '$1 '),
          inputMode: 'numeric',
          autoComplete: 'off',
          maxLength: 40,
        })}
        {text('cnaps_code', say('branch'), {
          hint: say('branchHint'),
          inputMode: 'numeric',
          maxLength: 12,
          autoComplete: 'off',
          aside: bank && (
            <button
              type="button"
              onClick={() => setPicking('branch')}
              className="-my-2 min-h-9 font-medium text-accent"
            >
              {say('branchSearch')}
            </button>
          ),
        })}
        {text('id_number', say('idNumber'), { autoComplete: 'off', spellCheck: false, maxLength: 32 })}
        {text('msisdn', say('phone'), { type: 'tel', inputMode: 'tel', autoComplete: 'off', maxLength: 20 })}
        {text('email', say('email'), { type: 'email', autoComplete: 'off', maxLength: 254 })}
        <SelectField
          label={say('currency')}
          value={currency}
          onChange={setCurrency}
          choices={['CNH', 'CNY'].map((value) => ({ value, label: value }))}
        />
        {text('nickname', say('nickname'), { maxLength: 32, autoComplete: 'off' })}
        {!isFieldError(error) && <Problem error={error} />}
        <Button type="submit" look="primary" wide busy={busy} disabled={!ready}>
          {say('save')}
        </Button>
      </form>
      <BankPicker
        open={picking === 'bank'}
        onClose={() => setPicking(undefined)}
        onPick={(code, name) => {
          setBank({ code, name })
          setPicking(undefined)
        }}
      />
      {bank && (
        <BranchPicker
          open={picking === 'branch'}
          bank={bank.code}
          onClose={() => setPicking(undefined)}
          onPick={(cnaps_code) => {
            setFields({ ...fields, cnaps_code })
            setPicking(undefined)
          }}
        />
      )}
    </Screen>
  )
}

function BankPicker({
  open,
  onClose,
  onPick,
}: {
  open: boolean
  onClose(): void
  onPick(code: string, name: string): void
}) {
  const say = useRemitWords()
  const [q, setQ] = useState('')
  const banks = useApi(
    'GET /api/remittance/banks',
    { query: q.trim() ? { q: q.trim() } : {} },
    { enabled: open, keep: true },
  )
  return (
    <Sheet open={open} onClose={onClose} title={say('bank')}>
      <TextField
        label={say('bankSearch')}
        value={q}
        onChange={(event) => setQ(event.target.value)}
        autoComplete="off"
      />
      <Problem error={banks.error} onRetry={() => void banks.refetch()} />
      {banks.data ? (
        <ul className={rowsLook}>
          {banks.data.slice(0, 40).map((each) => (
            <li key={each.bank_code}>
              <button type="button" className={rowLook} onClick={() => onPick(each.bank_code, each.name)}>
                <RowBody
                  icon={<Avatar name={each.name.replace('中国', '')} />}
                  title={each.name}
                  about={each.name_en}
                />
              </button>
            </li>
          ))}
          {banks.data.length === 0 && <li className="py-3 text-dim">{say('bankNone')}</li>}
        </ul>
      ) : (
        <SkeletonRows count={5} />
      )}
    </Sheet>
  )
}

function BranchPicker({
  open,
  bank,
  onClose,
  onPick,
}: {
  open: boolean
  bank: string
  onClose(): void
  onPick(cnaps: string): void
}) {
  const say = useRemitWords()
  const [q, setQ] = useState('')
  const branches = useApi(
    'GET /api/remittance/banks/branches',
    { query: { bank_code: bank, ...(q.trim() ? { q: q.trim() } : {}) } },
    { enabled: open, keep: true },
  )
  return (
    <Sheet open={open} onClose={onClose} title={say('branchSearch')}>
      <TextField
        label={say('branchSearch')}
        value={q}
        onChange={(event) => setQ(event.target.value)}
        autoComplete="off"
      />
      <ul className={rowsLook}>
        {branches.data?.map((each) => (
          <li key={each.cnaps_code}>
            <button type="button" className={rowLook} onClick={() => onPick(each.cnaps_code)}>
              <RowBody title={each.bank_name} about={<span className="figures">{each.cnaps_code}</span>} />
            </button>
          </li>
        ))}
        {branches.data?.length === 0 && <li className="py-3 text-dim">{say('bankNone')}</li>}
      </ul>
    </Sheet>
  )
}
