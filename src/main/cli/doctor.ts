// `unipay doctor`: looks at everything that an installation needs and says of each whether it is well, and what to do
// next where it is not.
// Must stay true: it changes nothing; a part that does not answer is a line like any other and keeps no other part from
// being looked at; nothing secret is printed.

import type { Command } from 'commander'
import { columns, type Outcome, onConfig, type Shell } from './command.ts'
import { configurationFindings, databaseFindings } from './doctor-database.ts'
import type { Finding } from './doctor-finding.ts'
import { networkFindings } from './doctor-networks.ts'

const marks = { ok: '✓', warn: '!', fail: '✗' } as const

export function define(doctor: Command): void {
  doctor.addHelpText('after', '\nExamples:\n  unipay doctor\n  unipay doctor --json').action(onConfig(examine))
}

async function examine(shell: Shell): Promise<Outcome> {
  const findings = [...configurationFindings(shell)]
  shell.now('asking the database')
  const { findings: found, bank, close } = await databaseFindings(shell)
  findings.push(...found)
  try {
    shell.now('asking the chains')
    findings.push(...(await networkFindings(shell, bank)))
  } finally {
    await close()
  }
  const count = (status: Finding['status']) => findings.filter((finding) => finding.status === status).length
  const failed = count('fail')
  const rows = findings.flatMap(({ part, status, says, next }) => [
    [`${marks[status]} ${part}`, says],
    ...(next === undefined ? [] : [['', `→ ${next}`]]),
  ])
  const verdict =
    failed > 0
      ? `${failed} of ${findings.length} are not well.`
      : count('warn') > 0
        ? `Nothing is broken; ${count('warn')} should be looked at.`
        : 'All is well.'
  return {
    found: failed > 0,
    data: { healthy: failed === 0, findings },
    text: `${columns(rows)}\n\n${verdict}`,
  }
}
