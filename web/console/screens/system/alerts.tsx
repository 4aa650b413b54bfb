// What the bank wants people to look at, and their word that they did.

import { useState } from 'react'
import { When } from '../../../kit/ui/when.tsx'
import { ask, type Data } from '../../api/ask.ts'
import { usePlace } from '../../frame/link.tsx'
import { useKinds } from '../../kinds.ts'
import { ActSheet } from '../../ui/act-sheet.tsx'
import { ListScreen } from '../../ui/list-screen.tsx'
import { MayButton } from '../../ui/may-button.tsx'
import { State } from '../../ui/state.tsx'
import { useWords } from '../../words.ts'
import { useSystemWords } from './system-words.ts'

type Alert = Data<'GET /alerts'>['items'][number]
const dataText = (data: object) =>
  Object.entries(data)
    .map(([key, value]) => `${key}: ${String(value)}`)
    .join(' · ')

export function AlertsScreen() {
  const say = useSystemWords()
  const words = useWords()
  const kinds = useKinds()
  const { search } = usePlace()
  const [closing, setClosing] = useState<Alert>()
  return (
    <>
      <ListScreen
        title={say('alerts')}
        about={say('alertsAbout')}
        route="GET /alerts"
        every={15_000}
        filters={[
          {
            key: 'open',
            label: say('which'),
            fallback: 'true',
            choices: [
              { value: 'true', label: say('openOnes') },
              { value: 'false', label: say('closedOnes') },
            ],
          },
        ]}
        keyOf={(row) => row.id}
        columns={[
          { key: 'severity', label: say('severity'), cell: (row) => <State value={row.severity} /> },
          {
            key: 'kind',
            label: words('kind'),
            cell: (row) => <span className="font-medium">{kinds(row.kind)}</span>,
            text: (row) => row.kind,
          },
          {
            key: 'data',
            label: say('data'),
            grow: true,
            cell: (row) => <span className="break-all">{dataText(row.data)}</span>,
            text: (row) => dataText(row.data),
          },
          {
            key: 'times',
            label: say('times'),
            right: true,
            cell: (row) => <span className="figures">{row.times}</span>,
          },
          { key: 'raised_at', label: say('raised'), cell: (row) => <When at={row.raised_at} /> },
          { key: 'last_at', label: say('last'), cell: (row) => <When at={row.last_at} /> },
          ...(search.open === 'false'
            ? []
            : [
                {
                  key: 'act',
                  label: '',
                  right: true,
                  text: () => '',
                  cell: (row: Alert) => (
                    <MayButton route="POST /alerts/{id}/close" onClick={() => setClosing(row)}>
                      {say('close')}
                    </MayButton>
                  ),
                },
              ]),
        ]}
      />
      <ActSheet
        open={closing !== undefined}
        onClose={() => setClosing(undefined)}
        title={say('closeTitle', { what: closing ? kinds(closing.kind) : '' })}
        consequence={
          <>
            <p className="mb-1 break-all">{closing && dataText(closing.data)}</p>
            <p>{say('closeSays', { times: closing?.times ?? 0 })}</p>
          </>
        }
        submit={say('close')}
        said={say('closed')}
        act={(reason) => ask('POST /alerts/{id}/close', { path: { id: closing?.id ?? '' }, body: { reason } })}
      />
    </>
  )
}
