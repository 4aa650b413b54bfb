// Ramp partners and merchants: terms, keys as far as they may be seen, stopping one at once. New ones and changes are
// approvals; a secret is shown once, to who asked for it.

import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Bone } from '../../../kit/ui/skeleton.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { ask, useAsk } from '../../api/ask.ts'
import { A } from '../../frame/link.tsx'
import { ActSheet } from '../../ui/act-sheet.tsx'
import { Ident } from '../../ui/ident.tsx'
import { ListScreen } from '../../ui/list-screen.tsx'
import { MayButton } from '../../ui/may-button.tsx'
import { Columns, Lines, Page, Part, Strip } from '../../ui/page.tsx'
import { Raw } from '../../ui/raw.tsx'
import { SecretOnce } from '../../ui/secret-once.tsx'
import { State } from '../../ui/state.tsx'
import { Table } from '../../ui/table.tsx'
import { useWords } from '../../words.ts'
import { ProposeThis } from '../approvals/propose.tsx'
import { usePartnerWords } from './partner-words.ts'

export function PartnersScreen() {
  const say = usePartnerWords()
  const words = useWords()
  return (
    <ListScreen
      title={say('partners')}
      route="GET /partners"
      actions={<ProposeThis kind="ramp_partner" label={say('addPartner')} look="primary" />}
      keyOf={(row) => row.id}
      to={(row) => `/partners/${row.id}`}
      columns={[
        { key: 'name', label: say('name'), cell: (row) => <A to={`/partners/${row.id}`}>{row.name}</A> },
        { key: 'status', label: words('state'), cell: (row) => <State value={row.status} /> },
        {
          key: 'sources',
          label: say('sources'),
          cell: (row) => row.sources.join(', '),
          text: (row) => row.sources.join(' '),
        },
        { key: 'release', label: say('release'), cell: (row) => row.release },
        {
          key: 'order_max',
          label: say('limits'),
          right: true,
          cell: (row) => <span className="figures">{`${row.order_min}–${row.order_max}`}</span>,
        },
        {
          key: 'per_day',
          label: say('perDay'),
          right: true,
          cell: (row) => <span className="figures">{row.per_day}</span>,
        },
        {
          key: 'fee_rate',
          label: say('feeRate'),
          right: true,
          cell: (row) => <span className="figures">{row.fee_rate}</span>,
        },
        { key: 'id', label: words('id'), grow: true, cell: (row) => <Ident value={row.id} ends={4} /> },
        { key: 'created_at', label: words('created'), cell: (row) => <When at={row.created_at} /> },
      ]}
    />
  )
}

export function PartnerScreen() {
  const { id } = useParams({ strict: false }) as { id: string }
  const say = usePartnerWords()
  const words = useWords()
  const [secret, setSecret] = useState<string>()
  const [problem, setProblem] = useState<unknown>()
  const [isStopping, setStopping] = useState(false)
  const { data: one, error, refetch } = useAsk('GET /partners/{id}', { path: { id } })
  if (!one) {
    return (
      <Page title={say('partners')}>
        {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Bone className="h-64 w-full" />}
      </Page>
    )
  }
  const { keys, id: _id, name, status, created_at, updated_at, receive_account, callback_key, sources, ...terms } = one
  return (
    <Page
      title={name}
      actions={
        <>
          <ProposeThis
            kind="ramp_partner"
            label={say('changeTerms')}
            given={{ partner: one.id }}
            start={{ ...terms, name, sources, receive_account, active: status !== 'disabled' }}
          />
          <ProposeThis kind="ramp_partner_key" label={say('newKey')} given={{ partner: one.id }} />
          <MayButton
            route="POST /partners/{id}/secret"
            onClick={() =>
              void ask('POST /partners/{id}/secret', { path: { id: one.id }, body: {} } as never)
                .then((shown) => setSecret((shown as { secret: string }).secret))
                .catch(setProblem)
            }
          >
            {say('showSecret')}
          </MayButton>
          <MayButton route="POST /partners/{id}/stop" look="danger" onClick={() => setStopping(true)}>
            {say('stop')}
          </MayButton>
        </>
      }
    >
      {problem !== undefined && <Problem error={problem} className="mb-4" />}
      {secret && <SecretOnce secret={secret} warning={say('secretOnce')} />}
      <Strip
        facts={[
          { label: words('state'), value: <State value={status} /> },
          { label: say('sources'), value: sources.join(', ') },
          { label: words('created'), value: <When at={created_at} /> },
          { label: words('updated'), value: <When at={updated_at} /> },
          { label: words('id'), value: <Ident value={one.id} ends={8} /> },
        ]}
      />
      <Columns>
        <div className="min-w-0">
          <Part title={say('terms')}>
            <Lines
              lines={[
                ...Object.entries(terms).map(
                  ([key, value]) => [key.replaceAll('_', ' '), String(value ?? '–')] as const,
                ),
                ...Object.entries(receive_account).map(([key, value]) => [key, value] as const),
                callback_key !== null && [say('callback'), <Ident key="c" value={callback_key} />],
              ]}
            />
          </Part>
          <Part title={words('details')}>
            <ul className="space-y-2.5 text-[13px]">
              <li>
                <A to={`/ramp-orders?partner=${one.id}`}>{say('rampOrders')}</A>
              </li>
              <li>
                <A to={`/webhooks?owner=partner:${one.id}`}>{say('webhooks')}</A>
              </li>
              {keys[0] && (
                <li>
                  <A to={`/request-log?api=ramp&key_id=${encodeURIComponent(keys[0].key_id)}`}>{say('requests')}</A>
                </li>
              )}
            </ul>
          </Part>
        </div>
        <div>
          <Part title={say('keys')}>
            <Table
              label={say('keys')}
              rows={keys}
              keyOf={(row) => row.key_id}
              columns={[
                { key: 'key_id', label: say('keyId'), cell: (row) => <Ident value={row.key_id} ends={5} /> },
                { key: 'created', label: words('created'), cell: (row) => <When at={row.created_at} /> },
                {
                  key: 'ends',
                  label: say('ends'),
                  cell: (row) => (row.expires_at ? <When at={row.expires_at} /> : '–'),
                },
              ]}
            />
          </Part>
          <Raw value={one} />
        </div>
      </Columns>
      <ActSheet
        open={isStopping}
        onClose={() => setStopping(false)}
        title={say('stopPartner', { name })}
        danger
        consequence={say('stopSays', { name })}
        word={name}
        submit={say('stop')}
        said={say('stopped')}
        act={(reason) => ask('POST /partners/{id}/stop', { path: { id: one.id }, body: { reason } })}
      />
    </Page>
  )
}

export function MerchantsScreen() {
  const say = usePartnerWords()
  const words = useWords()
  return (
    <ListScreen
      title={say('merchants')}
      route="GET /merchants"
      actions={<ProposeThis kind="merchant" label={say('addMerchant')} look="primary" />}
      keyOf={(row) => row.app_id}
      to={(row) => `/merchants/${row.app_id}`}
      columns={[
        { key: 'name', label: say('name'), cell: (row) => <A to={`/merchants/${row.app_id}`}>{row.name}</A> },
        { key: 'app_id', label: 'app_id', cell: (row) => <Ident value={row.app_id} ends={8} /> },
        {
          key: 'status',
          label: words('state'),
          cell: (row) => <State value={row.stopped_at ? 'stopped' : 'active'} />,
          text: (row) => (row.stopped_at ? 'stopped' : 'active'),
        },
        { key: 'invite_code', label: say('invite'), cell: (row) => row.invite_code },
        { key: 'demo', label: say('demo'), grow: true, cell: (row) => words(row.demo ? 'yes' : 'no') },
        { key: 'created_at', label: words('created'), cell: (row) => <When at={row.created_at} /> },
      ]}
    />
  )
}

export function MerchantScreen() {
  const { id } = useParams({ strict: false }) as { id: string }
  const say = usePartnerWords()
  const words = useWords()
  const [secret, setSecret] = useState<string>()
  const [problem, setProblem] = useState<unknown>()
  const [isStopping, setStopping] = useState(false)
  const { data: one, error, refetch } = useAsk('GET /merchants/{app_id}', { path: { app_id: id } })
  if (!one) {
    return (
      <Page title={say('merchants')}>
        {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Bone className="h-64 w-full" />}
      </Page>
    )
  }
  return (
    <Page
      title={one.name}
      actions={
        <>
          <ProposeThis kind="merchant_change" label={say('changeMerchant')} given={{ merchant: one.app_id }} />
          <MayButton
            route="POST /merchants/{app_id}/secret"
            onClick={() =>
              void ask('POST /merchants/{app_id}/secret', { path: { app_id: one.app_id } })
                .then((shown) => setSecret(shown.secret))
                .catch(setProblem)
            }
          >
            {say('showPlain')}
          </MayButton>
          <MayButton route="POST /merchants/{app_id}/stop" look="danger" onClick={() => setStopping(true)}>
            {say('stop')}
          </MayButton>
        </>
      }
    >
      {problem !== undefined && <Problem error={problem} className="mb-4" />}
      {secret && <SecretOnce secret={secret} warning={say('secretOnce')} />}
      <Strip
        facts={[
          { label: words('state'), value: <State value={one.stopped_at ? 'stopped' : 'active'} /> },
          { label: 'app_id', value: <Ident value={one.app_id} ends={8} /> },
          { label: say('customers'), value: one.customers },
          { label: say('invite'), value: one.invite_code },
          { label: say('demo'), value: words(one.demo ? 'yes' : 'no') },
          { label: words('created'), value: <When at={one.created_at} /> },
        ]}
      />
      <Part
        title={say('keys')}
        aside={
          <span className="flex gap-4 text-[13px]">
            <A to={`/webhooks?owner=merchant:${one.app_id}`}>{say('webhooks')}</A>
            <A to={`/request-log?api=platform&key_id=${one.app_id}`}>{say('requests')}</A>
          </span>
        }
      >
        <Table
          label={say('keys')}
          rows={one.keys}
          keyOf={(row) => row.id}
          columns={[
            { key: 'side', label: say('side'), cell: (row) => row.side },
            {
              key: 'public',
              label: say('publicKey'),
              grow: true,
              cell: (row) => <Ident value={row.public_key} ends={16} />,
            },
            { key: 'shown', label: say('shown'), cell: (row) => words(row.shown ? 'yes' : 'no') },
            { key: 'created', label: words('created'), cell: (row) => <When at={row.created_at} /> },
            { key: 'ends', label: say('ends'), cell: (row) => (row.ends_at ? <When at={row.ends_at} /> : '–') },
          ]}
        />
      </Part>
      <Raw value={one} />
      <ActSheet
        open={isStopping}
        onClose={() => setStopping(false)}
        title={say('stopPartner', { name: one.name })}
        danger
        consequence={say('stopSays', { name: one.name })}
        word={one.name}
        submit={say('stop')}
        said={say('stopped')}
        act={(reason) => ask('POST /merchants/{app_id}/stop', { path: { app_id: one.app_id }, body: { reason } })}
      />
    </Page>
  )
}
