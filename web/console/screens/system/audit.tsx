// The audit log: read, and proven. A request's id leads to all that was done on it.

import { useState } from 'react'
import { instantText } from '../../../kit/time.ts'
import { Button } from '../../../kit/ui/button.tsx'
import { Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { ask, type Data } from '../../api/ask.ts'
import { Ident } from '../../ui/ident.tsx'
import { ListScreen } from '../../ui/list-screen.tsx'
import { useWords } from '../../words.ts'
import { useSystemWords } from './system-words.ts'

export function AuditScreen() {
  const say = useSystemWords()
  const words = useWords()
  const [proof, setProof] = useState<Data<'POST /audit-log/verify'>>()
  const [problem, setProblem] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const verify = () => {
    setBusy(true)
    setProblem(undefined)
    ask('POST /audit-log/verify', { body: {} })
      .then(setProof)
      .catch(setProblem)
      .finally(() => setBusy(false))
  }
  return (
    <ListScreen
      title={say('audit')}
      about={say('auditAbout')}
      route="GET /audit-log"
      actions={
        <Button small busy={isBusy} onClick={verify} title={say('verifySays')}>
          {say('verify')}
        </Button>
      }
      filters={[
        { key: 'action', label: say('action'), placeholder: 'withdrawal.seen' },
        { key: 'subject', label: say('subject'), placeholder: 'person:…' },
        { key: 'operator', label: say('operator'), placeholder: words('id') },
      ]}
      keyOf={(row) => row.no}
      columns={[
        { key: 'no', label: '#', right: true, cell: (row) => <span className="figures text-dim">{row.no}</span> },
        {
          key: 'at',
          label: words('at'),
          cell: (row) => (
            <time dateTime={row.at} className="figures">
              {instantText(row.at)}
            </time>
          ),
        },
        {
          key: 'operator',
          label: say('operator'),
          cell: (row) => row.operator?.name ?? <span className="text-dim">{say('system')}</span>,
          text: (row) => row.operator?.name ?? '',
        },
        { key: 'action', label: say('action'), cell: (row) => <span className="font-medium">{row.action}</span> },
        { key: 'subject', label: say('subject'), cell: (row) => <Ident value={row.subject} ends={14} /> },
        {
          key: 'data',
          label: words('details'),
          grow: true,
          cell: (row) => <span className="font-mono text-xs break-all text-dim">{JSON.stringify(row.data)}</span>,
          text: (row) => JSON.stringify(row.data),
        },
        { key: 'ip', label: 'IP', cell: (row) => <span className="figures">{row.ip}</span> },
        { key: 'request_id', label: say('request'), cell: (row) => <Ident value={row.request_id} ends={3} /> },
      ]}
    >
      {problem !== undefined && <Problem error={problem} className="mb-3" />}
      {proof && (
        <Notice tone={proof.sound ? 'good' : 'bad'} className="mb-3" title={proof.sound ? undefined : say('broken')}>
          {proof.sound ? say('sound', { rows: proof.rows }) : proof.faults.join(' · ')}
          <span className="mt-1 block font-mono text-xs break-all">{proof.head}</span>
        </Notice>
      )}
    </ListScreen>
  )
}
