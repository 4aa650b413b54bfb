// The queue of identity checks, and one of them: masked until somebody asks, the documents side by side with the fields.
// Must stay true: no picture and no number is asked for before it is wanted; the server logs each look.

import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../../kit/ui/button.tsx'
import { Chip, Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Bone } from '../../../kit/ui/skeleton.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { type Data, useAsk } from '../../api/ask.ts'
import { A, useGo, usePlace } from '../../frame/link.tsx'
import { Ident, Uid } from '../../ui/ident.tsx'
import { useKeys } from '../../ui/keys.ts'
import { ListScreen } from '../../ui/list-screen.tsx'
import { Lines, Page, Part, Strip } from '../../ui/page.tsx'
import { State, useStateText } from '../../ui/state.tsx'
import { Timeline } from '../../ui/timeline.tsx'
import { useWords } from '../../words.ts'
import { ReviewPanel } from '../approvals/review-panel.tsx'
import { useIdentityWords } from './identity-words.ts'
import { Picture } from './picture.tsx'

type Row = Data<'GET /identity'>['items'][number]
const statuses = ['pending', 'approved', 'rejected']
const Flags = ({ flags }: { flags: readonly string[] }) =>
  flags.length === 0 ? (
    <span className="text-dim">–</span>
  ) : (
    flags.map((flag) => (
      <Chip key={flag} tone="bad">
        {flag.replaceAll('_', ' ')}
      </Chip>
    ))
  )

export function IdentitiesScreen() {
  const say = useIdentityWords()
  const words = useWords()
  const states = useStateText()
  const { search } = usePlace()
  const isQueue = search.status === 'pending'
  return (
    <ListScreen
      title={say(isQueue ? 'queue' : 'title')}
      about={isQueue && say('queueAbout')}
      route="GET /identity"
      every={15_000}
      filters={[
        { key: 'status', label: words('state'), choices: statuses.map((value) => ({ value, label: states(value) })) },
      ]}
      keyOf={(row: Row) => row.id}
      to={(row) => `/identity/${row.id}`}
      columns={[
        { key: 'id', label: words('id'), cell: (row) => <Ident value={row.id} to={`/identity/${row.id}`} ends={4} /> },
        { key: 'uid', label: words('customer'), cell: (row) => <Uid uid={row.uid} id={row.person} /> },
        { key: 'masked_name', label: say('name'), cell: (row) => row.masked_name },
        { key: 'stage', label: say('stage'), cell: (row) => row.stage },
        { key: 'status', label: words('state'), cell: (row) => <State value={row.status} /> },
        {
          key: 'flags',
          label: say('flags'),
          cell: (row) => <Flags flags={row.flags} />,
          text: (row) => row.flags.join(' '),
        },
        { key: 'reason', label: words('reason'), grow: true, cell: (row) => row.reason },
        {
          key: 'created_at',
          label: isQueue ? say('waiting') : words('created'),
          cell: (row) => <When at={row.created_at} />,
        },
      ]}
    />
  )
}

export function IdentityScreen() {
  const { id } = useParams({ strict: false }) as { id: string }
  const say = useIdentityWords()
  const [shown, setShown] = useState<string>()
  return shown === id ? (
    <Check id={id} />
  ) : (
    <Page title={say('title')}>
      <Notice
        tone="plain"
        title={say('hidden')}
        action={
          <Button small look="primary" onClick={() => setShown(id)}>
            {say('openIt')}
          </Button>
        }
      >
        {say('openAbout')}
      </Notice>
    </Page>
  )
}

function Check({ id }: { id: string }) {
  const say = useIdentityWords()
  const words = useWords()
  const go = useGo()
  const [isClear, setClear] = useState(false)
  const { data: one, error, refetch } = useAsk('GET /identity/{id}', { path: { id } })
  const { data: queue } = useAsk('GET /identity', { query: { status: 'pending', size: '20' } })
  const next = queue?.items.find((each) => each.id !== id)
  const goNext = () => next && go(`/identity/${next.id}`)
  useKeys({ n: goNext })
  if (!one) {
    return (
      <Page title={say('title')}>
        {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Bone className="h-64 w-full" />}
      </Page>
    )
  }
  const veiled = (text: string) => (isClear ? text : text.replace(/[^\s]/g, '•'))
  return (
    <Page
      title={say('one', { uid: one.uid })}
      actions={
        <Button small disabled={!next} onClick={goNext} title={say('nextKey')}>
          {say('next')}
        </Button>
      }
    >
      <Strip
        facts={[
          { label: words('state'), value: <State value={one.status} /> },
          { label: words('customer'), value: <Uid uid={one.uid} id={one.person} /> },
          { label: say('name'), value: one.masked_name || '–' },
          { label: say('stage'), value: one.stage },
          { label: say('flags'), value: <Flags flags={one.flags} /> },
          { label: say('waiting'), value: <When at={one.created_at} /> },
          { label: words('id'), value: <Ident value={one.id} /> },
        ]}
      />
      <div className="grid items-start gap-x-8 lg:grid-cols-[minmax(0,3fr)_minmax(20rem,2fr)]">
        <Part title={say('pictures')}>
          {one.erased_at && <Notice tone="plain">{say('erased')}</Notice>}
          <div className="grid gap-4 sm:grid-cols-2">
            {one.pictures.map((side) => (
              <Picture key={`${one.id}${side}`} id={one.id} side={side} />
            ))}
          </div>
        </Part>
        <div>
          <Part
            title={say('said')}
            aside={
              one.details && (
                <Button small look="quiet" aria-pressed={isClear} onClick={() => setClear(!isClear)}>
                  {say(isClear ? 'hide' : 'show')}
                </Button>
              )
            }
          >
            {one.details && (
              <Lines
                lines={[
                  [say('realName'), veiled(one.details.real_name)],
                  [say('idType'), one.details.id_type],
                  [
                    say('idNumber'),
                    <span key="n" className="figures">
                      {veiled(one.details.id_number)}
                    </span>,
                  ],
                  [say('address'), veiled(one.details.address)],
                  [say('contact'), veiled(one.details.contact)],
                ]}
              />
            )}
          </Part>
          {one.same_document.length > 0 && (
            <Part title={say('same')}>
              <ul className="space-y-1 text-[13px]">
                {one.same_document.map((person) => (
                  <li key={person.person}>
                    <Uid uid={person.uid} id={person.person} /> {person.masked_name}
                  </li>
                ))}
              </ul>
            </Part>
          )}
          {one.approval && (
            <ReviewPanel id={one.approval} canned={one.rejections.map(({ code, tells }) => ({ code, tells }))} />
          )}
          <Part title={words('timeline')}>
            <Timeline steps={one.timeline} />
          </Part>
          {one.earlier.length > 0 && (
            <Part title={say('earlier')}>
              <ul className="space-y-1.5 text-[13px]">
                {one.earlier.map((each) => (
                  <li key={each.id} className="flex flex-wrap gap-x-3">
                    <A to={`/identity/${each.id}`}>
                      <When at={each.created_at} />
                    </A>
                    <State value={each.status} /> {each.reason}
                  </li>
                ))}
              </ul>
            </Part>
          )}
        </div>
      </div>
    </Page>
  )
}
