// Networks: how far each is read, and the switch that stops money from leaving. Stopping is one person's word, typed out;
// letting it out again is an approval.

import { useState } from 'react'
import { Chip } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { ask, useAsk } from '../../api/ask.ts'
import { useToday } from '../../frame/nav.tsx'
import { ActSheet } from '../../ui/act-sheet.tsx'
import { MayButton } from '../../ui/may-button.tsx'
import { Page, Part } from '../../ui/page.tsx'
import { State } from '../../ui/state.tsx'
import { Table } from '../../ui/table.tsx'
import { useWords } from '../../words.ts'
import { ProposeThis } from '../approvals/propose.tsx'
import { useChainWords } from './chain-words.ts'

export function NetworksScreen() {
  const say = useChainWords()
  const words = useWords()
  const [stopping, setStopping] = useState<string>()
  const { data: chains, error, refetch } = useAsk('GET /chains', {}, { every: 10_000 })
  const { data: money } = useAsk('GET /money-out', {}, { every: 10_000 })
  const { data: today } = useToday()
  const count = today?.payments.open ?? 0
  const figure = (value: number | null) => <span className="figures">{value?.toLocaleString('en') ?? '–'}</span>
  return (
    <Page title={say('networks')} about={say('networksAbout')}>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      <Table
        label={say('networks')}
        rows={chains}
        keyOf={(row) => row.network}
        skeleton={3}
        columns={[
          { key: 'network', label: words('network'), cell: (row) => <span className="font-medium">{row.name}</span> },
          { key: 'phase', label: words('state'), cell: (row) => <State value={row.phase} /> },
          { key: 'head', label: say('head'), right: true, cell: (row) => figure(row.head) },
          { key: 'block', label: say('read'), right: true, cell: (row) => figure(row.block) },
          { key: 'behind', label: say('behind'), right: true, cell: (row) => figure(row.behind) },
          { key: 'final', label: say('final'), right: true, cell: (row) => figure(row.final) },
          { key: 'note', label: words('note'), grow: true, cell: (row) => row.note },
          { key: 'answered', label: say('answered'), cell: (row) => <When at={row.answered_at} /> },
        ]}
      />
      <Part title={say('moneyOut')}>
        <Table
          label={say('moneyOut')}
          rows={money}
          keyOf={(row) => row.network}
          skeleton={4}
          columns={[
            {
              key: 'network',
              label: words('network'),
              cell: (row) => (
                <span className="font-medium">{row.network === 'ALL' ? say('everywhere') : row.network}</span>
              ),
            },
            {
              key: 'state',
              label: words('state'),
              grow: true,
              cell: (row) =>
                row.stopped !== null ? (
                  <Chip tone="bad">{say('stopped', { why: row.stopped })}</Chip>
                ) : row.paused !== null ? (
                  <Chip tone="bad">{say('paused', { why: row.paused })}</Chip>
                ) : (
                  <Chip tone="good">{say('open')}</Chip>
                ),
            },
            {
              key: 'act',
              label: '',
              right: true,
              cell: (row) =>
                row.stopped !== null || row.paused !== null ? (
                  <ProposeThis
                    kind="resume_money_out"
                    label={say('resume')}
                    given={{ network: row.network }}
                    about={say('resumeAbout', { count })}
                  />
                ) : (
                  <MayButton route="POST /money-out/stop" look="danger" onClick={() => setStopping(row.network)}>
                    {say('stop')}
                  </MayButton>
                ),
            },
          ]}
        />
      </Part>
      <ActSheet
        open={stopping !== undefined}
        onClose={() => setStopping(undefined)}
        title={say('stopTitle', { network: stopping ?? '' })}
        danger
        consequence={say('stopSays', { count })}
        word={`STOP ${stopping ?? ''}`}
        submit={say('stop')}
        said={say('didStop')}
        act={(reason) => ask('POST /money-out/stop', { body: { network: stopping ?? '', reason } })}
      />
    </Page>
  )
}
