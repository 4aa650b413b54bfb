// Settings as they hold now, what each was before, and proposing another value with the difference in sight.
// Must stay true: nothing changes here; a proposal shows from what to what, and another operator checks it.

import { useState } from 'react'
import { texts } from '../../../kit/language.ts'
import { SelectField, TextField } from '../../../kit/ui/field.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { ask, type Data, useAsk } from '../../api/ask.ts'
import { A, useFilters, useGo } from '../../frame/link.tsx'
import { ActSheet } from '../../ui/act-sheet.tsx'
import { FilterBar } from '../../ui/filter-bar.tsx'
import { Ident } from '../../ui/ident.tsx'
import { ListScreen } from '../../ui/list-screen.tsx'
import { MayButton } from '../../ui/may-button.tsx'
import { Page } from '../../ui/page.tsx'
import { State } from '../../ui/state.tsx'
import { Table } from '../../ui/table.tsx'
import { useWords } from '../../words.ts'

type Setting = Data<'GET /settings'>[number]

const useSettingWords = texts('console settings', {
  title: ['参数', 'Settings'],
  about: [
    '修改须另一人复核,生效后一秒内全系统一致。',
    'A change takes a second person, and holds everywhere within a second.',
  ],
  area: ['类别', 'Area'],
  find: ['查找', 'Find'],
  name: ['参数', 'Setting'],
  scope: ['适用', 'For'],
  value: ['现值', 'Value'],
  fallback: ['默认', 'Default'],
  change: ['修改', 'Change'],
  waiting: ['待复核', 'change waits'],
  history: ['变更记录', 'Changes'],
  changeTitle: ['修改 {{name}}', 'Change {{name}}'],
  next: ['新值', 'New value'],
  consequence: ['须由另一位同事复核后才生效。', 'It holds when another operator has checked it.'],
  nothing: ['与现值相同', 'It has this value already'],
  before: ['变更前', 'Before'],
  after: ['变更后', 'After'],
  made: ['发起', 'Made by'],
  checked: ['复核', 'Checked by'],
  on: ['开', 'on'],
  off: ['关', 'off'],
  customised: ['已修改', 'changed'],
})

/** What it was, and what it would be. */
function Difference({ from, to }: { from: string; to: string }) {
  return (
    <span className="figures inline-flex flex-wrap items-baseline gap-2">
      <del className="rounded-md bg-danger-soft px-1.5 text-danger">{from}</del>
      <span aria-hidden>→</span>
      <ins className="rounded-md bg-accent-soft px-1.5 text-accent no-underline">{to}</ins>
    </span>
  )
}

export function SettingsScreen() {
  const say = useSettingWords()
  const words = useWords()
  const [filters, change] = useFilters()
  const [editing, setEditing] = useState<Setting>()
  const { data, error, refetch } = useAsk('GET /settings')
  const { data: open } = useAsk('GET /approvals', { query: { kind: 'setting', status: 'open', size: '100' } })
  const areas = [...new Set((data ?? []).map(({ name }) => name.split('.')[0] ?? ''))]
  const rows = data?.filter(
    ({ name, scope, about }) =>
      (!filters.area || name.startsWith(`${filters.area}.`)) &&
      (!filters.q || `${name} ${scope} ${about}`.toLowerCase().includes(filters.q.toLowerCase())),
  )
  const waits = (setting: Setting) =>
    open?.items.find(({ subject }) => subject === `setting:${setting.name}:${setting.scope}`)
  return (
    <Page title={say('title')} about={say('about')} actions={<A to="/settings/history">{say('history')}</A>}>
      <div className="mb-3">
        <FilterBar
          filters={[
            { key: 'area', label: say('area'), choices: areas.map((area) => ({ value: area, label: area })) },
            { key: 'q', label: say('find') },
          ]}
          values={filters}
          onChange={change}
        />
      </div>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      <Table
        label={say('title')}
        rows={rows}
        keyOf={(row) => `${row.name}${row.scope}`}
        skeleton={12}
        columns={[
          {
            key: 'about',
            label: say('name'),
            grow: true,
            cell: (row) => (
              <>
                <span className="block">{row.about}</span>
                <span className="font-mono text-xs text-dim">{row.name}</span>
              </>
            ),
          },
          { key: 'scope', label: say('scope'), cell: (row) => row.scope || '–' },
          {
            key: 'value',
            label: say('value'),
            right: true,
            cell: (row) => (
              <span className={`figures ${row.value === row.default ? '' : 'font-semibold'}`}>{row.value}</span>
            ),
          },
          {
            key: 'default',
            label: say('fallback'),
            right: true,
            cell: (row) => <span className="figures text-dim">{row.default}</span>,
          },
          {
            key: 'act',
            label: '',
            right: true,
            cell: (row) => {
              const approval = waits(row)
              return approval ? (
                <A to={`/approvals/${approval.id}`}>
                  <State value="open" /> {say('waiting')}
                </A>
              ) : (
                <MayButton
                  route="POST /approvals/setting"
                  onClick={() => setEditing(row)}
                  aria-label={`${say('change')}: ${row.name} ${row.scope}`}
                >
                  {say('change')}
                </MayButton>
              )
            },
          },
        ]}
      />
      {rows?.length === 0 && <p className="py-10 text-center text-sm text-dim">{words('emptyFiltered')}</p>}
      {editing && <Edit setting={editing} onClose={() => setEditing(undefined)} />}
    </Page>
  )
}

function Edit({ setting, onClose }: { setting: Setting; onClose: () => void }) {
  const say = useSettingWords()
  const words = useWords()
  const go = useGo()
  const [value, setValue] = useState(setting.value)
  const isSame = value.trim() === setting.value
  const label = `${setting.name}${setting.scope ? ` (${setting.scope})` : ''}`
  return (
    <ActSheet
      open
      onClose={onClose}
      title={say('changeTitle', { name: label })}
      consequence={
        <>
          <p className="mb-1">{setting.about}</p>
          <p className="mb-1">
            {isSame ? (
              <span className="figures">{setting.value}</span>
            ) : (
              <Difference from={setting.value} to={value.trim() || '…'} />
            )}
          </p>
          <p>{say('consequence')}</p>
        </>
      }
      submit={words('propose')}
      said={words('proposed')}
      disabled={isSame || value.trim() === ''}
      act={async (reason) => {
        const payload = { name: setting.name, scope: setting.scope, value: value.trim(), from: setting.value }
        const { id } = await ask('POST /approvals/setting', { body: { payload, reason } })
        go(`/approvals/${id}`)
      }}
    >
      {setting.type === 'switch' ? (
        <SelectField
          label={say('next')}
          value={value}
          onChange={setValue}
          choices={[
            { value: 'true', label: say('on') },
            { value: 'false', label: say('off') },
          ]}
        />
      ) : (
        <TextField
          label={say('next')}
          inputMode="decimal"
          autoComplete="off"
          value={value}
          hint={isSame ? say('nothing') : ''}
          onChange={(event) => setValue(event.target.value)}
        />
      )}
    </ActSheet>
  )
}

export function SettingHistoryScreen() {
  const say = useSettingWords()
  const words = useWords()
  return (
    <ListScreen
      title={say('history')}
      route="GET /settings/history"
      filters={[
        { key: 'name', label: say('name'), placeholder: 'withdrawal.fee' },
        { key: 'scope', label: say('scope'), placeholder: 'BSC/USDT' },
      ]}
      keyOf={(row) => `${row.name}${row.scope}${row.changed_at}`}
      to={(row) => (row.approval_id ? `/approvals/${row.approval_id}` : undefined)}
      columns={[
        { key: 'changed_at', label: words('at'), cell: (row) => <When at={row.changed_at} /> },
        { key: 'name', label: say('name'), cell: (row) => <span className="font-mono text-xs">{row.name}</span> },
        { key: 'scope', label: say('scope'), cell: (row) => row.scope || '–' },
        {
          key: 'value',
          label: say('after'),
          cell: (row) => <Difference from={row.before} to={row.value} />,
        },
        { key: 'before', label: say('before'), off: true, cell: (row) => row.before },
        { key: 'reason', label: words('reason'), grow: true, cell: (row) => row.reason },
        { key: 'made_by', label: say('made'), cell: (row) => row.made_by.name, text: (row) => row.made_by.name },
        {
          key: 'checked_by',
          label: say('checked'),
          cell: (row) => row.checked_by.map(({ name }) => name).join(', '),
          text: (row) => row.checked_by.map(({ name }) => name).join(' '),
        },
        {
          key: 'approval_id',
          label: words('details'),
          cell: (row) => <Ident value={row.approval_id} to={`/approvals/${row.approval_id}`} ends={4} />,
        },
      ]}
    />
  )
}
