// The node programme: tiers with their stock, sales, commissions, yields and prices of UPT. Changed by approvals alone.

import { useParams } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { texts } from '../../../kit/language.ts'
import { Problem } from '../../../kit/ui/problem.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { useAsk } from '../../api/ask.ts'
import { A } from '../../frame/link.tsx'
import { useKinds } from '../../kinds.ts'
import { Ident, Uid } from '../../ui/ident.tsx'
import { ListScreen } from '../../ui/list-screen.tsx'
import { Money } from '../../ui/money.tsx'
import { Page, Part } from '../../ui/page.tsx'
import { State } from '../../ui/state.tsx'
import { Table } from '../../ui/table.tsx'
import { useWords } from '../../words.ts'
import { ProposeThis } from '../approvals/propose.tsx'

const LineChart = lazy(() => import('../../../kit/ui/line-chart.tsx').then((m) => ({ default: m.LineChart })))

const useNodeWords = texts('console nodes', {
  tiers: ['节点档位', 'Node tiers'],
  tier: ['档位', 'Tier'],
  units: ['总量', 'Units'],
  sold: ['已售', 'Sold'],
  left: ['剩余', 'Left'],
  price: ['单价', 'Price'],
  change: ['提议修改', 'Propose a change'],
  add: ['提议新增档位', 'Propose the next tier'],
  addAbout: ['新增第 {{tier}} 档。', 'Adds tier {{tier}}.'],
  changeAbout: [
    '现在:{{units}} 个,单价 {{price}} USDT,已售 {{sold}} 个。',
    'Now: {{units}} units at {{price}} USDT, {{sold}} of them sold.',
  ],
  history: ['变更记录', 'Changes'],
  before: ['变更前', 'Before'],
  after: ['变更后', 'After'],
  by: ['发起 / 复核', 'Made / checked by'],
  sales: ['节点销售', 'Node sales'],
  quantity: ['数量', 'Nodes'],
  total: ['总额', 'Total'],
  commissionable: ['计佣部分', 'Commissionable'],
  parts: ['档位明细', 'Tiers'],
  commissions: ['返佣', 'Commissions'],
  layer: ['层级', 'Layer'],
  source: ['来源', 'Source'],
  payer: ['付费客户', 'Payer'],
  base: ['基数', 'Base'],
  rate: ['比例', 'Rate'],
  owed: ['欠款', 'Owed'],
  yields: ['每日收益', 'Yields'],
  day: ['日期', 'Day'],
  people: ['人数', 'Customers'],
  paid: ['已发', 'Paid'],
  started: ['开始', 'Started'],
  finished: ['结束', 'Finished'],
  principal: ['本金', 'Principal'],
  level: ['等级', 'Level'],
  upt: ['UPT 价格', 'UPT price'],
  last: ['最新价', 'Last price'],
  fallback: ['默认价', 'Default price'],
  setPrice: ['提议修改默认价', 'Propose a default price'],
  priceAbout: ['现在:{{price}} USDT。', 'Now: {{price}} USDT.'],
})

export function TiersScreen() {
  const say = useNodeWords()
  const words = useWords()
  const { data, error, refetch } = useAsk('GET /nodes/tiers')
  const { data: changes } = useAsk('GET /nodes/tiers/history', { query: { size: '20' } })
  const nextTier = `${(data?.length ?? 0) + 1}`
  return (
    <Page
      title={say('tiers')}
      actions={
        data && (
          <ProposeThis
            kind="node_tier"
            label={say('add')}
            given={{ tier: nextTier }}
            about={say('addAbout', { tier: nextTier })}
          />
        )
      }
    >
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      <Table
        label={say('tiers')}
        rows={data}
        keyOf={(row) => `${row.tier}`}
        skeleton={4}
        columns={[
          { key: 'tier', label: say('tier'), cell: (row) => <span className="font-medium">{row.tier}</span> },
          { key: 'price', label: say('price'), right: true, cell: (row) => <Money value={row.price} unit="USDT" /> },
          {
            key: 'units',
            label: say('units'),
            right: true,
            cell: (row) => <span className="figures">{row.units}</span>,
          },
          { key: 'sold', label: say('sold'), right: true, cell: (row) => <A to="/node-sales">{row.sold}</A> },
          {
            key: 'left',
            label: say('left'),
            right: true,
            cell: (row) => <span className="figures">{row.available}</span>,
          },
          {
            key: 'bar',
            label: '',
            grow: true,
            cell: (row) => (
              <progress
                aria-label={say('sold')}
                className="h-2 w-full max-w-64 accent-(--accent)"
                value={row.sold}
                max={row.units || 1}
              />
            ),
          },
          {
            key: 'act',
            label: '',
            right: true,
            cell: (row) => (
              <ProposeThis
                kind="node_tier"
                label={say('change')}
                given={{ tier: `${row.tier}` }}
                about={say('changeAbout', { units: row.units, price: row.price, sold: row.sold })}
              />
            ),
          },
        ]}
      />
      <Part title={say('history')}>
        <Table
          label={say('history')}
          rows={changes?.items}
          keyOf={(row) => row.approval_id}
          skeleton={2}
          columns={[
            { key: 'tier', label: say('tier'), cell: (row) => row.tier },
            {
              key: 'before',
              label: say('before'),
              cell: (row) => (row.price_before === null ? '–' : `${row.units_before} × ${row.price_before}`),
            },
            { key: 'after', label: say('after'), cell: (row) => `${row.units} × ${row.price}` },
            { key: 'reason', label: words('reason'), grow: true, cell: (row) => row.reason },
            {
              key: 'by',
              label: say('by'),
              cell: (row) => `${row.made_by.name} / ${row.checked_by.map(({ name }) => name).join(', ')}`,
            },
            { key: 'at', label: words('at'), cell: (row) => <When at={row.changed_at} /> },
          ]}
        />
      </Part>
    </Page>
  )
}

export function SalesScreen() {
  const say = useNodeWords()
  const words = useWords()
  return (
    <ListScreen
      title={say('sales')}
      route="GET /nodes/sales"
      filters={[{ key: 'uid', label: words('uid'), placeholder: 'U10001' }]}
      keyOf={(row) => row.id}
      to={(row) => `/orders/${row.id}`}
      columns={[
        { key: 'id', label: words('id'), cell: (row) => <Ident value={row.id} to={`/orders/${row.id}`} ends={4} /> },
        { key: 'uid', label: words('customer'), cell: (row) => <Uid uid={row.uid} /> },
        { key: 'quantity', label: say('quantity'), right: true, cell: (row) => row.quantity },
        { key: 'total', label: say('total'), right: true, cell: (row) => <Money value={row.total} unit="USDT" /> },
        { key: 'fee', label: say('commissionable'), right: true, cell: (row) => <Money value={row.fee} /> },
        { key: 'upt', label: 'UPT', right: true, cell: (row) => <Money value={row.upt} /> },
        {
          key: 'parts',
          label: say('parts'),
          grow: true,
          cell: (row) => row.parts.map(({ tier, units, price }) => `${tier}: ${units} × ${price}`).join(' · '),
          text: (row) => row.parts.map(({ tier, units, price }) => `${tier}: ${units} × ${price}`).join('; '),
        },
        { key: 'status', label: words('state'), cell: (row) => <State value={row.status} /> },
        { key: 'created_at', label: words('created'), cell: (row) => <When at={row.created_at} /> },
      ]}
    />
  )
}

export function CommissionsScreen() {
  const say = useNodeWords()
  const words = useWords()
  const kinds = useKinds()
  return (
    <ListScreen
      title={say('commissions')}
      route="GET /commissions"
      filters={[
        { key: 'uid', label: words('uid'), placeholder: 'U10001' },
        { key: 'order', label: words('order') },
      ]}
      keyOf={(row) => row.id}
      to={(row) => `/orders/${row.order_id}`}
      columns={[
        { key: 'uid', label: words('customer'), cell: (row) => <Uid uid={row.uid} /> },
        { key: 'amount', label: words('amount'), right: true, cell: (row) => <Money value={row.amount} unit="USDT" /> },
        { key: 'layer', label: say('layer'), right: true, cell: (row) => row.layer },
        { key: 'source', label: say('source'), cell: (row) => kinds(row.source) },
        { key: 'payer', label: say('payer'), cell: (row) => <Uid uid={row.payer} /> },
        { key: 'base', label: say('base'), right: true, cell: (row) => <Money value={row.base} /> },
        { key: 'rate', label: say('rate'), right: true, cell: (row) => <span className="figures">{row.rate}</span> },
        { key: 'status', label: words('state'), cell: (row) => <State value={row.status} /> },
        { key: 'owed', label: say('owed'), right: true, off: true, cell: (row) => <Money value={row.owed} /> },
        {
          key: 'order_id',
          label: words('order'),
          cell: (row) => <Ident value={row.order_id} to={`/orders/${row.order_id}`} ends={4} />,
        },
        { key: 'reason', label: words('reason'), grow: true, cell: (row) => row.reason },
        { key: 'created_at', label: words('created'), cell: (row) => <When at={row.created_at} /> },
      ]}
    />
  )
}

export function YieldsScreen() {
  const say = useNodeWords()
  return (
    <ListScreen
      title={say('yields')}
      route="GET /yields"
      keyOf={(row) => row.day}
      to={(row) => `/yields/${row.day}`}
      columns={[
        { key: 'day', label: say('day'), cell: (row) => <A to={`/yields/${row.day}`}>{row.day}</A> },
        { key: 'people', label: say('people'), right: true, cell: (row) => row.people },
        { key: 'paid', label: say('paid'), right: true, cell: (row) => <Money value={row.paid} unit="USDT" /> },
        { key: 'started_at', label: say('started'), cell: (row) => <When at={row.started_at} /> },
        {
          key: 'finished_at',
          label: say('finished'),
          grow: true,
          cell: (row) => (row.finished_at ? <When at={row.finished_at} /> : <State value="processing" />),
        },
      ]}
    />
  )
}

export function YieldDayScreen() {
  const { day } = useParams({ strict: false }) as { day: string }
  const say = useNodeWords()
  const words = useWords()
  const { data, error, refetch } = useAsk('GET /yields/{day}', { path: { day }, query: { size: '100' } })
  return (
    <Page title={`${say('yields')} ${day}`}>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      <Table
        label={day}
        rows={data?.items}
        keyOf={(row) => row.id}
        keyed
        columns={[
          { key: 'uid', label: words('customer'), cell: (row) => <Uid uid={row.uid} /> },
          { key: 'nodes', label: say('quantity'), right: true, cell: (row) => row.nodes },
          { key: 'principal', label: say('principal'), right: true, cell: (row) => <Money value={row.principal} /> },
          { key: 'level', label: say('level'), right: true, cell: (row) => row.level },
          { key: 'rate', label: say('rate'), right: true, cell: (row) => row.rate },
          {
            key: 'amount',
            label: words('amount'),
            right: true,
            cell: (row) => <Money value={row.amount} unit="USDT" />,
          },
          { key: 'at', label: words('at'), grow: true, cell: (row) => <When at={row.created_at} /> },
        ]}
      />
    </Page>
  )
}

export function UptScreen() {
  const say = useNodeWords()
  const words = useWords()
  const { data, error, refetch } = useAsk('GET /upt-prices', { query: { size: '100' } })
  const points = (data?.items ?? []).map(({ price, at }) => ({
    at: Date.parse(at) / 1000,
    value: Number.parseFloat(price),
  }))
  return (
    <Page
      title={say('upt')}
      actions={
        data && (
          <ProposeThis kind="upt_price" label={say('setPrice')} about={say('priceAbout', { price: data.default })} />
        )
      }
    >
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {data && (
        <p className="mb-4 flex gap-8 text-sm">
          <span>
            <span className="text-dim">{say('last')}</span>{' '}
            <Money value={data.last} unit="USDT" className="text-lg font-semibold" />
          </span>
          <span>
            <span className="text-dim">{say('fallback')}</span>{' '}
            <Money value={data.default} unit="USDT" className="text-lg font-semibold" />
          </span>
        </p>
      )}
      {points.length > 1 && (
        <Suspense>
          <LineChart label={`${say('upt')}: ${data?.last ?? ''} USDT`} points={points.reverse()} height={180} />
        </Suspense>
      )}
      <Table
        label={say('upt')}
        rows={data?.items}
        keyOf={(row) => `${row.at}${row.price}${row.order_id}`}
        columns={[
          { key: 'at', label: words('at'), cell: (row) => <When at={row.at} /> },
          { key: 'price', label: say('price'), right: true, cell: (row) => <Money value={row.price} /> },
          { key: 'source', label: say('source'), grow: true, cell: (row) => row.source },
          {
            key: 'of',
            label: words('details'),
            cell: (row) =>
              row.order_id ? (
                <Ident value={row.order_id} to={`/orders/${row.order_id}`} ends={4} />
              ) : (
                <Ident value={row.approval_id} to={`/approvals/${row.approval_id}`} ends={4} />
              ),
          },
        ]}
      />
      {data?.items.length === 0 && <p className="py-8 text-center text-sm text-dim">{words('empty')}</p>}
    </Page>
  )
}
