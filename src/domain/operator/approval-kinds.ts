// The list of what approvals can be of. A new kind is one line here (see approval-kind.ts); the console's routes, queue and
// matrix of roles follow from it. Must stay true: a name never changes its meaning, as old approvals carry it for ever.

import type { ApprovalKind } from './approval-kind.ts'

export const approvalKinds: readonly ApprovalKind[] = []
