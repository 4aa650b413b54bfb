// `unipay operator …`: how the first operators come, and how one who lost access gets it back. Whoever has a shell of the
// installation is trusted with this; everything else operators do to each other in the console, two of them at a time.
// Must stay true: an invitation's code is shown once, here, and is in no log.

import { type Command, InvalidArgumentError } from 'commander'
import type { Bank } from '../../domain/context.ts'
import {
  disableFromShell,
  type Invitation,
  inviteOperator,
  type OperatorView,
  operators,
  reinviteOperator,
} from '../../domain/operator/operator.ts'
import { type Role, roles } from '../../domain/operator/role.ts'
import { columns, type Outcome, onKeyedBank, WrongUsage } from './command.ts'

const readRoles = (text: string): Role[] =>
  text.split(',').map((word) => {
    const role = roles.find((one) => one === word.trim())
    if (!role) throw new InvalidArgumentError(`Roles are ${roles.join(', ')}.`)
    return role
  })

export function define(operator: Command): void {
  operator
    .command('invite <email>')
    .description('invites an operator, who sets a password and a second factor with the code that is shown')
    .option('--name <name>', 'what colleagues call them')
    .option('--roles <roles>', `with commas between: ${roles.join(', ')}`, readRoles)
    .option('--again', 'one who is there already and lost access; the roles stay')
    .addHelpText(
      'after',
      '\nExamples:\n  unipay operator invite ann@example.com --name Ann --roles admin\n  unipay operator invite ann@example.com --again',
    )
    .action(
      onKeyedBank<{ name?: string; roles?: Role[]; again?: true }>(
        async ({ bank, bookId }, [email = ''], { name, roles: wanted, again }) => {
          requireDefaultBook(bank, bookId)
          if (again) return invited(await reinviteOperator(bank, email), email)
          if (!name || !wanted) throw new WrongUsage('a new operator needs --name and --roles')
          return invited(await inviteOperator(bank, { email, name, roles: wanted }), email)
        },
      ),
    )

  operator
    .command('list')
    .description('who works for the house')
    .action(
      onKeyedBank(async ({ bank, bookId }) => {
        const all = await operators(bank, bookId)
        const rows = all.map(({ id, email, name, roles: own, status, createdAt }) => [
          id,
          email,
          name,
          own.join(',') || 'no role',
          status,
          createdAt.toISOString(),
        ])
        return { data: { operators: all }, text: all.length === 0 ? 'nobody yet' : columns(rows) }
      }),
    )

  operator
    .command('disable <email-or-id> <reason>')
    .description('ends an operator’s access at once; a new invitation gives it back')
    .action(
      onKeyedBank(async ({ bank, bookId, by }, [whom = '', reason = '']) => {
        const { id, email } = await findOperator(bank, bookId, whom)
        await disableFromShell(bank, bookId, id, `${by}, from a shell: ${reason}`)
        return { data: { operator: id, email, status: 'disabled' }, text: `${email} has no access any more` }
      }),
    )
}

/** Invitations from a shell are for the book that new customers belong to. */
function requireDefaultBook({ config }: Bank, bookId: number): void {
  if (bookId !== config.DEFAULT_BOOK) throw new WrongUsage(`operators of book ${bookId}: set DEFAULT_BOOK=${bookId}`)
}

function invited({ operatorId, code, until }: Invitation, email: string): Outcome {
  const text = `${email} is invited until ${until.toISOString()}\ncode  ${code}\n\nIt is shown this once; who has it becomes the operator.`
  return { data: { operator: operatorId, email, code, until }, text }
}

async function findOperator(bank: Bank, bookId: number, whom: string): Promise<OperatorView> {
  const all = await operators(bank, bookId)
  const found = all.find(({ id, email }) => id === whom || email === whom.trim().toLowerCase())
  if (!found) throw new WrongUsage(`there is no operator ${whom}; see "unipay operator list"`)
  return found
}
