// One approval where it is decided: what it would do leg by leg, who has checked, and the two buttons.
// Must stay true: a check carries the hash of what is shown here; a reason goes with every yes and every no.

import { useState } from 'react'
import { useLanguage } from '../../../kit/language.ts'
import { instantText } from '../../../kit/time.ts'
import { Button } from '../../../kit/ui/button.tsx'
import { Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Bone } from '../../../kit/ui/skeleton.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { ask, type Data, useAsk } from '../../api/ask.ts'
import { useMe } from '../../api/session.ts'
import { ActSheet } from '../../ui/act-sheet.tsx'
import { Ident } from '../../ui/ident.tsx'
import { JournalTable } from '../../ui/journal.tsx'
import { useKeys } from '../../ui/keys.ts'
import { Part } from '../../ui/page.tsx'
import { State } from '../../ui/state.tsx'
import { useWords } from '../../words.ts'
import { useApprovalWords } from './approval-words.ts'

export type Approval = Data<'GET /approvals/{id}'>
export interface Canned {
  code: string
  tells: { zh: string; en: string }
}

interface Props {
  id: string
  /** Reasons for a no that the customer reads. */
  canned?: readonly Canned[] | undefined
  /** Typed before a yes: the amount, the address's end. */
  word?: string | undefined
  title?: string
}

export function ReviewPanel({ id, canned = [], word, title }: Props) {
  const say = useApprovalWords()
  const { data, error, refetch } = useAsk('GET /approvals/{id}', { path: { id } }, { every: 20_000 })
  return (
    <Part title={title ?? say('decision')}>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Bone className="h-40 w-full" />}
      {data && <Decide approval={data} canned={canned} word={word} />}
    </Part>
  )
}

export function Quorum({ approval }: { approval: Pick<Approval, 'checks' | 'checks_needed'> }) {
  const say = useApprovalWords()
  const agreed = approval.checks.filter(({ verdict }) => verdict === 'approve').length
  return (
    <span className="inline-flex items-center gap-2">
      <span aria-hidden className="flex gap-1">
        {Array.from({ length: approval.checks_needed }, (_, i) => `dot-${i}`).map((key, i) => (
          <span
            key={key}
            className={`size-2.5 rounded-full border ${i < agreed ? 'border-accent bg-accent' : 'border-edge'}`}
          />
        ))}
      </span>
      {say('of', { done: agreed, needed: approval.checks_needed })}
    </span>
  )
}

function Decide({
  approval,
  canned,
  word,
}: {
  approval: Approval
  canned: readonly Canned[]
  word: string | undefined
}) {
  const say = useApprovalWords()
  const words = useWords()
  const language = useLanguage()
  const me = useMe()
  const [verdict, setVerdict] = useState<'approve' | 'reject'>()
  const [isTakingBack, setTakingBack] = useState(false)
  const { preview } = approval
  const agreed = approval.checks.filter((one) => one.verdict === 'approve').length
  const more = approval.checks_needed - agreed - 1
  useKeys(approval.may_check ? { a: () => setVerdict('approve'), r: () => setVerdict('reject') } : {})
  const lang = language === 'en' ? 'en' : 'zh'
  const check = (note: string) =>
    ask('POST /approvals/{id}/check', {
      path: { id: approval.id },
      body: { verdict: verdict ?? 'reject', hash: approval.hash, note },
    })
  const noWhy =
    approval.status !== 'open'
      ? say('over')
      : approval.made_by?.id === me.id
        ? say('ownNo')
        : approval.checks.some(({ by }) => by.id === me.id)
          ? say('already')
          : undefined
  return (
    <div className="text-[13px]">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 py-1">
        <State value={approval.status} />
        <Quorum approval={approval} />
      </div>
      <p className="mt-1 text-sm">{approval.description}</p>
      <p className="mt-1 text-dim">
        {approval.made_by ? approval.made_by.name : words('bank')} · <When at={approval.made_at} /> · {approval.reason}
      </p>
      <ul>
        {approval.checks.map((one) => (
          <li key={one.by.id} className="mt-1.5 flex flex-wrap items-center gap-x-2">
            <State value={one.verdict} />
            <span className="font-medium">{one.by.name}</span>
            <time dateTime={one.at} className="figures text-dim">
              {instantText(one.at)}
            </time>
            {one.note && <span className="text-dim">{one.note}</span>}
          </li>
        ))}
      </ul>
      {approval.refusal && (
        <Notice tone="bad" className="mt-3">
          {say('lastTry', { why: `${approval.refusal.message} (${approval.refusal.code})` })}
        </Notice>
      )}
      {preview && (
        <div className="mt-3">
          <h3 className="mb-1.5 text-xs font-medium text-dim">{say('preview')}</h3>
          {preview.refusal && (
            <Notice tone="bad" className="mb-2">
              {say('wouldFail', { why: `${preview.refusal.message} (${preview.refusal.code})` })}
            </Notice>
          )}
          {preview.journals.map((journal, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: journals of a preview keep their places
            <JournalTable key={i} journal={journal} />
          ))}
          {preview.effects.length > 0 && (
            <ul className="list-disc space-y-0.5 pl-5">
              {preview.effects.map((effect) => (
                <li key={effect}>{effect}</li>
              ))}
            </ul>
          )}
          {!preview.refusal && preview.journals.length + preview.effects.length === 0 && (
            <p className="text-dim">{say('nothing')}</p>
          )}
        </div>
      )}
      <p className="mt-3 text-xs text-dim" title={say('hashAbout')}>
        {say('hash')} <Ident value={approval.hash} ends={8} />
      </p>
      {approval.status === 'open' && (
        <div className="mt-3 flex flex-wrap items-center gap-2">
          <Button small look="primary" disabled={!approval.may_check} onClick={() => setVerdict('approve')}>
            {say('approve')}
          </Button>
          <Button small look="danger" disabled={!approval.may_check} onClick={() => setVerdict('reject')}>
            {say('reject')}
          </Button>
          {approval.may_cancel && (
            <Button small look="quiet" onClick={() => setTakingBack(true)}>
              {say('takeBack')}
            </Button>
          )}
          <span className="text-xs text-dim">
            {approval.may_check ? say('keys') : (noWhy ?? <Checkers kind={approval.kind} />)}
          </span>
        </div>
      )}
      <ActSheet
        open={verdict !== undefined}
        onClose={() => setVerdict(undefined)}
        title={say(verdict === 'reject' ? 'rejectTitle' : 'approveTitle', { what: approval.title })}
        danger={verdict === 'reject'}
        consequence={
          <>
            <p>{approval.description}</p>
            <p className="mt-1 font-medium">
              {verdict === 'reject' ? say('ends') : more > 0 ? say('counts', { more }) : say('applies')}
            </p>
          </>
        }
        {...(verdict === 'approve' && word !== undefined ? { word } : {})}
        reasons={
          verdict === 'reject'
            ? canned.map(({ code, tells }) => ({ label: tells[lang].slice(0, 40), text: `${code}: ${tells[lang]}` }))
            : [say('looksRight'), say('knownCustomer')].map((text) => ({ label: text, text }))
        }
        submit={say(verdict === 'reject' ? 'reject' : 'approve')}
        said={say(verdict === 'reject' ? 'refusedIt' : 'agreed')}
        act={check}
      />
      <ActSheet
        open={isTakingBack}
        onClose={() => setTakingBack(false)}
        title={say('takeBack')}
        consequence={say('takeBackAbout')}
        noReason
        submit={say('takeBack')}
        said={say('tookBack')}
        act={() => ask('POST /approvals/{id}/cancel', { path: { id: approval.id }, body: {} })}
      />
    </div>
  )
}

function Checkers({ kind }: { kind: string }) {
  const say = useApprovalWords()
  const { data } = useAsk('GET /approval-kinds')
  const roles = data?.find((one) => one.kind === kind)?.checkers.join(', ') ?? ''
  return <>{say('noRole', { roles })}</>
}
