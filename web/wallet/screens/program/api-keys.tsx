// Keys for the customer's own programs: made with a PIN, their secret shown once, what each may do, and revoking it.
// Must stay true: a secret lives in this screen's memory until it is left, and nowhere else.

import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import type { DataOf } from '../../../kit/api/http.ts'
import { api } from '../../../kit/api/session.ts'
import { tellChanged, useApi } from '../../../kit/api/use-api.ts'
import { texts } from '../../../kit/language.ts'
import { shortText } from '../../../kit/time.ts'
import { Button } from '../../../kit/ui/button.tsx'
import { CopyRow } from '../../../kit/ui/copy.tsx'
import { TextArea, TextField } from '../../../kit/ui/field.tsx'
import { Empty, Facts, rowsLook } from '../../../kit/ui/list.tsx'
import { Chip, Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Sheet } from '../../../kit/ui/sheet.tsx'
import { SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { Screen } from '../../frame/screen.tsx'
import { MoneyProof, type Proof } from '../../proof/money-proof.tsx'

const useWords = texts('api-keys', {
  title: ['API 密钥', 'API keys'],
  about: ['让您自己的程序读取余额、转账或提现。', 'Let programs of your own read balances, send or withdraw.'],
  empty: ['还没有密钥', 'No keys yet'],
  add: ['创建密钥', 'Make a key'],
  name: ['名称', 'Name'],
  scopes: ['权限', 'What it may do'],
  read: ['读取', 'Read'],
  transfer: ['转账', 'Send'],
  withdraw: ['提现', 'Withdraw'],
  ips: ['允许的 IP(每行一个,选填)', 'Addresses it may come from, one a line (optional)'],
  ipsHint: ['转账与提现权限建议限定 IP', 'Better name them for keys that move money'],
  lastUsed: ['最近使用', 'Last used'],
  never: ['从未', 'Never'],
  expires: ['到期', 'Expires'],
  allowed: ['允许的 IP', 'Addresses'],
  any: ['不限', 'Any'],
  rotate: ['更换密钥', 'New secret'],
  revoke: ['吊销', 'Revoke'],
  revokeAsk: ['吊销后使用它的程序立即失效', 'Programs that use it stop working at once'],
  secret: ['密钥只显示这一次', 'The secret is shown this once'],
  secretAbout: ['请立即保存到安全的地方,关闭后无法再次查看。', 'Keep it in a safe place now; it cannot be seen again.'],
  keyId: ['密钥 ID', 'Key id'],
  secretLabel: ['密钥', 'Secret'],
  saved: ['我已保存', 'I have kept it'],
})

const scopes = ['read', 'transfer', 'withdraw'] as const
type Scope = (typeof scopes)[number]
type Key = DataOf<'GET /api/api-keys'>[number]
type Wanted = { do: 'make'; name: string; scopes: Scope[]; ips: string[] } | { do: 'rotate'; key: Key }

export function ApiKeysScreen() {
  const say = useWords()
  const keys = useApi('GET /api/api-keys')
  const [making, setMaking] = useState(false)
  const [wanted, setWanted] = useState<Wanted>()
  const [revoking, setRevoking] = useState<Key>()
  const { busy, error, run } = useAction()
  const [made, setMade] = useState<{ id: string; secret: string }>()
  const carryOut = async (proof: Proof) => {
    if (!wanted) return
    if (wanted.do === 'make') {
      const { name, scopes: may, ips } = wanted
      setMade(await api('POST /api/api-keys', { body: { name, scopes: may, ips, ...proof } }))
      setMaking(false)
    } else {
      setMade(await api('POST /api/api-keys/{id}/rotate', { path: { id: wanted.key.id }, body: proof }))
    }
    tellChanged('GET /api/api-keys', 'GET /api/security/log')
    setWanted(undefined)
  }
  // taking power away needs no proof
  const revoke = (key: Key) =>
    run(async () => {
      await api('DELETE /api/api-keys/{id}', { path: { id: key.id } })
      tellChanged('GET /api/api-keys', 'GET /api/security/log')
      setRevoking(undefined)
    })
  return (
    <Screen
      title={say('title')}
      back="/app/security"
      action={
        <Button look="primary" wide onClick={() => setMaking(true)}>
          {say('add')}
        </Button>
      }
    >
      <p className="pb-2 text-dim">{say('about')}</p>
      {keys.data ? (
        keys.data.length === 0 ? (
          <Empty icon={<KeyRound className="size-8" strokeWidth={1.5} />} title={say('empty')} />
        ) : (
          <ul className={rowsLook}>
            {keys.data.map((key) => (
              <li key={key.id} className="py-4">
                <p className="flex flex-wrap items-center gap-2 font-medium">
                  {key.name}
                  {key.scopes.map((scope) => (
                    <Chip key={scope} tone={scope === 'read' ? 'plain' : 'warn'}>
                      {say(scope)}
                    </Chip>
                  ))}
                </p>
                <code className="mt-1 block font-mono text-xs break-all text-dim">{key.id}</code>
                <Facts
                  facts={[
                    {
                      label: say('lastUsed'),
                      value: key.last_used_at ? `${shortText(key.last_used_at)} · ${key.last_used_ip}` : say('never'),
                    },
                    { label: say('allowed'), value: key.ips.length > 0 ? key.ips.join(', ') : say('any') },
                    key.expires_at !== null && { label: say('expires'), value: shortText(key.expires_at) },
                  ]}
                />
                <div className="flex gap-2">
                  <Button small onClick={() => setWanted({ do: 'rotate', key })}>
                    {say('rotate')}
                  </Button>
                  <Button small look="danger" onClick={() => setRevoking(key)}>
                    {say('revoke')}
                  </Button>
                </div>
              </li>
            ))}
          </ul>
        )
      ) : keys.error ? (
        <Problem error={keys.error} onRetry={() => void keys.refetch()} />
      ) : (
        <SkeletonRows count={3} />
      )}
      <Making
        open={making && !wanted && !made}
        onClose={() => setMaking(false)}
        onMake={(asked) => setWanted({ do: 'make', ...asked })}
      />
      <MoneyProof
        open={wanted !== undefined}
        onClose={() => setWanted(undefined)}
        about={wanted && (wanted.do === 'make' ? wanted.name : `${say(wanted.do)} · ${wanted.key.name}`)}
        onProof={carryOut}
        money={false}
      />
      <Sheet
        open={revoking !== undefined}
        onClose={() => setRevoking(undefined)}
        title={say('revokeAsk')}
        about={revoking?.name}
      >
        <Problem error={error} />
        <Button look="danger" wide busy={busy} className="mt-3" onClick={() => revoking && void revoke(revoking)}>
          {say('revoke')}
        </Button>
      </Sheet>
      <Sheet open={made !== undefined} onClose={() => {}} title={say('secret')} held>
        <Notice tone="warn">{say('secretAbout')}</Notice>
        <p className="mt-4 mb-1 text-sm text-dim">{say('keyId')}</p>
        <CopyRow text={made?.id ?? ''}>
          <code className="font-mono text-xs">{made?.id}</code>
        </CopyRow>
        <p className="mt-3 mb-1 text-sm text-dim">{say('secretLabel')}</p>
        <CopyRow text={made?.secret ?? ''}>
          <code className="font-mono text-xs">{made?.secret}</code>
        </CopyRow>
        <Button look="primary" wide className="mt-5" onClick={() => setMade(undefined)}>
          {say('saved')}
        </Button>
      </Sheet>
    </Screen>
  )
}

function Making({
  open,
  onClose,
  onMake,
}: {
  open: boolean
  onClose(): void
  onMake(asked: { name: string; scopes: Scope[]; ips: string[] }): void
}) {
  const say = useWords()
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<Scope[]>(['read'])
  const [ips, setIps] = useState('')
  const ready = name.trim() !== '' && chosen.length > 0
  return (
    <Sheet open={open} onClose={onClose} title={say('add')}>
      <form
        className="space-y-2 pt-2"
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) onMake({ name: name.trim(), scopes: chosen, ips: ips.split(/[\s,]+/).filter(Boolean) })
        }}
      >
        <TextField
          label={say('name')}
          value={name}
          maxLength={40}
          onChange={(event) => setName(event.target.value)}
          autoComplete="off"
        />
        <fieldset>
          <legend className="text-sm font-medium">{say('scopes')}</legend>
          {scopes.map((scope) => (
            <label key={scope} className="flex min-h-11 items-center gap-3">
              <input
                type="checkbox"
                className="size-5 accent-accent"
                checked={chosen.includes(scope)}
                onChange={(event) =>
                  setChosen(event.target.checked ? [...chosen, scope] : chosen.filter((each) => each !== scope))
                }
              />
              {say(scope)}
            </label>
          ))}
        </fieldset>
        <TextArea
          label={say('ips')}
          hint={say('ipsHint')}
          value={ips}
          rows={2}
          onChange={(event) => setIps(event.target.value)}
        />
        <Button type="submit" look="primary" wide disabled={!ready}>
          {say('add')}
        </Button>
      </form>
    </Sheet>
  )
}
