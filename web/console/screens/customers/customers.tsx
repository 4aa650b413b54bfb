// Finding a customer. A contact is typed in full and goes in the body of a request, never into an address or a log.

import { useState } from 'react'
import { Button } from '../../../kit/ui/button.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { ask, type Data } from '../../api/ask.ts'
import { useGo } from '../../frame/link.tsx'
import { controlLook } from '../../ui/filter-bar.tsx'
import { Uid } from '../../ui/ident.tsx'
import { Page } from '../../ui/page.tsx'
import { State } from '../../ui/state.tsx'
import { Table } from '../../ui/table.tsx'
import { useWords } from '../../words.ts'
import { useCustomerWords } from './customer-words.ts'

export function CustomersScreen() {
  const say = useCustomerWords()
  const words = useWords()
  const go = useGo()
  const [text, setText] = useState('')
  const [found, setFound] = useState<Data<'POST /customers/search'>>()
  const [problem, setProblem] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const search = async () => {
    if (text.trim() === '') return
    setBusy(true)
    setProblem(undefined)
    try {
      const people = await ask('POST /customers/search', { body: { q: text.trim() } })
      setFound(people)
      if (people[0]) go(`/customers/${people[0].id}`)
    } catch (error) {
      setProblem(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Page title={say('title')} about={say('about')}>
      <search>
        <form
          className="mb-4 flex items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault()
            void search()
          }}
        >
          <label className="flex flex-col gap-1 text-xs text-dim">
            {say('find')}
            <input
              className={`${controlLook} w-80 max-w-[60vw]`}
              value={text}
              autoComplete="off"
              placeholder="U10001"
              onChange={(event) => setText(event.target.value)}
            />
          </label>
          <Button small type="submit" look="primary" busy={isBusy}>
            {words('search')}
          </Button>
        </form>
      </search>
      {problem !== undefined && <Problem error={problem} />}
      {found?.length === 0 && <p className="py-8 text-sm text-dim">{say('nobody')}</p>}
      {found && found.length > 0 && (
        <Table
          label={say('title')}
          rows={found}
          keyOf={(row) => row.id}
          to={(row) => `/customers/${row.id}`}
          keyed
          columns={[
            { key: 'uid', label: words('uid'), cell: (row) => <Uid uid={row.uid} id={row.id} /> },
            { key: 'name', label: say('name'), cell: (row) => row.masked_name },
            { key: 'status', label: words('state'), cell: (row) => <State value={row.status} /> },
            { key: 'kyc', label: say('kyc'), cell: (row) => <State value={row.kyc_status} /> },
            { key: 'since', label: say('since'), grow: true, cell: (row) => <When at={row.created_at} /> },
          ]}
        />
      )}
    </Page>
  )
}
