// Nodes: price by tier and what is left, what so many cost, what I hold and what it brought. Yields are shown as history.
// Must stay true: the risk stands beside the button; the total that is agreed to is the one that is charged.

import { useState } from 'react'
import type { DataOf } from '../../../kit/api/http.ts'
import { api } from '../../../kit/api/session.ts'
import { tellChanged, useApi } from '../../../kit/api/use-api.ts'
import { texts } from '../../../kit/language.ts'
import { grouped, parseUnits } from '../../../kit/money.ts'
import { Amount } from '../../../kit/ui/amount.tsx'
import { Button } from '../../../kit/ui/button.tsx'
import { cx } from '../../../kit/ui/cx.ts'
import { TextField } from '../../../kit/ui/field.tsx'
import { LineChart } from '../../../kit/ui/line-chart.tsx'
import { Facts, RowBody, rowsLook, Section } from '../../../kit/ui/list.tsx'
import { Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { toast } from '../../../kit/ui/toast.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { Screen } from '../../frame/screen.tsx'
import { payOnce } from '../../proof/intent.ts'
import { MoneyProof, type Proof } from '../../proof/money-proof.tsx'

const useWords = texts('nodes', {
  title: ['节点', 'Nodes'],
  mine: ['我的节点', 'My nodes'],
  principal: ['投入本金', 'Put in'],
  upt: ['持有 UPT', 'UPT held'],
  level: ['等级', 'Level'],
  price: ['当前单价', 'Price now'],
  stock: ['剩余', 'Left'],
  tiers: ['价格档位', 'Price tiers'],
  tier: ['第 {{tier}} 档', 'Tier {{tier}}'],
  tierLeft: ['剩余 {{left}}/{{all}}', '{{left}} of {{all}} left'],
  buy: ['购买节点', 'Buy nodes'],
  quantity: ['数量', 'How many'],
  upTo: ['还可购买 {{count}} 个', 'You may buy {{count}} more'],
  total: ['应付合计', 'Total'],
  granted: ['获得 UPT', 'UPT granted'],
  risk: [
    '节点价格与收益会变动,过往收益不代表将来;本金不保证。请只投入可承受损失的金额。',
    'Prices and yields change, and past yields promise nothing; what you put in is not guaranteed. Put in only what you can afford to lose.',
  ],
  confirm: ['确认购买', 'Buy'],
  above: ['超出可用余额', 'More than you have'],
  done: ['购买成功', 'Bought'],
  yields: ['每日收益(历史)', 'Daily yields so far'],
  yieldsEmpty: ['还没有收益', 'No yields yet'],
  uptPrice: ['UPT 行情', 'Price of UPT'],
  uptNow: ['最新 {{price}} USDT', '{{price}} USDT now'],
  orders: ['购买记录', 'Purchases'],
  nodesOf: ['{{count}} 个节点', '{{count}} nodes'],
})

export function NodesScreen() {
  const say = useWords()
  const dashboard = useApi('GET /api/node/dashboard')
  const holdings = useApi('GET /api/node/holdings')
  const data = dashboard.data
  return (
    <Screen title={say('title')} back="/app/me">
      {data ? (
        <>
          <p className="text-sm text-dim">{say('mine')}</p>
          <p className="figures text-4xl font-semibold">{data.node_count}</p>
          <Facts
            className="mt-2"
            facts={[
              holdings.data && {
                label: say('principal'),
                value: <Amount value={holdings.data.principal_usdt} unit="USDT" />,
              },
              { label: say('upt'), value: <span className="figures">{data.upt_balance}</span> },
              { label: say('level'), value: `V${data.effective_level}` },
            ]}
          />
          <Buying data={data} />
          <Section title={say('tiers')}>
            <ul className="space-y-3">
              {data.tiers.map((tier) => (
                <li key={tier.tier}>
                  <p className="figures flex items-baseline justify-between text-sm">
                    <span className={cx(tier.available > 0 ? 'font-medium' : 'text-dim line-through')}>
                      {say('tier', { tier: tier.tier })} · {grouped(tier.unit_price)} USDT
                    </span>
                    <span className="text-dim">{say('tierLeft', { left: tier.available, all: tier.units })}</span>
                  </p>
                  <progress
                    aria-label={say('tierLeft', { left: tier.available, all: tier.units })}
                    max={tier.units}
                    value={tier.units - tier.available}
                    className="mt-1 block h-1.5 w-full appearance-none overflow-hidden rounded-full bg-sunk [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-sunk [&::-webkit-progress-value]:bg-accent"
                  />
                </li>
              ))}
            </ul>
          </Section>
          <Prices />
          <Yields />
          <Orders />
        </>
      ) : dashboard.error ? (
        <Problem error={dashboard.error} onRetry={() => void dashboard.refetch()} />
      ) : (
        <SkeletonRows />
      )}
    </Screen>
  )
}

function Buying({ data }: { data: DataOf<'GET /api/node/dashboard'> }) {
  const say = useWords()
  const [qty, setQty] = useState('1')
  const [proving, setProving] = useState(false)
  const balance = useApi('GET /api/account/balance')
  const isNumber = /^[1-9]\d{0,5}$/.test(qty)
  const quote = useApi('GET /api/node/quote', { query: { qty } }, { enabled: isNumber, keep: true })
  const shown = isNumber && !quote.isPlaceholderData ? quote.data : undefined
  const available = balance.data?.main.available ?? '0'
  const isAbove = shown !== undefined && (parseUnits(shown.total_usdt) ?? 0n) > (parseUnits(available) ?? 0n)
  const buy = async (proof: Proof) => {
    if (!shown) return
    const body = { quantity: shown.qty, expected_total_usdt: shown.total_usdt }
    await payOnce('nodes', body, (idempotencyKey) =>
      api('POST /api/node/buy', { body: { ...body, ...proof }, idempotencyKey }),
    )
    tellChanged(
      'GET /api/node/dashboard',
      'GET /api/node/holdings',
      'GET /api/node/orders',
      'GET /api/account/balance',
      'GET /api/account/ledger',
    )
    toast(say('done'))
    setProving(false)
  }
  return (
    <Section title={say('buy')}>
      <TextField
        label={say('quantity')}
        inputMode="numeric"
        value={qty}
        onChange={(event) => setQty(event.target.value.replace(/\D/g, '').slice(0, 6))}
        hint={say('upTo', { count: data.remaining_for_user })}
      />
      <Problem error={quote.error} />
      {shown && (
        <Facts
          facts={[
            ...shown.tiers.map((tier) => ({
              label: `${say('tier', { tier: tier.tier })} × ${tier.units}`,
              value: <Amount value={tier.subtotal} unit="USDT" always />,
            })),
            { label: say('granted'), value: <span className="figures">{shown.upt_granted}</span> },
            { label: say('total'), value: <Amount value={shown.total_usdt} unit="USDT" always />, strong: true },
          ]}
        />
      )}
      <Notice tone="warn" className="mt-3">
        {say('risk')}
      </Notice>
      <Button look="primary" wide className="mt-3" disabled={!shown || isAbove} onClick={() => setProving(true)}>
        {isAbove ? say('above') : say('confirm')}
      </Button>
      <MoneyProof
        open={proving}
        onClose={() => setProving(false)}
        about={shown && `${shown.qty} × ${say('title')} · ${grouped(shown.total_usdt)} USDT`}
        onProof={buy}
      />
    </Section>
  )
}

function Prices() {
  const say = useWords()
  const bars = useApi('GET /api/quote/upt-kline', { query: { interval: '1d', limit: '90' } })
  if (!bars.data?.klines.length) return null
  return (
    <Section
      title={say('uptPrice')}
      aside={<span className="figures text-sm text-dim">{say('uptNow', { price: bars.data.last_price })}</span>}
    >
      <LineChart
        label={say('uptPrice')}
        points={bars.data.klines.map(({ time, close }) => ({ at: time > 1e12 ? time / 1000 : time, value: close }))}
      />
    </Section>
  )
}

function Yields() {
  const say = useWords()
  const yields = useApi('GET /api/node/yields', { query: { size: '30' } })
  return (
    <Section title={say('yields')}>
      {yields.data?.items.length === 0 && <p className="text-sm text-dim">{say('yieldsEmpty')}</p>}
      <ul className={rowsLook}>
        {yields.data?.items.map((each) => (
          <li key={each.id}>
            <RowBody
              title={each.day}
              about={<span className="figures">× {each.rate}</span>}
              right={<Amount value={each.amount} way="in" />}
            />
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Orders() {
  const say = useWords()
  const orders = useApi('GET /api/node/orders', { query: { size: '20' } })
  if (!orders.data?.items.length) return null
  return (
    <Section title={say('orders')}>
      <ul className={rowsLook}>
        {orders.data.items.map((order) => (
          <li key={order.id}>
            <RowBody
              title={say('nodesOf', { count: order.quantity })}
              about={<When at={order.created_at} />}
              right={<Amount value={order.total_usdt} way="out" />}
            />
          </li>
        ))}
      </ul>
    </Section>
  )
}
