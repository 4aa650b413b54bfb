// Operators as admins manage them, and one's own sessions. Roles come by approval alone.

import { useState } from 'react'
import { Button } from '../../../kit/ui/button.tsx'
import { TextField } from '../../../kit/ui/field.tsx'
import { Chip } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { ask, type Data, lookAgain, useAsk } from '../../api/ask.ts'
import { type Role, useMe } from '../../api/session.ts'
import { ActSheet } from '../../ui/act-sheet.tsx'
import { MayButton } from '../../ui/may-button.tsx'
import { Page } from '../../ui/page.tsx'
import { State } from '../../ui/state.tsx'
import { Table } from '../../ui/table.tsx'
import { useWords } from '../../words.ts'
import { ProposeThis } from '../approvals/propose.tsx'
import { useSystemWords } from './system-words.ts'

const allRoles: readonly Role[] = ['support', 'risk', 'finance', 'admin']
type Row = Data<'GET /operators'>[number]

export function OperatorsScreen() {
  const say = useSystemWords()
  const words = useWords()
  const me = useMe()
  const { data, error, refetch } = useAsk('GET /operators')
  const [isInviting, setInviting] = useState(false)
  const [disabling, setDisabling] = useState<Row>()
  const [email, setEmail] = useState('')
  const [name, setName] = useState('')
  const [roles, setRoles] = useState<Role[]>([])
  return (
    <Page
      title={say('operators')}
      about={say('operatorsAbout')}
      actions={
        <MayButton route="POST /operators" look="primary" onClick={() => setInviting(true)}>
          {say('invite')}
        </MayButton>
      }
    >
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      <Table
        label={say('operators')}
        rows={data}
        keyOf={(row) => row.id}
        skeleton={4}
        columns={[
          { key: 'name', label: say('name'), cell: (row) => <span className="font-medium">{row.name}</span> },
          { key: 'email', label: say('email'), grow: true, cell: (row) => row.email },
          { key: 'roles', label: say('roles'), cell: (row) => row.roles.join(', ') || '–' },
          { key: 'status', label: words('state'), cell: (row) => <State value={row.status} /> },
          { key: 'created', label: words('created'), cell: (row) => <When at={row.created_at} /> },
          {
            key: 'act',
            label: '',
            right: true,
            cell: (row) =>
              row.status !== 'disabled' && (
                <span className="inline-flex gap-2">
                  <ProposeThis
                    kind="operator_role"
                    label={say('changeRoles')}
                    given={{ operator: row.id }}
                    about={`${row.name}: ${row.roles.join(', ') || '–'}`}
                  />
                  <MayButton
                    route="POST /operators/{id}/disable"
                    look="danger"
                    disabled={row.id === me.id}
                    onClick={() => setDisabling(row)}
                  >
                    {say('disable')}
                  </MayButton>
                </span>
              ),
          },
        ]}
      />
      <ActSheet
        open={isInviting}
        onClose={() => setInviting(false)}
        title={say('inviteTitle')}
        consequence={say('inviteSays')}
        submit={say('invite')}
        said={say('invited')}
        disabled={email.trim() === '' || name.trim() === ''}
        act={async (reason) => {
          await ask('POST /operators', { body: { email: email.trim(), name: name.trim(), roles, reason } })
          setEmail('')
          setName('')
          setRoles([])
        }}
      >
        <TextField label={say('email')} type="email" value={email} onChange={(event) => setEmail(event.target.value)} />
        <TextField label={say('name')} value={name} onChange={(event) => setName(event.target.value)} />
        <fieldset className="mb-2">
          <legend className="mb-1 font-medium">{say('roles')}</legend>
          <div className="flex flex-wrap gap-4">
            {allRoles.map((role) => (
              <label key={role} className="flex items-center gap-2">
                <input
                  type="checkbox"
                  className="size-4 accent-(--accent)"
                  checked={roles.includes(role)}
                  onChange={(event) =>
                    setRoles(event.target.checked ? [...roles, role] : roles.filter((one) => one !== role))
                  }
                />
                {role}
              </label>
            ))}
          </div>
        </fieldset>
      </ActSheet>
      <ActSheet
        open={disabling !== undefined}
        onClose={() => setDisabling(undefined)}
        title={say('disableTitle', { name: disabling?.name ?? '' })}
        danger
        consequence={say('disableSays', { name: disabling?.name ?? '' })}
        word={disabling?.email ?? ''}
        submit={say('disable')}
        said={say('disabled')}
        act={(reason) => ask('POST /operators/{id}/disable', { path: { id: disabling?.id ?? '' }, body: { reason } })}
      />
    </Page>
  )
}

export function SessionsScreen() {
  const say = useSystemWords()
  const [problem, setProblem] = useState<unknown>()
  const { data, error, refetch } = useAsk('GET /auth/sessions')
  return (
    <Page title={say('sessions')} about={say('sessionsAbout')}>
      {(error !== null || problem !== undefined) && <Problem error={error ?? problem} onRetry={() => void refetch()} />}
      <Table
        label={say('sessions')}
        rows={data}
        keyOf={(row) => row.id}
        skeleton={2}
        columns={[
          { key: 'browser', label: say('browser'), grow: true, cell: (row) => `${row.browser} · ${row.os}` },
          { key: 'ip', label: 'IP', cell: (row) => <span className="figures">{row.ip}</span> },
          { key: 'started', label: say('started'), cell: (row) => <When at={row.started_at} /> },
          { key: 'seen', label: say('seen'), cell: (row) => <When at={row.last_seen_at} /> },
          {
            key: 'act',
            label: '',
            right: true,
            cell: (row) =>
              row.is_current ? (
                <Chip tone="good">{say('current')}</Chip>
              ) : (
                <Button
                  small
                  onClick={() =>
                    void ask('DELETE /auth/sessions/{id}', { path: { id: row.id } })
                      .then(lookAgain)
                      .catch(setProblem)
                  }
                >
                  {say('end')}
                </Button>
              ),
          },
        ]}
      />
    </Page>
  )
}
