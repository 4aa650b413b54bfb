// Proof of reserves: what the bank owes and holds, and that one's own balance is in the sum, reckoned here in the browser.
// Must stay true: the proof is checked by the published verifier against the published root; the server's word is not taken.

import { ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { ProofError, type Verified, verifyReserveProof } from '../../../../sdk/reserves.js'
import { isRefusal } from '../../../kit/api/http.ts'
import { api } from '../../../kit/api/session.ts'
import { useApi } from '../../../kit/api/use-api.ts'
import { texts } from '../../../kit/language.ts'
import { unitsText } from '../../../kit/money.ts'
import { instantText } from '../../../kit/time.ts'
import { Amount } from '../../../kit/ui/amount.tsx'
import { Button } from '../../../kit/ui/button.tsx'
import { CopyRow } from '../../../kit/ui/copy.tsx'
import { Empty, Facts, Section } from '../../../kit/ui/list.tsx'
import { Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { Screen } from '../../frame/screen.tsx'

const useWords = texts('reserves', {
  title: ['储备金证明', 'Proof of reserves'],
  about: [
    '银行欠客户多少、持有多少,以及您的余额是否计入其中。',
    'What the bank owes its customers, what it holds, and that your balance is in the sum.',
  ],
  none: ['还没有快照', 'No snapshot yet'],
  noneAbout: ['快照会定期生成。', 'They are made regularly.'],
  owed: ['客户余额合计', 'Owed to customers'],
  held: ['持有', 'Held'],
  taken: ['快照时间', 'Taken'],
  people: ['计入账户', 'Accounts in it'],
  root: ['根哈希', 'Root'],
  check: ['验证我的余额', 'Check my balance'],
  checkAbout: ['在本机浏览器中计算,不依赖服务器的说法。', "Reckoned in this browser; the server's word is not taken."],
  right: ['您的余额已计入', 'Your balance is in the sum'],
  rightAbout: [
    '快照时您的余额为 {{amount}} USDT,与公布的根哈希一致。',
    'It was {{amount}} USDT, and leads to the published root.',
  ],
  absent: [
    '该快照生成时您还没有余额,下一次快照会包含您。',
    'You had no balance when this snapshot was taken. The next one will have you in it.',
  ],
  wrong: ['验证未通过', 'The proof does not hold'],
})

export function ReservesScreen() {
  const say = useWords()
  const snapshots = useApi('GET /api/reserves', { query: { size: '1' } })
  const latest = snapshots.data?.items[0]
  const [verified, setVerified] = useState<Verified | string>()
  const { busy, error, run } = useAction()
  const check = () =>
    run(async () => {
      if (!latest) return
      const proof = await api('GET /api/reserves/proof', { query: { snapshot: latest.id } })
      try {
        setVerified(verifyReserveProof(proof, { id: latest.id, at: latest.at, size: latest.size, root: latest.root }))
      } catch (refused) {
        if (!(refused instanceof ProofError)) throw refused
        setVerified(refused.message)
      }
    })
  return (
    <Screen title={say('title')} back="/app/me">
      <p className="text-dim">{say('about')}</p>
      {latest ? (
        <>
          {latest.assets.map(({ asset, liabilities, holdings }) => (
            <Section key={asset} title={asset}>
              <Facts
                facts={[
                  { label: say('owed'), value: <Amount value={liabilities} unit={asset} always /> },
                  { label: say('held'), value: <Amount value={holdings} unit={asset} always />, strong: true },
                ]}
              />
            </Section>
          ))}
          <Facts
            className="mt-4"
            facts={[
              { label: say('taken'), value: instantText(latest.at) },
              { label: say('people'), value: <span className="figures">{latest.size}</span> },
            ]}
          />
          <p className="mt-3 mb-1 text-sm text-dim">{say('root')}</p>
          <CopyRow text={latest.root}>
            <code className="font-mono text-xs">{latest.root}</code>
          </CopyRow>
          <div aria-live="polite" className="mt-5">
            {typeof verified === 'string' && (
              <Notice tone="bad" title={say('wrong')}>
                {verified}
              </Notice>
            )}
            {typeof verified === 'object' && (
              <Notice tone="good" title={say('right')}>
                {say('rightAbout', { amount: unitsText(verified.balances.USDT ?? 0n) })}
              </Notice>
            )}
          </div>
          {isRefusal(error, 'NotFound') ? <Notice>{say('absent')}</Notice> : <Problem error={error} className="mt-3" />}
          <Button
            look="primary"
            wide
            busy={busy}
            className="mt-4"
            icon={<ShieldCheck aria-hidden className="size-5" />}
            onClick={() => void check()}
          >
            {say('check')}
          </Button>
          <p className="mt-2 text-center text-sm text-dim">{say('checkAbout')}</p>
        </>
      ) : snapshots.isPending ? (
        <SkeletonRows />
      ) : snapshots.error ? (
        <Problem error={snapshots.error} onRetry={() => void snapshots.refetch()} />
      ) : (
        <Empty title={say('none')}>{say('noneAbout')}</Empty>
      )}
    </Screen>
  )
}
