// Cards: holders' accounts, cards, top-ups, transactions and what customers owe; and one card with what the issuer says.
// Must stay true: no number of a card is ever here; the last four digits are all that this house knows.

import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { texts } from '../../../kit/language.ts'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Bone } from '../../../kit/ui/skeleton.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { ask, useAsk } from '../../api/ask.ts'
import { A } from '../../frame/link.tsx'
import { ActSheet } from '../../ui/act-sheet.tsx'
import { Ident, Uid } from '../../ui/ident.tsx'
import { type Listing, ListScreen, type RowOf } from '../../ui/list-screen.tsx'
import { MayButton } from '../../ui/may-button.tsx'
import { Money } from '../../ui/money.tsx'
import { Columns, Lines, Page, Part, Strip } from '../../ui/page.tsx'
import { Raw } from '../../ui/raw.tsx'
import { State, useStateText } from '../../ui/state.tsx'
import type { Column } from '../../ui/table.tsx'
import { Timeline } from '../../ui/timeline.tsx'
import { useWords } from '../../words.ts'
import { ProposeThis } from '../approvals/propose.tsx'

const useCardWords = texts('console cards', {
  cards: ['卡', 'Cards'],
  card: ['卡 {{last4}}', 'Card {{last4}}'],
  accounts: ['卡账户', 'Card accounts'],
  topups: ['卡充值', 'Card top-ups'],
  transactions: ['卡交易', 'Card transactions'],
  debts: ['卡欠款', 'Card debts'],
  last4: ['尾号', 'Last four'],
  wish: ['平台处置', 'House’s wish'],
  statement: ['账单读取', 'Statement read'],
  issuerId: ['发卡方编号', 'Issuer’s id'],
  issuer: ['发卡方此刻的答复', 'What the issuer says now'],
  available: ['可用', 'Available'],
  loaded: ['已充值', 'Loaded'],
  authorised: ['已授权', 'Authorised'],
  taken: ['已扣', 'Taken'],
  confirmed: ['账单已确认', 'Confirmed'],
  left: ['剩余', 'Left'],
  owed: ['欠款', 'Owed'],
  merchant: ['商户', 'Merchant'],
  unconfirmed: ['账单未确认', 'Not on a statement'],
  freeze: ['立即冻结', 'Freeze now'],
  freezeTitle: ['冻结尾号 {{last4}}', 'Freeze card {{last4}}'],
  freezeSays: [
    '{{uid}} 的卡立即不能消费,持卡人不能自行解冻;卡内 {{left}} USDT 不动。',
    'The card of {{uid}} can no longer pay and its holder cannot let it go; {{left}} USDT stay on it.',
  ],
  frozen: ['已冻结', 'Frozen'],
  decide: ['提议解冻或注销', 'Propose to let go or end it'],
  give: ['提议退回余额', 'Propose to give back the rest'],
  round: ['轮次', 'Round'],
})

const cardStates = [
  'requested',
  'uncertain',
  'pending',
  'active',
  'frozen',
  'blocked',
  'cancelled',
  'lost',
  'stolen',
  'failed',
]

function useCommon(statuses: readonly string[]) {
  const words = useWords()
  const states = useStateText()
  return [
    { key: 'status', label: words('state'), choices: statuses.map((value) => ({ value, label: states(value) })) },
    { key: 'uid', label: words('uid'), placeholder: 'U10001' },
  ]
}

const tabs = [
  ['/cards', 'cards'],
  ['/card-accounts', 'accounts'],
  ['/card-topups', 'topups'],
  ['/card-transactions', 'transactions'],
  ['/card-debts', 'debts'],
] as const

function CardList<R extends Listing>(props: {
  title: string
  at: string
  route: R
  columns: readonly Column<RowOf<R>>[]
  filters?: Parameters<typeof ListScreen<R>>[0]['filters']
  keyOf: (row: RowOf<R>) => string
  to?: (row: RowOf<R>) => string | undefined
}) {
  const say = useCardWords()
  const { at, filters = [], ...rest } = props
  return (
    <ListScreen<R> {...rest} filters={filters}>
      <nav aria-label={say('cards')} className="mb-3 flex flex-wrap gap-1 border-b border-line text-[13px]">
        {tabs.map(([to, word]) => (
          <A
            key={to}
            to={to}
            current={at === to}
            className={`-mb-px border-b-2 px-3 py-2 font-medium ${at === to ? 'border-accent text-ink' : 'border-transparent text-dim hover:text-ink'}`}
          >
            {say(word)}
          </A>
        ))}
      </nav>
    </ListScreen>
  )
}

export function CardsScreen() {
  const say = useCardWords()
  const words = useWords()
  return (
    <CardList
      title={say('cards')}
      at="/cards"
      route="GET /cards"
      filters={useCommon(cardStates)}
      keyOf={(row) => row.id}
      to={(row) => `/cards/${row.id}`}
      columns={[
        { key: 'id', label: words('id'), cell: (row) => <Ident value={row.id} to={`/cards/${row.id}`} ends={4} /> },
        { key: 'last4', label: say('last4'), cell: (row) => <span className="figures">{row.last4 ?? '–'}</span> },
        { key: 'uid', label: words('customer'), cell: (row) => <Uid uid={row.uid} /> },
        { key: 'status', label: words('state'), cell: (row) => <State value={row.status} /> },
        { key: 'house_wish', label: say('wish'), cell: (row) => row.house_wish ?? '–' },
        { key: 'reason', label: words('reason'), grow: true, cell: (row) => row.reason },
        {
          key: 'statement_at',
          label: say('statement'),
          cell: (row) => (row.statement_at ? <When at={row.statement_at} /> : '–'),
        },
        { key: 'created_at', label: words('created'), cell: (row) => <When at={row.created_at} /> },
      ]}
    />
  )
}

export function CardAccountsScreen() {
  const say = useCardWords()
  const words = useWords()
  return (
    <CardList
      title={say('accounts')}
      at="/card-accounts"
      route="GET /card-accounts"
      filters={useCommon(['applying', 'incomplete', 'success', 'failed'])}
      keyOf={(row) => row.id}
      columns={[
        { key: 'uid', label: words('customer'), cell: (row) => <Uid uid={row.uid} /> },
        { key: 'status', label: words('state'), cell: (row) => <State value={row.status} /> },
        { key: 'round', label: say('round'), right: true, cell: (row) => row.round },
        { key: 'reason', label: words('reason'), grow: true, cell: (row) => row.reason },
        { key: 'issuer_id', label: say('issuerId'), cell: (row) => <Ident value={row.issuer_id} ends={4} /> },
        { key: 'changed_at', label: words('updated'), cell: (row) => <When at={row.changed_at} /> },
      ]}
    />
  )
}

export function TopupsScreen() {
  const say = useCardWords()
  const words = useWords()
  return (
    <CardList
      title={say('topups')}
      at="/card-topups"
      route="GET /card-topups"
      filters={useCommon(['held', 'sent', 'uncertain', 'completed', 'failed'])}
      keyOf={(row) => row.id}
      to={(row) => `/orders/${row.id}`}
      columns={[
        { key: 'id', label: words('id'), cell: (row) => <Ident value={row.id} to={`/orders/${row.id}`} ends={4} /> },
        { key: 'uid', label: words('customer'), cell: (row) => <Uid uid={row.uid} /> },
        { key: 'amount', label: words('amount'), right: true, cell: (row) => <Money value={row.amount} unit="USDT" /> },
        { key: 'fee', label: words('fee'), right: true, cell: (row) => <Money value={row.fee} /> },
        { key: 'status', label: words('state'), cell: (row) => <State value={row.status} /> },
        {
          key: 'card',
          label: say('cards'),
          cell: (row) => (row.card ? <Ident value={row.card} to={`/cards/${row.card}`} ends={4} /> : '–'),
        },
        { key: 'reason', label: words('reason'), grow: true, cell: (row) => row.reason },
        { key: 'created_at', label: words('created'), cell: (row) => <When at={row.created_at} /> },
      ]}
    />
  )
}

export function CardTransactionsScreen() {
  const say = useCardWords()
  const words = useWords()
  const states = useStateText()
  return (
    <CardList
      title={say('transactions')}
      at="/card-transactions"
      route="GET /card-transactions"
      filters={[
        {
          key: 'status',
          label: words('state'),
          choices: ['APPROVED', 'DECLINED', 'PENDING'].map((value) => ({ value, label: states(value.toLowerCase()) })),
        },
        { key: 'unconfirmed', label: say('statement'), choices: [{ value: 'true', label: say('unconfirmed') }] },
        { key: 'uid', label: words('uid'), placeholder: 'U10001' },
        { key: 'card', label: say('cards') },
      ]}
      keyOf={(row) => row.id}
      columns={[
        { key: 'at', label: words('at'), cell: (row) => <When at={row.at} /> },
        { key: 'uid', label: words('customer'), cell: (row) => <Uid uid={row.uid} /> },
        { key: 'amount', label: words('amount'), right: true, cell: (row) => <Money value={row.amount} /> },
        { key: 'kind', label: words('kind'), cell: (row) => row.kind },
        { key: 'status', label: words('state'), cell: (row) => <State value={row.status.toLowerCase()} /> },
        { key: 'merchant', label: say('merchant'), grow: true, cell: (row) => row.merchant || row.description },
        { key: 'fee', label: words('fee'), right: true, off: true, cell: (row) => <Money value={row.fee} /> },
        {
          key: 'card',
          label: say('cards'),
          cell: (row) => <Ident value={row.card} to={`/cards/${row.card}`} ends={4} />,
        },
        {
          key: 'statement_at',
          label: say('statement'),
          cell: (row) => (row.statement_at ? <When at={row.statement_at} /> : <State value="pending" />),
        },
      ]}
    />
  )
}

export function CardDebtsScreen() {
  const say = useCardWords()
  const words = useWords()
  return (
    <CardList
      title={say('debts')}
      at="/card-debts"
      route="GET /card-debts"
      keyOf={(row) => row.uid}
      to={(row) => `/orders/${row.order}`}
      columns={[
        { key: 'uid', label: words('customer'), cell: (row) => <Uid uid={row.uid} /> },
        { key: 'owed', label: say('owed'), right: true, cell: (row) => <Money value={row.owed} unit="USDT" /> },
        { key: 'authorised', label: say('authorised'), right: true, cell: (row) => <Money value={row.authorised} /> },
        { key: 'taken', label: say('taken'), right: true, cell: (row) => <Money value={row.taken} /> },
        { key: 'confirmed', label: say('confirmed'), right: true, cell: (row) => <Money value={row.confirmed} /> },
        {
          key: 'order',
          label: words('order'),
          grow: true,
          cell: (row) => <Ident value={row.order} to={`/orders/${row.order}`} ends={4} />,
        },
      ]}
    />
  )
}

export function CardScreen() {
  const { id } = useParams({ strict: false }) as { id: string }
  const say = useCardWords()
  const words = useWords()
  const [isFreezing, setFreezing] = useState(false)
  const { data: one, error, refetch } = useAsk('GET /cards/{id}', { path: { id } })
  if (!one) {
    return (
      <Page title={say('cards')}>
        {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Bone className="h-64 w-full" />}
      </Page>
    )
  }
  const last4 = one.last4 ?? '––––'
  return (
    <Page
      title={say('card', { last4 })}
      actions={
        <>
          <ProposeThis kind="card_decision" label={say('decide')} given={{ card: one.id }} />
          <ProposeThis kind="card_release" label={say('give')} given={{ card: one.id }} />
          <MayButton route="POST /cards/{id}/freeze" look="danger" onClick={() => setFreezing(true)}>
            {say('freeze')}
          </MayButton>
        </>
      }
    >
      <Strip
        facts={[
          { label: words('state'), value: <State value={one.status} /> },
          { label: words('customer'), value: <Uid uid={one.uid} /> },
          { label: say('loaded'), value: <Money value={one.loaded} unit="USDT" /> },
          { label: say('taken'), value: <Money value={one.taken} unit="USDT" /> },
          { label: say('left'), value: <Money value={one.left} unit="USDT" /> },
          { label: words('created'), value: <When at={one.created_at} /> },
          { label: words('id'), value: <Ident value={one.id} /> },
        ]}
      />
      <Columns>
        <Part title={words('timeline')}>
          <Timeline steps={one.timeline} />
        </Part>
        <div>
          <Part title={say('issuer')}>
            <Lines
              lines={[
                [words('state'), one.issuer ? <State key="s" value={one.issuer.status.toLowerCase()} /> : '–'],
                [say('available'), one.issuer?.available ?? '–'],
                [say('issuerId'), <Ident key="i" value={one.issuer_id} />],
                [say('authorised'), <Money key="a" value={one.authorised} />],
                [say('confirmed'), <Money key="c" value={one.confirmed} />],
                one.holder !== null && [say('owed'), <Money key="o" value={one.holder.owed} />],
              ]}
            />
            <p className="mt-3 text-[13px]">
              <A to={`/card-transactions?card=${one.id}`}>{say('transactions')}</A>
            </p>
          </Part>
          <Raw value={one} />
        </div>
      </Columns>
      <ActSheet
        open={isFreezing}
        onClose={() => setFreezing(false)}
        title={say('freezeTitle', { last4 })}
        danger
        consequence={say('freezeSays', { uid: one.uid, left: one.left })}
        word={last4}
        submit={say('freeze')}
        said={say('frozen')}
        act={(reason) => ask('POST /cards/{id}/freeze', { path: { id: one.id }, body: { reason } })}
      />
    </Page>
  )
}
