// The partner bench: what partners asked of their APIs, each as a curl to run again, and why a signature did not fit.
// Must stay true: a curl carries no signature and no secret; what is pasted here is sent once and kept nowhere.

import { useState } from 'react'
import { Button } from '../../../kit/ui/button.tsx'
import { copyText } from '../../../kit/ui/copy.tsx'
import { SelectField, TextArea, TextField } from '../../../kit/ui/field.tsx'
import { Chip, Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { toast } from '../../../kit/ui/toast.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { ask, type Data } from '../../api/ask.ts'
import { useFilters, useGo } from '../../frame/link.tsx'
import { Ident } from '../../ui/ident.tsx'
import { ListScreen } from '../../ui/list-screen.tsx'
import { Page, Part } from '../../ui/page.tsx'
import { useWords } from '../../words.ts'
import { usePartnerWords } from './partner-words.ts'

type Row = Data<'GET /request-log'>['items'][number]
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
const curlOf = (row: Row) => `curl -i -X ${row.method} ${quoted(location.origin + row.path)}`

export function RequestLogScreen() {
  const say = usePartnerWords()
  const words = useWords()
  const go = useGo()
  return (
    <ListScreen
      title={say('requests')}
      about={say('requestsAbout')}
      route="GET /request-log"
      every={10_000}
      filters={[
        {
          key: 'api',
          label: say('api'),
          choices: ['spot', 'ramp', 'platform'].map((value) => ({ value, label: value })),
        },
        { key: 'key_id', label: say('keyId') },
        { key: 'request_id', label: words('id') },
        { key: 'refused', label: words('state'), choices: [{ value: 'true', label: say('refused') }] },
      ]}
      keyOf={(row) => `${row.request_id}${row.at}`}
      columns={[
        { key: 'at', label: words('at'), cell: (row) => <When at={row.at} /> },
        { key: 'api', label: say('api'), cell: (row) => row.api },
        {
          key: 'status',
          label: 'HTTP',
          right: true,
          cell: (row) => <Chip tone={row.status < 400 ? 'good' : 'bad'}>{row.status}</Chip>,
        },
        { key: 'code', label: say('code'), cell: (row) => row.code },
        {
          key: 'path',
          label: say('path'),
          grow: true,
          cell: (row) => (
            <span className="font-mono text-xs">
              {row.method} {row.path}
            </span>
          ),
          text: (row) => `${row.method} ${row.path}`,
        },
        { key: 'proved', label: say('proved'), cell: (row) => words(row.proved ? 'yes' : 'no') },
        { key: 'key_id', label: say('keyId'), cell: (row) => <Ident value={row.key_id} ends={4} /> },
        { key: 'ip', label: 'IP', off: true, cell: (row) => row.ip },
        { key: 'ms', label: say('took'), right: true, cell: (row) => `${row.ms} ms` },
        { key: 'request_id', label: words('id'), cell: (row) => <Ident value={row.request_id} ends={3} /> },
        {
          key: 'act',
          label: '',
          right: true,
          text: () => '',
          cell: (row) => (
            <span className="inline-flex gap-1.5">
              <Button small onClick={() => void copyText(curlOf(row)).then(() => toast(say('copied')))}>
                {say('curl')}
              </Button>
              {!row.proved && (
                <Button
                  small
                  look="quiet"
                  onClick={() =>
                    go(
                      `/signature-debugger?${new URLSearchParams({ scheme: row.api, key_id: row.key_id, method: row.method, path: row.path })}`,
                    )
                  }
                >
                  {say('debug')}
                </Button>
              )}
            </span>
          ),
        },
      ]}
    />
  )
}

/** `Name: value`, line by line. */
function headersOf(text: string): Record<string, string> {
  const pairs = text.split('\n').flatMap((line) => {
    const at = line.indexOf(':')
    return at > 0 ? [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const] : []
  })
  return Object.fromEntries(pairs)
}

type Scheme = 'spot' | 'ramp' | 'platform' | 'webhook'

export function DebuggerScreen() {
  const say = usePartnerWords()
  const [filters] = useFilters()
  const [scheme, setScheme] = useState<Scheme>((filters.scheme as Scheme | undefined) ?? 'spot')
  const [keyId, setKeyId] = useState(filters.key_id ?? '')
  const [method, setMethod] = useState(filters.method ?? 'POST')
  const [path, setPath] = useState(filters.path ?? '')
  const [headers, setHeaders] = useState('')
  const [body, setBody] = useState('')
  const [base, setBase] = useState('')
  const [found, setFound] = useState<Data<'POST /signature-debugger'>>()
  const [problem, setProblem] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const compare = () => {
    setBusy(true)
    setProblem(undefined)
    ask('POST /signature-debugger', {
      body: {
        scheme,
        key_id: keyId.trim(),
        method,
        path,
        headers: headersOf(headers),
        body,
        ...(base === '' ? {} : { base }),
      },
    })
      .then(setFound)
      .catch(setProblem)
      .finally(() => setBusy(false))
  }
  return (
    <Page title={say('debugger')} about={say('debuggerAbout')}>
      <div className="grid items-start gap-x-10 lg:grid-cols-2">
        <form
          className="flex flex-col gap-1"
          onSubmit={(event) => {
            event.preventDefault()
            compare()
          }}
        >
          <div className="grid gap-x-3 sm:grid-cols-2">
            <SelectField
              label={say('scheme')}
              value={scheme}
              onChange={(value) => setScheme(value as Scheme)}
              choices={['spot', 'ramp', 'platform', 'webhook'].map((value) => ({ value, label: value }))}
            />
            <TextField label={say('keyId')} value={keyId} onChange={(event) => setKeyId(event.target.value)} />
            <SelectField
              label={say('method')}
              value={method}
              onChange={setMethod}
              choices={['GET', 'POST', 'DELETE'].map((value) => ({ value, label: value }))}
            />
            <TextField label={say('path')} value={path} onChange={(event) => setPath(event.target.value)} />
          </div>
          <TextArea
            label={say('headers')}
            value={headers}
            spellCheck={false}
            onChange={(event) => setHeaders(event.target.value)}
          />
          <TextArea
            label={say('body')}
            value={body}
            spellCheck={false}
            onChange={(event) => setBody(event.target.value)}
          />
          <TextArea
            label={say('base')}
            value={base}
            spellCheck={false}
            onChange={(event) => setBase(event.target.value)}
          />
          <div>
            <Button small type="submit" look="primary" busy={isBusy} disabled={keyId.trim() === ''}>
              {say('compare')}
            </Button>
          </div>
        </form>
        <div aria-live="polite">
          {problem !== undefined && <Problem error={problem} />}
          {found && <Comparison found={found} />}
        </div>
      </div>
    </Page>
  )
}

function Comparison({ found }: { found: Data<'POST /signature-debugger'> }) {
  const say = usePartnerWords()
  const { difference } = found
  const at = difference?.offset
  return (
    <>
      <Notice tone={found.fits ? 'good' : 'bad'} title={say(found.fits ? 'fits' : 'fitsNot')}>
        {!found.key_known && <p>{say('keyUnknown')}</p>}
        {found.mistake && <p>{found.mistake}</p>}
      </Notice>
      <Part title={say('ours')}>
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: long texts are scrolled with the keyboard
          tabIndex={0}
          className="max-h-72 overflow-auto rounded-card border border-line bg-sunk px-4 py-3 font-mono text-xs leading-5 break-all whitespace-pre-wrap"
        >
          {at === undefined ? (
            found.base
          ) : (
            <>
              {found.base.slice(0, at)}
              <mark className="bg-danger-soft text-danger underline">{found.base.slice(at, at + 1) || '␃'}</mark>
              {found.base.slice(at + 1)}
            </>
          )}
        </pre>
      </Part>
      {difference && (
        <Part title={say('firstDifference', { offset: difference.offset })}>
          <dl className="grid grid-cols-[4rem_1fr] gap-y-1 font-mono text-xs">
            <dt className="text-dim">{say('oursShort')}</dt>
            <dd>
              {difference.ours.byte ?? '∅'} · {difference.ours.near}
            </dd>
            <dt className="text-dim">{say('theirs')}</dt>
            <dd>
              {difference.theirs.byte ?? '∅'} · {difference.theirs.near}
            </dd>
          </dl>
        </Part>
      )}
      {found.notes.length > 0 && (
        <ul className="mt-4 list-disc space-y-1 pl-5 text-[13px]">
          {found.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {found.forms.length > 0 && (
        <Part title={say('forms')}>
          {found.forms.map((form) => (
            <p key={form} className="font-mono text-xs break-all">
              {form}
            </p>
          ))}
        </Part>
      )}
    </>
  )
}
