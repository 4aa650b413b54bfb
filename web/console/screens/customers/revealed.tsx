// Contacts in clear, where an approval of one's own allows it: once, for a quarter of an hour, and gone with the page.

import { useState } from 'react'
import { texts } from '../../../kit/language.ts'
import { Button } from '../../../kit/ui/button.tsx'
import { Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { ask, type Data, useAsk } from '../../api/ask.ts'

const useRevealWords = texts('console reveal', {
  allowed: ['您的申请已获准。只能查看一次,15 分钟内有效。', 'You may see the contacts: once, within 15 minutes.'],
  see: ['查看', 'See them'],
})

export function Revealed({ person }: { person: string }) {
  const say = useRevealWords()
  const [seen, setSeen] = useState<Data<'POST /approvals/{id}/reveal'>>()
  const [problem, setProblem] = useState<unknown>()
  const query = { kind: 'reveal', status: 'applied', mine: 'true', size: '20' } as const
  const { data } = useAsk('GET /approvals', { query })
  const approval = data?.items.find(({ payload }) => (payload as { person?: string }).person === person)
  if (seen)
    return (
      <Notice tone="warn" className="mt-2">
        {[seen.email, seen.mobile].filter(Boolean).join(' · ')}
      </Notice>
    )
  const isFresh = approval?.closed_at && Date.now() - Date.parse(approval.closed_at) < 15 * 60_000
  if (!approval || !isFresh) return null
  return (
    <Notice
      tone="info"
      className="mt-2"
      action={
        <Button
          small
          onClick={() =>
            void ask('POST /approvals/{id}/reveal', { path: { id: approval.id }, body: {} })
              .then(setSeen)
              .catch(setProblem)
          }
        >
          {say('see')}
        </Button>
      }
    >
      {say('allowed')}
      {problem !== undefined && <Problem error={problem} className="mt-2" />}
    </Notice>
  )
}
