// The book of withdrawal addresses, and the mode in which nothing else is paid.

import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { DataOf } from '../../../kit/api/http.ts'
import { isRefusal } from '../../../kit/api/http.ts'
import { api } from '../../../kit/api/session.ts'
import { tellChanged, useApi } from '../../../kit/api/use-api.ts'
import { shortText } from '../../../kit/time.ts'
import { AddressText } from '../../../kit/ui/address.tsx'
import { Button, IconButton } from '../../../kit/ui/button.tsx'
import { SelectField, TextField } from '../../../kit/ui/field.tsx'
import { Empty, rowsLook, Section } from '../../../kit/ui/list.tsx'
import { Chip } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Sheet } from '../../../kit/ui/sheet.tsx'
import { SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { SwitchRow } from '../../../kit/ui/switch.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { Screen } from '../../frame/screen.tsx'
import { MoneyProof, type Proof } from '../../proof/money-proof.tsx'
import { addressIn, familyOf } from './address-form.ts'
import { useWithdrawalWords } from './withdrawal-words.ts'

type Entry = DataOf<'GET /api/withdrawal/addresses'>[number]

export function AddressBookScreen() {
  const say = useWithdrawalWords()
  const book = useApi('GET /api/withdrawal/addresses')
  const mode = useApi('GET /api/withdrawal/allow-list')
  const [adding, setAdding] = useState(false)
  const [switching, setSwitching] = useState<boolean>()
  const switchMode = async (proof: Proof) => {
    if (switching === undefined) return
    await api('POST /api/withdrawal/allow-list', { body: { enabled: switching, ...proof } })
    tellChanged('GET /api/withdrawal/allow-list', 'GET /api/withdrawal/addresses')
    setSwitching(undefined)
  }
  return (
    <Screen
      title={say('book')}
      back="/app/me"
      action={
        <Button look="primary" wide onClick={() => setAdding(true)}>
          {say('addTitle')}
        </Button>
      }
    >
      {mode.data && (
        <SwitchRow
          label={say('allowList')}
          about={
            mode.data.off_at === null
              ? say('allowListAbout')
              : say('allowListOffAt', { time: shortText(mode.data.off_at) })
          }
          on={mode.data.enabled && mode.data.off_at === null}
          onChange={setSwitching}
        />
      )}
      <Section className="mt-2">
        {book.data ? (
          book.data.length === 0 ? (
            <Empty title={say('bookEmpty')}>{say('bookEmptyAbout')}</Empty>
          ) : (
            <ul className={rowsLook}>
              {book.data.map((entry) => (
                <li key={entry.id}>
                  <Listed entry={entry} />
                </li>
              ))}
            </ul>
          )
        ) : book.error ? (
          <Problem error={book.error} onRetry={() => void book.refetch()} />
        ) : (
          <SkeletonRows count={3} />
        )}
      </Section>
      <Adding open={adding} onClose={() => setAdding(false)} />
      <MoneyProof
        open={switching !== undefined}
        onClose={() => setSwitching(undefined)}
        about={say('allowList')}
        onProof={switchMode}
        money={false}
      />
    </Screen>
  )
}

function Listed({ entry }: { entry: Entry }) {
  const say = useWithdrawalWords()
  const [asking, setAsking] = useState(false)
  const { busy, error, run } = useAction()
  const waits = new Date(entry.usable_at).getTime() > Date.now()
  const remove = () =>
    run(async () => {
      await api('DELETE /api/withdrawal/addresses/{id}', { path: { id: entry.id } })
      tellChanged('GET /api/withdrawal/addresses')
      setAsking(false)
    })
  return (
    <div className="flex items-start gap-2 py-3">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {entry.label} <Chip>{entry.chain}</Chip>
          {waits && <Chip tone="warn">{say('usableAt', { time: shortText(entry.usable_at) })}</Chip>}
        </p>
        <AddressText address={entry.address} />
      </div>
      <IconButton label={`${say('remove')} ${entry.label}`} onClick={() => setAsking(true)} className="text-dim">
        <Trash2 aria-hidden className="size-[18px]" />
      </IconButton>
      <Sheet open={asking} onClose={() => setAsking(false)} title={say('removeAsk')} about={entry.label}>
        <AddressText address={entry.address} />
        <Problem error={error} className="mt-3" />
        <Button look="danger" wide busy={busy} className="mt-4" onClick={() => void remove()}>
          {say('remove')}
        </Button>
      </Sheet>
    </div>
  )
}

function Adding({ open, onClose }: { open: boolean; onClose(): void }) {
  const say = useWithdrawalWords()
  const networks = useApi('GET /api/withdrawal/usdt/networks', undefined, { enabled: open })
  const [address, setAddress] = useState('')
  const [label, setLabel] = useState('')
  const [chosen, setChosen] = useState('')
  const [lookalike, setLookalike] = useState<string>()
  const [proving, setProving] = useState(false)
  const family = familyOf(address)
  const fitting = networks.data?.items.filter((each) => each.family === family) ?? []
  const chain = fitting.find((each) => each.chain === chosen)?.chain ?? fitting[0]?.chain
  const add = async (proof: Proof) => {
    if (!chain) return
    try {
      await api('POST /api/withdrawal/addresses', {
        body: {
          chain,
          address,
          label: label.trim(),
          ...proof,
          ...(lookalike === address ? { confirm_lookalike: true } : {}),
        },
      })
    } catch (error) {
      if (isRefusal(error, 'AddressLookalike')) setLookalike(address)
      throw error
    }
    tellChanged('GET /api/withdrawal/addresses')
    setProving(false)
    setAddress('')
    setLabel('')
    onClose()
  }
  return (
    <>
      <Sheet open={open && !proving} onClose={onClose} title={say('addTitle')}>
        <form
          className="space-y-2 pt-2"
          onSubmit={(event) => {
            event.preventDefault()
            if (chain && label.trim()) setProving(true)
          }}
        >
          <TextField
            label={say('to')}
            hint={say('toHint')}
            error={address.length > 20 && family === undefined ? say('notAddress') : undefined}
            value={address}
            onChange={(event) => setAddress(addressIn(event.target.value))}
            autoComplete="off"
            spellCheck={false}
            className="font-mono text-sm"
          />
          <SelectField
            label={say('network')}
            value={chain ?? ''}
            onChange={setChosen}
            disabled={fitting.length < 2}
            choices={fitting.map((each) => ({ value: each.chain, label: each.network }))}
          />
          <TextField
            label={say('label')}
            hint={say('labelHint')}
            value={label}
            maxLength={40}
            onChange={(event) => setLabel(event.target.value)}
          />
          <Button type="submit" look="primary" wide disabled={!chain || label.trim() === ''}>
            {say('add')}
          </Button>
        </form>
      </Sheet>
      <MoneyProof open={proving} onClose={() => setProving(false)} about={label} onProof={add} money={false} />
    </>
  )
}
